"""registers"""

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('content',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_content'))
    )
    op.create_table('demo_growth',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seed', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('size', sa.Text(), nullable=False),
    sa.Column('begins_at', Instant(), nullable=False),
    sa.Column('until', Instant(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('is_done', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demo_growth')),
    sqlite_autoincrement=True
    )
    op.create_table('chunk',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['sha256'], ['content.sha256'], name=op.f('fk_chunk_sha256_content')),
    sa.PrimaryKeyConstraint('sha256', 'n', name=op.f('pk_chunk'))
    )
    op.create_table('file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('secrecy', sa.Enum('open', 'internal', 'sec', name='secrecy', native_enum=False, length=40), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('task_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('removed_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_file_by_id_person')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_file_case_id_case')),
    sa.ForeignKeyConstraint(['sha256'], ['content.sha256'], name=op.f('fk_file_sha256_content')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_file_task_id_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('file', schema=None) as batch_op:
        batch_op.create_index('ix_file_case_id_name', ['case_id', 'name'], unique=False)
        batch_op.create_index(batch_op.f('ix_file_sha256'), ['sha256'], unique=False)

    op.create_table('document',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('template_version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('dnr', sa.Text(), nullable=True),
    sa.Column('marking', sa.Text(), nullable=False),
    sa.Column('says', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('docx_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('pdf_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_document_by_id_person')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_document_case_id_case')),
    sa.ForeignKeyConstraint(['docx_id'], ['file.id'], name=op.f('fk_document_docx_id_file')),
    sa.ForeignKeyConstraint(['pdf_id'], ['file.id'], name=op.f('fk_document_pdf_id_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('case_id', 'kind', 'version', name=op.f('uq_document_case_id_kind_version')),
    sqlite_autoincrement=True
    )
    op.create_table('template',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('version', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name_sv', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('focus_area', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('makes', sa.Text(), nullable=True),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_template_by_id_person')),
    sa.ForeignKeyConstraint(['file_id'], ['file.id'], name=op.f('fk_template_file_id_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_template')),
    sa.UniqueConstraint('code', 'version', name=op.f('uq_template_code_version')),
    sqlite_autoincrement=True
    )
    op.create_table('reading',
    sa.Column('template_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_reading_person_id_person')),
    sa.ForeignKeyConstraint(['template_id'], ['template.id'], name=op.f('fk_reading_template_id_template')),
    sa.PrimaryKeyConstraint('template_id', 'person_id', name=op.f('pk_reading'))
    )


def downgrade() -> None:
    op.drop_table('reading')
    op.drop_table('template')
    op.drop_table('document')
    with op.batch_alter_table('file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_file_sha256'))
        batch_op.drop_index('ix_file_case_id_name')

    op.drop_table('file')
    op.drop_table('chunk')
    op.drop_table('demo_growth')
    op.drop_table('content')
