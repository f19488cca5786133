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

    op.create_table('seal',
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('chains', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('events', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('root', sa.Text(), nullable=False),
    sa.Column('previous', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('next_key', sa.Text(), nullable=True),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('n', name=op.f('pk_seal'))
    )
    op.create_table('start_plan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('word', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_start_plan')),
    sqlite_autoincrement=True
    )
    op.create_table('seal_leaf',
    sa.Column('chain', sa.Text(), nullable=False),
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seal', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['seal'], ['seal.n'], name=op.f('fk_seal_leaf_seal_seal')),
    sa.PrimaryKeyConstraint('chain', 'n', name=op.f('pk_seal_leaf'))
    )
    with op.batch_alter_table('seal_leaf', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seal_leaf_seal'), ['seal'], unique=False)

    op.create_table('migration',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mappings', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('applied_at', Instant(), nullable=True),
    sa.Column('applied_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('reverted_at', Instant(), nullable=True),
    sa.Column('reverted_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['applied_by_id'], ['person.id'], name=op.f('fk_migration_applied_by_id_person')),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_migration_made_by_id_person')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_migration_process_id_process')),
    sa.ForeignKeyConstraint(['reverted_by_id'], ['person.id'], name=op.f('fk_migration_reverted_by_id_person')),
    sa.ForeignKeyConstraint(['version_id'], ['version.id'], name=op.f('fk_migration_version_id_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_migration')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('migration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_migration_process_id'), ['process_id'], unique=False)

    op.create_table('migration_case',
    sa.Column('migration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('old_version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('verdict', sa.Enum('follows', 'mapped', 'cannot', name='verdict', native_enum=False, length=40), nullable=False),
    sa.Column('told', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('fate', sa.Enum('prepared', 'waiting', 'moved', 'outdated', 'returning', 'returned', 'kept', name='fate', native_enum=False, length=40), nullable=False),
    sa.Column('due_at', Instant(), nullable=True),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_migration_case_case_id_case')),
    sa.ForeignKeyConstraint(['migration_id'], ['migration.id'], name=op.f('fk_migration_case_migration_id_migration')),
    sa.ForeignKeyConstraint(['old_version_id'], ['version.id'], name=op.f('fk_migration_case_old_version_id_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_migration_case')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('migration_case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_migration_case_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_migration_case_due_at', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
        batch_op.create_index('ix_migration_case_migration_id_fate', ['migration_id', 'fate'], unique=False)

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

    op.create_table('wait',
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('wait_id', sa.Text(), nullable=False),
    sa.Column('element', sa.Text(), nullable=False),
    sa.Column('kind', sa.Enum('message', 'signal', 'start', 'call', 'return', 'escalation', 'cancel', name='sent', native_enum=False, length=40), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('opened_at', Instant(), nullable=False),
    sa.Column('looked_at', Instant(), nullable=True),
    sa.Column('closed_at', Instant(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_wait_case_id_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wait')),
    sa.UniqueConstraint('case_id', 'wait_id', name=op.f('uq_wait_case_id_wait_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('wait', schema=None) as batch_op:
        batch_op.create_index('ix_wait_name_key', ['name', 'key', 'kind'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('ix_wait_opened_at', ['opened_at'], unique=False, sqlite_where=sa.text('looked_at IS NULL'), postgresql_where=sa.text('looked_at IS NULL'))

    op.create_table('message',
    sa.Column('kind', sa.Enum('message', 'signal', 'start', 'call', 'return', 'escalation', 'cancel', name='sent', native_enum=False, length=40), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('secrecy', sa.Enum('open', 'internal', 'sec', name='secrecy', native_enum=False, length=40), nullable=False),
    sa.Column('from_case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('element', sa.Text(), nullable=True),
    sa.Column('sent_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('to_case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('to_wait_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sent_at', Instant(), nullable=False),
    sa.Column('due_at', Instant(), nullable=True),
    sa.Column('expires_at', Instant(), nullable=True),
    sa.Column('closed_at', Instant(), nullable=True),
    sa.Column('outcome', sa.Enum('delivered', 'expired', 'missed', 'refused', name='outcome', native_enum=False, length=40), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['from_case_id'], ['case.id'], name=op.f('fk_message_from_case_id_case')),
    sa.ForeignKeyConstraint(['sent_by_id'], ['person.id'], name=op.f('fk_message_sent_by_id_person')),
    sa.ForeignKeyConstraint(['to_case_id'], ['case.id'], name=op.f('fk_message_to_case_id_case')),
    sa.ForeignKeyConstraint(['to_wait_id'], ['wait.id'], name=op.f('fk_message_to_wait_id_wait')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_message_unit_id_unit')),
    sa.ForeignKeyConstraint(['version_id'], ['version.id'], name=op.f('fk_message_version_id_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('to_wait_id', name=op.f('uq_message_to_wait_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_due_at', ['due_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('ix_message_expires_at', ['expires_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_message_from_case_id'), ['from_case_id'], unique=False)
        batch_op.create_index('ix_message_name_key', ['name', 'key'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_message_to_case_id'), ['to_case_id'], unique=False)
        batch_op.create_index('uq_message_call', ['from_case_id', 'kind', 'key'], unique=True, sqlite_where=sa.text("kind IN ('call', 'return', 'cancel')"), postgresql_where=sa.text("kind IN ('call', 'return', 'cancel')"))

    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('error', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('retry_at', Instant(), nullable=True))

    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('caller_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('caller_call', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('command', sa.Text(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f('uq_case_caller_id_caller_call'), ['caller_id', 'caller_call'])
        batch_op.create_foreign_key(batch_op.f('fk_case_caller_id_case'), 'case', ['caller_id'], ['id'])

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
        batch_op.add_column(sa.Column('held_at', Instant(), nullable=True))
        batch_op.add_column(sa.Column('error', sa.Text(), nullable=True))
        batch_op.drop_index(batch_op.f('ix_timer_fired_at_due_at'))
        batch_op.create_index('ix_timer_due_at', ['due_at'], unique=False, sqlite_where=sa.text('fired_at IS NULL AND closed_at IS NULL'), postgresql_where=sa.text('fired_at IS NULL AND closed_at IS NULL'))



def downgrade() -> None:
    with op.batch_alter_table('timer', schema=None) as batch_op:
        batch_op.drop_index('ix_timer_due_at', sqlite_where=sa.text('fired_at IS NULL AND closed_at IS NULL'), postgresql_where=sa.text('fired_at IS NULL AND closed_at IS NULL'))
        batch_op.create_index(batch_op.f('ix_timer_fired_at_due_at'), ['fired_at', 'due_at'], unique=False)
        batch_op.drop_column('error')
        batch_op.drop_column('held_at')
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
        batch_op.drop_constraint(batch_op.f('fk_case_caller_id_case'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_case_caller_id_caller_call'), type_='unique')
        batch_op.drop_column('command')
        batch_op.drop_column('caller_call')
        batch_op.drop_column('caller_id')

    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_column('retry_at')
        batch_op.drop_column('error')
        batch_op.drop_column('attempts')

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('uq_message_call', sqlite_where=sa.text("kind IN ('call', 'return', 'cancel')"), postgresql_where=sa.text("kind IN ('call', 'return', 'cancel')"))
        batch_op.drop_index(batch_op.f('ix_message_to_case_id'))
        batch_op.drop_index('ix_message_name_key', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_message_from_case_id'))
        batch_op.drop_index('ix_message_expires_at', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index('ix_message_due_at', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.drop_table('message')
    with op.batch_alter_table('wait', schema=None) as batch_op:
        batch_op.drop_index('ix_wait_opened_at', sqlite_where=sa.text('looked_at IS NULL'), postgresql_where=sa.text('looked_at IS NULL'))
        batch_op.drop_index('ix_wait_name_key', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.drop_table('wait')
    with op.batch_alter_table('planned_start', schema=None) as batch_op:
        batch_op.drop_index('ix_planned_start_due_at', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.drop_table('planned_start')
    with op.batch_alter_table('migration_case', schema=None) as batch_op:
        batch_op.drop_index('ix_migration_case_migration_id_fate')
        batch_op.drop_index('ix_migration_case_due_at', sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_migration_case_case_id'))

    op.drop_table('migration_case')
    with op.batch_alter_table('migration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_migration_process_id'))

    op.drop_table('migration')
    with op.batch_alter_table('seal_leaf', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_seal_leaf_seal'))

    op.drop_table('seal_leaf')
    op.drop_table('start_plan')
    op.drop_table('seal')
    with op.batch_alter_table('clock_run', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_clock_run_last_at'))

    op.drop_table('clock_run')
