"""engine and clock"""

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clock_run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('began_at', Instant(), nullable=False),
    sa.Column('last_at', Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock_run')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('clock_run', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clock_run_last_at'), ['last_at'], unique=False)

    op.create_table('start_plan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('word', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_start_plan')),
    sqlite_autoincrement=True
    )
    op.create_table('planned_start',
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('occasion', sa.Text(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('due_at', Instant(), nullable=True),
    sa.Column('because', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'started', 'passed', 'asking', 'dropped', name='startstate', native_enum=False, length=40), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_planned_start_case_id_case')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_planned_start_process_id_process')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_planned_start_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_planned_start')),
    sa.UniqueConstraint('process_id', 'unit_id', 'year', 'occasion', name=op.f('uq_planned_start_process_id_unit_id_year_occasion')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('planned_start', schema=None) as batch_op:
        batch_op.create_index('ix_planned_start_due_at', ['due_at'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('error', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('retry_at', Instant(), nullable=True))

    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('command', sa.Text(), nullable=True))

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

    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claimed_for_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('given_from', sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_task_claimed_for_id_person'), 'person', ['claimed_for_id'], ['id'])

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

    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_task_claimed_for_id_person'), type_='foreignkey')
        batch_op.drop_column('given_from')
        batch_op.drop_column('claimed_for_id')

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

    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_column('command')

    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_column('retry_at')
        batch_op.drop_column('error')
        batch_op.drop_column('attempts')

    with op.batch_alter_table('planned_start', schema=None) as batch_op:
        batch_op.drop_index('ix_planned_start_due_at', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.drop_table('planned_start')
    op.drop_table('start_plan')
    with op.batch_alter_table('clock_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_clock_run_last_at'))

    op.drop_table('clock_run')
