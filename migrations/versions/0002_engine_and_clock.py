"""engine and clock"""

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('error', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('retry_at', Instant(), nullable=True))

    with op.batch_alter_table('deputy', schema=None) as batch_op:
        batch_op.add_column(sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_deputy_process_id_process'), 'process', ['process_id'], ['id'])

    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.add_column(sa.Column('decider', sa.Text(), server_default='director', nullable=False))
        batch_op.add_column(sa.Column('decider_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_extension_decider_unit_id_unit'), 'unit', ['decider_unit_id'], ['id'])

    with op.batch_alter_table('replanning_move', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('error', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('retry_at', Instant(), nullable=True))

    with op.batch_alter_table('task_call', schema=None) as batch_op:
        batch_op.add_column(sa.Column('error', sa.Text(), nullable=True))

    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('opened_at', Instant(), nullable=True))
        batch_op.add_column(sa.Column('item', sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column('error', sa.Text(), nullable=True))
        batch_op.drop_index(batch_op.f('ix_timer_fired_at_due_at'))
        batch_op.create_index('ix_timer_due_at', ['due_at'], unique=False, sqlite_where=sa.text('fired_at IS NULL AND closed_at IS NULL'), postgresql_where=sa.text('fired_at IS NULL AND closed_at IS NULL'))



def downgrade() -> None:
    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.drop_index('ix_timer_due_at', sqlite_where=sa.text('fired_at IS NULL AND closed_at IS NULL'), postgresql_where=sa.text('fired_at IS NULL AND closed_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_timer_fired_at_due_at'), ['fired_at', 'due_at'], unique=False)
        batch_op.drop_column('error')
        batch_op.drop_column('item')
        batch_op.drop_column('opened_at')

    with op.batch_alter_table('task_call', schema=None) as batch_op:
        batch_op.drop_column('error')

    with op.batch_alter_table('replanning_move', schema=None) as batch_op:
        batch_op.drop_column('retry_at')
        batch_op.drop_column('error')
        batch_op.drop_column('attempts')

    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_extension_decider_unit_id_unit'), type_='foreignkey')
        batch_op.drop_column('decider_unit_id')
        batch_op.drop_column('decider')

    with op.batch_alter_table('deputy', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_deputy_process_id_process'), type_='foreignkey')
        batch_op.drop_column('process_id')

    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_column('retry_at')
        batch_op.drop_column('error')
        batch_op.drop_column('attempts')

