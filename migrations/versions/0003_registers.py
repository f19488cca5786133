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
    op.create_table('register_mapping',
    sa.Column('register', sa.Text(), nullable=False),
    sa.Column('mapping', sa.JSON(none_as_null=True), nullable=False),
    sa.PrimaryKeyConstraint('register', name=op.f('pk_register_mapping'))
    )
    op.create_table('chunk',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['sha256'], ['content.sha256'], name=op.f('fk_chunk_sha256_content')),
    sa.PrimaryKeyConstraint('sha256', 'n', name=op.f('pk_chunk'))
    )
    op.create_table('form_level',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_form_level_process_id_process')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_form_level_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_form_level')),
    sa.UniqueConstraint('unit_id', 'process_id', name=op.f('uq_form_level_unit_id_process_id')),
    sqlite_autoincrement=True
    )
    op.create_table('register_import',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('register', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('header', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('rows', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('mapping', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('count', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('applied_at', Instant(), nullable=True),
    sa.Column('undone_at', Instant(), nullable=True),
    sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_register_import_by_id_person')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_register_import_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_import')),
    sqlite_autoincrement=True
    )
    op.create_table('entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('register', sa.Text(), nullable=False),
    sa.Column('identity', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'approved', 'superseded', 'withdrawn', 'ended', name='entrystate', native_enum=False, length=40), nullable=False),
    sa.Column('level', sa.Enum('open', 'internal', 'sec', name='secrecy', native_enum=False, length=40), nullable=False),
    sa.Column('is_secret', sa.Boolean(), nullable=False),
    sa.Column('secrecy', sa.Enum('open', 'unassessed', '18:13', '15:2', 'other', name='marking', native_enum=False, length=40), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sort_key', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('owner_key', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('data', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('base_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('source', sa.Enum('case', 'import', 'hand', name='source', native_enum=False, length=40), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('element', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('import_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('approved_at', Instant(), nullable=True),
    sa.Column('closed_at', Instant(), nullable=True),
    sa.Column('confirmed_year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('confirmed_case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('verdict', sa.Enum('kept', 'dropped', name='verdict', native_enum=False, length=40), nullable=True),
    sa.Column('verdict_case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('lowering', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['base_id'], ['entry.id'], name=op.f('fk_entry_base_id_entry')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_entry_case_id_case')),
    sa.ForeignKeyConstraint(['confirmed_case_id'], ['case.id'], name=op.f('fk_entry_confirmed_case_id_case')),
    sa.ForeignKeyConstraint(['import_id'], ['register_import.id'], name=op.f('fk_entry_import_id_register_import')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_entry_process_id_process')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_entry_unit_id_unit')),
    sa.ForeignKeyConstraint(['verdict_case_id'], ['case.id'], name=op.f('fk_entry_verdict_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entry')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_entry_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_confirmed_case_id'), ['confirmed_case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_identity'), ['identity'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_import_id'), ['import_id'], unique=False)
        batch_op.create_index('ix_entry_register_due_on', ['register', 'state', 'due_on', 'id'], unique=False)
        batch_op.create_index('ix_entry_register_sort_key', ['register', 'state', 'sort_key', 'id'], unique=False)
        batch_op.create_index('ix_entry_register_unit_id', ['register', 'unit_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_entry_verdict_case_id'), ['verdict_case_id'], unique=False)
        batch_op.create_index('uq_entry_identity_approved', ['identity'], unique=True, sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))
        batch_op.create_index('uq_entry_identity_number', ['identity', 'number'], unique=True, sqlite_where=sa.text('number IS NOT NULL'), postgresql_where=sa.text('number IS NOT NULL'))
        batch_op.create_index('uq_entry_register_approved', ['register', 'unit_id', 'key', 'is_secret'], unique=True, sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))

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
    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_index('uq_entry_register_approved', sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))
        batch_op.drop_index('uq_entry_identity_number', sqlite_where=sa.text('number IS NOT NULL'), postgresql_where=sa.text('number IS NOT NULL'))
        batch_op.drop_index('uq_entry_identity_approved', sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))
        batch_op.drop_index(batch_op.f('ix_entry_verdict_case_id'))
        batch_op.drop_index('ix_entry_register_unit_id')
        batch_op.drop_index('ix_entry_register_sort_key')
        batch_op.drop_index('ix_entry_register_due_on')
        batch_op.drop_index(batch_op.f('ix_entry_import_id'))
        batch_op.drop_index(batch_op.f('ix_entry_identity'))
        batch_op.drop_index(batch_op.f('ix_entry_confirmed_case_id'))
        batch_op.drop_index(batch_op.f('ix_entry_case_id'))

    op.drop_table('entry')
    op.drop_table('register_import')
    op.drop_table('form_level')
    op.drop_table('chunk')
    op.drop_table('register_mapping')
    op.drop_table('demo_growth')
    op.drop_table('content')
