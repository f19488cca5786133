"""engine and clock"""

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('deputy', schema=None) as batch_op:
        batch_op.add_column(sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_deputy_process_id_process'), 'process', ['process_id'], ['id'])

    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.add_column(sa.Column('decider', sa.Text(), server_default='director', nullable=False))
        batch_op.add_column(sa.Column('decider_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_extension_decider_unit_id_unit'), 'unit', ['decider_unit_id'], ['id'])

    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('opened_at', Instant(), nullable=True))
        batch_op.add_column(sa.Column('item', sa.JSON(none_as_null=True), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.drop_column('item')
        batch_op.drop_column('opened_at')

    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_extension_decider_unit_id_unit'), type_='foreignkey')
        batch_op.drop_column('decider_unit_id')
        batch_op.drop_column('decider')

    with op.batch_alter_table('deputy', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_deputy_process_id_process'), type_='foreignkey')
        batch_op.drop_column('process_id')

