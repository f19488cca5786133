"""workplace"""

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('search_row',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('thing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('secrecy', sa.Enum('open', 'internal', 'sec', name='secrecy', native_enum=False, length=40), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_search_row_process_id_process')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_search_row_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_row')),
    sa.UniqueConstraint('kind', 'thing_id', name=op.f('uq_search_row_kind_thing_id')),
    sqlite_autoincrement=True
    )
    op.create_table('saved_filter',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_saved_filter_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_filter')),
    sa.UniqueConstraint('person_id', 'name', name=op.f('uq_saved_filter_person_id_name')),
    sqlite_autoincrement=True
    )
    op.create_table('comment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('element', sa.Text(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('mentions', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('withdrawn_at', Instant(), nullable=True),
    sa.Column('withdrawn_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_comment_by_id_person')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_comment_case_id_case')),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['person.id'], name=op.f('fk_comment_withdrawn_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_comment_case_id'), ['case_id'], unique=False)

    op.create_table('approval',
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('task_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('element', sa.Text(), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('for_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('is_approving', sa.Boolean(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('steps', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('since', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('overtaken_at', Instant(), nullable=True),
    sa.Column('broken_at', Instant(), nullable=True),
    sa.Column('check_at', Instant(), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_approval_by_id_person')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_approval_case_id_case')),
    sa.ForeignKeyConstraint(['for_id'], ['person.id'], name=op.f('fk_approval_for_id_person')),
    sa.ForeignKeyConstraint(['task_id'], ['task.id'], name=op.f('fk_approval_task_id_task')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval')),
    sa.UniqueConstraint('task_id', name=op.f('uq_approval_task_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.create_index('ix_approval_case_id', ['case_id'], unique=False)
        batch_op.create_index('ix_approval_check_at', ['check_at'], unique=False, sqlite_where=sa.text('check_at IS NOT NULL'), postgresql_where=sa.text('check_at IS NOT NULL'))

    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.create_index('ix_case_year_process_id', ['year', 'process_id', 'state', 'secrecy', 'opened_at'], unique=False)

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
        batch_op.add_column(sa.Column('told_at', Instant(), nullable=True))
        batch_op.create_index('ix_entry_open_due_on', ['register', 'state', 'is_open', 'due_on', 'id', 'unit_id', 'level', 'secrecy', 'owner_id'], unique=False, sqlite_where=sa.text("state = 'approved' AND is_open = 1"), postgresql_where=sa.text("state = 'approved' AND is_open"))
        batch_op.create_index('ix_entry_open_sort_key', ['register', 'state', 'sort_key', 'id'], unique=False, sqlite_where=sa.text("state = 'approved' AND is_open = 1"), postgresql_where=sa.text("state = 'approved' AND is_open"))
        batch_op.create_index(batch_op.f('ix_entry_owner_id'), ['owner_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_entry_owner_id_person'), 'person', ['owner_id'], ['id'])

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('title', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('phone', sa.Text(), server_default='', nullable=False))

    with op.batch_alter_table('planned_start', schema=None) as batch_op:
        batch_op.create_index('ix_planned_start_year_unit_id', ['year', 'unit_id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    with op.batch_alter_table('promise', schema=None) as batch_op:
        batch_op.add_column(sa.Column('needs_help', sa.Boolean(), server_default=sa.text('(false)'), nullable=False))

    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_task_done_by_id'))
        batch_op.create_index('ix_task_done_by_id_closed_at', ['done_by_id', 'closed_at', 'case_id'], unique=False)
        batch_op.create_index('ix_task_handed_on', ['id'], unique=False, sqlite_where=sa.text('closed_at IS NULL AND given_from IS NOT NULL'), postgresql_where=sa.text('closed_at IS NULL AND given_from IS NOT NULL'))
        batch_op.create_index('ix_task_open_names', ['name_sv', 'name_en', 'secrecy', 'unit_id', 'process_id', 'assignee_id', 'due_at', 'case_id', 'closed_at'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.create_index('ix_task_open_process_id_due_at', ['process_id', 'due_at', 'secrecy', 'unit_id'], unique=False, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    with op.batch_alter_table('task_role', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_open', sa.Boolean(), server_default=sa.text('(true)'), nullable=False))
        batch_op.drop_index(batch_op.f('ix_task_role_role_unit_id'))
        batch_op.create_index('ix_task_role_open', ['role', 'unit_id', 'task_id', 'is_open'], unique=False, sqlite_where=sa.text('is_open = 1'), postgresql_where=sa.text('is_open'))


    # the index of words: no model says it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX search_text ON search_row USING gin (to_tsvector('simple', words))")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE search_text USING fts5(words, content='search_row',"
            " content_rowid='id', prefix='2 3', detail=none,"
            " tokenize='unicode61 remove_diacritics 0')"
        )
        op.execute(
            "CREATE TRIGGER search_row_added AFTER INSERT ON search_row BEGIN"
            " INSERT INTO search_text(rowid, words) VALUES (new.id, new.words); END"
        )
        op.execute(
            "CREATE TRIGGER search_row_removed AFTER DELETE ON search_row BEGIN"
            " INSERT INTO search_text(search_text, rowid, words)"
            " VALUES ('delete', old.id, old.words); END"
        )
    op.execute(
        "UPDATE task_role SET is_open = false"
        " WHERE task_id IN (SELECT id FROM task WHERE closed_at IS NOT NULL)"
    )



def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER search_row_added")
        op.execute("DROP TRIGGER search_row_removed")
        op.execute("DROP TABLE search_text")
    with op.batch_alter_table('task_role', schema=None) as batch_op:
        batch_op.drop_index('ix_task_role_open', sqlite_where=sa.text('is_open = 1'), postgresql_where=sa.text('is_open'))
        batch_op.create_index(batch_op.f('ix_task_role_role_unit_id'), ['role', 'unit_id', 'task_id'], unique=False)
        batch_op.drop_column('is_open')

    with op.batch_alter_table('task', schema=None) as batch_op:
        batch_op.drop_index('ix_task_open_process_id_due_at', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index('ix_task_open_names', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index('ix_task_handed_on', sqlite_where=sa.text('closed_at IS NULL AND given_from IS NOT NULL'), postgresql_where=sa.text('closed_at IS NULL AND given_from IS NOT NULL'))
        batch_op.drop_index('ix_task_done_by_id_closed_at')
        batch_op.create_index(batch_op.f('ix_task_done_by_id'), ['done_by_id'], unique=False)

    with op.batch_alter_table('promise', schema=None) as batch_op:
        batch_op.drop_column('needs_help')

    with op.batch_alter_table('planned_start', schema=None) as batch_op:
        batch_op.drop_index('ix_planned_start_year_unit_id', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('phone')
        batch_op.drop_column('title')

    with op.batch_alter_table('entry', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_entry_owner_id_person'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_entry_owner_id'))
        batch_op.drop_index('ix_entry_open_sort_key', sqlite_where=sa.text("state = 'approved' AND is_open = 1"), postgresql_where=sa.text("state = 'approved' AND is_open"))
        batch_op.drop_index('ix_entry_open_due_on', sqlite_where=sa.text("state = 'approved' AND is_open = 1"), postgresql_where=sa.text("state = 'approved' AND is_open"))
        batch_op.drop_column('told_at')
        batch_op.drop_column('owner_id')

    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_index('ix_case_year_process_id')

    with op.batch_alter_table('approval', schema=None) as batch_op:
        batch_op.drop_index('ix_approval_check_at', sqlite_where=sa.text('check_at IS NOT NULL'), postgresql_where=sa.text('check_at IS NOT NULL'))
        batch_op.drop_index('ix_approval_case_id')

    op.drop_table('approval')
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_comment_case_id'))

    op.drop_table('comment')
    op.drop_table('saved_filter')
    op.drop_table('search_row')
