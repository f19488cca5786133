"""finishing"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('exemption',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_exemption_process_id_process')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_exemption_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exemption')),
    sa.UniqueConstraint('unit_id', 'process_id', name=op.f('uq_exemption_unit_id_process_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_proposal_version_id'), type_='unique')
        batch_op.create_index(batch_op.f('ix_proposal_version_id'), ['version_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_version_id'))
        batch_op.create_unique_constraint(batch_op.f('uq_proposal_version_id'), ['version_id'])

    op.drop_table('exemption')
