"""record and workshop"""

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('record_check',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('asked_at', Instant(), nullable=False),
    sa.Column('anchors', sa.Text(), nullable=False),
    sa.Column('total', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seen_at', Instant(), nullable=False),
    sa.Column('done_at', Instant(), nullable=True),
    sa.Column('report', sa.JSON(none_as_null=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record_check')),
    sqlite_autoincrement=True
    )
    op.create_table('retention_rule',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('cases', 'papers', 'register', 'people', name='kind', native_enum=False, length=40), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('fate', sa.Enum('keep', 'purge', 'archive', name='fate', native_enum=False, length=40), nullable=False),
    sa.Column('years', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_rule')),
    sa.UniqueConstraint('kind', 'key', name=op.f('uq_retention_rule_kind_key')),
    sqlite_autoincrement=True
    )
    op.create_table('body_year',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('opened_at', Instant(), nullable=True),
    sa.Column('frozen_at', Instant(), nullable=True),
    sa.Column('sealed_at', Instant(), nullable=True),
    sa.Column('content_hash', sa.Text(), nullable=True),
    sa.Column('counts', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_body_year_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_body_year')),
    sa.UniqueConstraint('unit_id', 'year', name=op.f('uq_body_year_unit_id_year')),
    sqlite_autoincrement=True
    )
    op.create_table('year_switch',
    sa.Column('kind', sa.Enum('carry', 'merge', name='switchkind', native_enum=False, length=40), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=True),
    sa.Column('before', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('due_at', Instant(), nullable=True),
    sa.Column('applied_at', Instant(), nullable=True),
    sa.Column('undone_at', Instant(), nullable=True),
    sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_year_switch_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_year_switch')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('year_switch', schema=None) as batch_op:
        batch_op.create_index('ix_year_switch_due_at', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_year_switch_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('uq_year_switch_standing', ['kind', 'unit_id', 'year'], unique=True, sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))

    op.create_table('disposal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('count', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('approved_at', Instant(), nullable=True),
    sa.Column('approved_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('dropped_at', Instant(), nullable=True),
    sa.Column('receipt', sa.Text(), nullable=True),
    sa.Column('received_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['approved_by_id'], ['person.id'], name=op.f('fk_disposal_approved_by_id_person')),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_disposal_made_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disposal')),
    sqlite_autoincrement=True
    )
    op.create_table('impact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('content_hash', sa.Text(), nullable=False),
    sa.Column('total', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('done', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last_case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('found', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.Column('made_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_impact_made_by_id_person')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_impact_process_id_process')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_impact')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('impact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_impact_process_id'), ['process_id'], unique=False)

    op.create_table('mandate',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('unit_ids', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('process_ids', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('first_year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('last_year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sees_secret', sa.Boolean(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('given_at', Instant(), nullable=False),
    sa.Column('given_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ended_at', Instant(), nullable=True),
    sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['given_by_id'], ['person.id'], name=op.f('fk_mandate_given_by_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mandate_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mandate_person_id'), ['person_id'], unique=False)

    op.create_table('publisher',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_publisher_person_id_person')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_publisher_process_id_process')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publisher')),
    sa.UniqueConstraint('process_id', 'person_id', name=op.f('uq_publisher_process_id_person_id')),
    sqlite_autoincrement=True
    )
    op.create_table('role_handover',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('to_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('read_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['from_id'], ['person.id'], name=op.f('fk_role_handover_from_id_person')),
    sa.ForeignKeyConstraint(['to_id'], ['person.id'], name=op.f('fk_role_handover_to_id_person')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_role_handover_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_handover')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('role_handover', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_handover_from_id'), ['from_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_role_handover_to_id'), ['to_id'], unique=False)
        batch_op.create_index('ix_role_handover_unit_id_role', ['unit_id', 'role'], unique=False)

    op.create_table('sample',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('drawn_at', Instant(), nullable=False),
    sa.Column('of', sa.Enum('cases', 'decisions', 'approvals', name='of', native_enum=False, length=40), nullable=False),
    sa.Column('per', sa.Enum('all', 'unit', 'process', 'year', name='per', native_enum=False, length=40), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('size', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('moment', Instant(), nullable=False),
    sa.Column('population', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('shared_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_sample_by_id_person')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_sample_process_id_process')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_sample_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('sample', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sample_by_id'), ['by_id'], unique=False)

    op.create_table('workshop_sitting',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seen_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_workshop_sitting_person_id_person')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_workshop_sitting_process_id_process')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workshop_sitting')),
    sa.UniqueConstraint('process_id', 'person_id', name=op.f('uq_workshop_sitting_process_id_person_id')),
    sqlite_autoincrement=True
    )
    op.create_table('disposal_item',
    sa.Column('disposal_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('cases', 'papers', 'register', 'people', name='kind', native_enum=False, length=40), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('fate', sa.Enum('keep', 'purge', 'archive', name='fate', native_enum=False, length=40), nullable=False),
    sa.Column('thing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('closed_at', Instant(), nullable=False),
    sa.Column('due_at', Instant(), nullable=True),
    sa.Column('outcome', sa.Enum('purged', 'held', 'gone', name='outcome', native_enum=False, length=40), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['disposal_id'], ['disposal.id'], name=op.f('fk_disposal_item_disposal_id_disposal')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_disposal_item_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disposal_item')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('disposal_item', schema=None) as batch_op:
        batch_op.create_index('ix_disposal_item_disposal_id_kind', ['disposal_id', 'kind'], unique=False)
        batch_op.create_index('ix_disposal_item_due_at', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))

    op.create_table('process_draft',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('base_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('revision', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.LargeBinary(), nullable=True),
    sa.Column('parts', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('begun_at', Instant(), nullable=False),
    sa.Column('begun_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('saved_at', Instant(), nullable=False),
    sa.Column('saved_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('makers', sa.JSON(none_as_null=True), nullable=False),
    sa.ForeignKeyConstraint(['base_id'], ['version.id'], name=op.f('fk_process_draft_base_id_version')),
    sa.ForeignKeyConstraint(['begun_by_id'], ['person.id'], name=op.f('fk_process_draft_begun_by_id_person')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_process_draft_process_id_process')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['person.id'], name=op.f('fk_process_draft_saved_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_process_draft')),
    sa.UniqueConstraint('process_id', name=op.f('uq_process_draft_process_id')),
    sqlite_autoincrement=True
    )
    op.create_table('legal_hold',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('set_at', Instant(), nullable=False),
    sa.Column('set_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('lifted_at', Instant(), nullable=True),
    sa.CheckConstraint('(case_id IS NULL) <> (unit_id IS NULL)', name=op.f('ck_legal_hold_one_thing')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_legal_hold_case_id_case')),
    sa.ForeignKeyConstraint(['set_by_id'], ['person.id'], name=op.f('fk_legal_hold_set_by_id_person')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_legal_hold_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_hold')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_hold_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_legal_hold_unit_id'), ['unit_id'], unique=False)

    op.create_table('proposal',
    sa.Column('process_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('version_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('base_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'returned', 'withdrawn', 'approved', 'published', name='proposalstate', native_enum=False, length=40), nullable=False),
    sa.Column('is_editorial', sa.Boolean(), nullable=False),
    sa.Column('softens', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('submitted_at', Instant(), nullable=False),
    sa.Column('submitted_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('makers', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('comments', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('decided_at', Instant(), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('cleared_at', Instant(), nullable=True),
    sa.Column('cleared_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('publish_at', Instant(), nullable=True),
    sa.Column('due_at', Instant(), nullable=True),
    sa.Column('migration_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attempts', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('retry_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['base_id'], ['version.id'], name=op.f('fk_proposal_base_id_version')),
    sa.ForeignKeyConstraint(['cleared_by_id'], ['person.id'], name=op.f('fk_proposal_cleared_by_id_person')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_proposal_decided_by_id_person')),
    sa.ForeignKeyConstraint(['migration_id'], ['migration.id'], name=op.f('fk_proposal_migration_id_migration')),
    sa.ForeignKeyConstraint(['process_id'], ['process.id'], name=op.f('fk_proposal_process_id_process')),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['person.id'], name=op.f('fk_proposal_submitted_by_id_person')),
    sa.ForeignKeyConstraint(['version_id'], ['version.id'], name=op.f('fk_proposal_version_id_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal')),
    sa.UniqueConstraint('version_id', name=op.f('uq_proposal_version_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.create_index('ix_proposal_due_at', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
        batch_op.create_index(batch_op.f('ix_proposal_process_id'), ['process_id'], unique=False)

    op.create_table('sample_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sample_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('n', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('thing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('stratum', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Enum('ok', 'deviation', name='verdict', native_enum=False, length=40), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('judged_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_sample_item_case_id_case')),
    sa.ForeignKeyConstraint(['sample_id'], ['sample.id'], name=op.f('fk_sample_item_sample_id_sample')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sample_item')),
    sa.UniqueConstraint('sample_id', 'n', name=op.f('uq_sample_item_sample_id_n')),
    sqlite_autoincrement=True
    )
    op.create_table('sealed_report',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('milestone', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.Column('by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('content', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('totals', sa.JSON(none_as_null=True), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_sealed_report_by_id_person')),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_sealed_report_case_id_case')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_sealed_report_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sealed_report')),
    sa.UniqueConstraint('unit_id', 'year', 'milestone', 'number', name=op.f('uq_sealed_report_unit_id_year_milestone_number')),
    sqlite_autoincrement=True
    )
    op.create_table('year_switch_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('switch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('seen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('verdict', sa.Enum('kept', 'changed', 'dropped', 'new', 'moved', 'stays', name='verdict', native_enum=False, length=40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('is_said', sa.Boolean(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('to_unit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('made_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('made_seen', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['case.id'], name=op.f('fk_year_switch_item_case_id_case')),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], name=op.f('fk_year_switch_item_entry_id_entry')),
    sa.ForeignKeyConstraint(['made_id'], ['entry.id'], name=op.f('fk_year_switch_item_made_id_entry')),
    sa.ForeignKeyConstraint(['switch_id'], ['year_switch.id'], name=op.f('fk_year_switch_item_switch_id_year_switch')),
    sa.ForeignKeyConstraint(['to_unit_id'], ['unit.id'], name=op.f('fk_year_switch_item_to_unit_id_unit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_year_switch_item')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('year_switch_item', schema=None) as batch_op:
        batch_op.create_index('ix_year_switch_item_switch_id', ['switch_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_year_switch_item_to_unit_id'), ['to_unit_id'], unique=False)

    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.add_column(sa.Column('purged_at', Instant(), nullable=True))

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('address_family', sa.Text(), nullable=True))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('purged_at', Instant(), nullable=True))

    with op.batch_alter_table('process', schema=None) as batch_op:
        batch_op.add_column(sa.Column('archived_at', Instant(), nullable=True))
        batch_op.add_column(sa.Column('alone_since', Instant(), nullable=True))


    # the index of words over events: no model says it
    if op.get_bind().dialect.name == "postgresql":
        op.execute(r"""CREATE INDEX event_text ON event USING gin (to_tsvector('simple', left(coalesce(why, '') || ' ' || coalesce(what, ''), 100000)))""")
        op.execute(r"""CREATE INDEX event_text_unit ON event (unit_id, id)""")
        op.execute(r"""CREATE INDEX event_text_kind ON event (kind, id)""")
    else:
        op.execute(r"""CREATE VIRTUAL TABLE event_text USING fts5(words, content='', detail=none, tokenize='unicode61 remove_diacritics 0')""")
        op.execute(r"""CREATE TRIGGER event_added AFTER INSERT ON event BEGIN INSERT INTO event_text(rowid, words) VALUES (new.id, 'uuu' || coalesce(new.unit_id, 0) || ' ' || 'kkk' || replace(new.kind, '_', '') || ' ' || 'aaa' || coalesce(new.actor_id, 0) || ' ' || 'aaa' || coalesce(new.acting_for_id, 0) || ' ' || 'aaa' || coalesce(json_extract(new.what, '$.person'), 0) || ' ' || 'ppp' || coalesce((SELECT process_id FROM "case" WHERE "case".id = new.case_id), 0) || ' ' || CASE WHEN (SELECT secrecy FROM "case" WHERE "case".id = new.case_id) = 'sec' THEN '' ELSE coalesce(new.why, '') || ' ' || replace(coalesce(json_remove(new.what, '$.accepted', '$.because', '$.opened', '$.redated', '$.tasks', '$.timers'), ''), '\n', ' ') END); END""")
        op.execute(r"""CREATE TRIGGER event_purged AFTER UPDATE OF what, why ON event BEGIN INSERT INTO event_text(event_text, rowid, words) VALUES ('delete', old.id, 'uuu' || coalesce(old.unit_id, 0) || ' ' || 'kkk' || replace(old.kind, '_', '') || ' ' || 'aaa' || coalesce(old.actor_id, 0) || ' ' || 'aaa' || coalesce(old.acting_for_id, 0) || ' ' || 'aaa' || coalesce(json_extract(old.what, '$.person'), 0) || ' ' || 'ppp' || coalesce((SELECT process_id FROM "case" WHERE "case".id = old.case_id), 0) || ' ' || CASE WHEN (SELECT secrecy FROM "case" WHERE "case".id = old.case_id) = 'sec' THEN '' ELSE coalesce(old.why, '') || ' ' || replace(coalesce(json_remove(old.what, '$.accepted', '$.because', '$.opened', '$.redated', '$.tasks', '$.timers'), ''), '\n', ' ') END); INSERT INTO event_text(rowid, words) VALUES (new.id, 'uuu' || coalesce(new.unit_id, 0) || ' ' || 'kkk' || replace(new.kind, '_', '') || ' ' || 'aaa' || coalesce(new.actor_id, 0) || ' ' || 'aaa' || coalesce(new.acting_for_id, 0) || ' ' || 'aaa' || coalesce(json_extract(new.what, '$.person'), 0) || ' ' || 'ppp' || coalesce((SELECT process_id FROM "case" WHERE "case".id = new.case_id), 0) || ' ' || CASE WHEN (SELECT secrecy FROM "case" WHERE "case".id = new.case_id) = 'sec' THEN '' ELSE coalesce(new.why, '') || ' ' || replace(coalesce(json_remove(new.what, '$.accepted', '$.because', '$.opened', '$.redated', '$.tasks', '$.timers'), ''), '\n', ' ') END); END""")
        op.execute(r"""INSERT INTO event_text(rowid, words) SELECT id, 'uuu' || coalesce(event.unit_id, 0) || ' ' || 'kkk' || replace(event.kind, '_', '') || ' ' || 'aaa' || coalesce(event.actor_id, 0) || ' ' || 'aaa' || coalesce(event.acting_for_id, 0) || ' ' || 'aaa' || coalesce(json_extract(event.what, '$.person'), 0) || ' ' || 'ppp' || coalesce((SELECT process_id FROM "case" WHERE "case".id = event.case_id), 0) || ' ' || CASE WHEN (SELECT secrecy FROM "case" WHERE "case".id = event.case_id) = 'sec' THEN '' ELSE coalesce(event.why, '') || ' ' || replace(coalesce(json_remove(event.what, '$.accepted', '$.because', '$.opened', '$.redated', '$.tasks', '$.timers'), ''), '\n', ' ') END FROM event""")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER event_added")
        op.execute("DROP TRIGGER event_purged")
        op.execute("DROP TABLE event_text")
    else:
        for name in ("event_text", "event_text_unit", "event_text_kind"):
            op.execute(f"DROP INDEX {name}")
    with op.batch_alter_table('process', schema=None) as batch_op:
        batch_op.drop_column('alone_since')
        batch_op.drop_column('archived_at')

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('purged_at')

    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('address_family')

    with op.batch_alter_table('case', schema=None) as batch_op:
        batch_op.drop_column('purged_at')

    with op.batch_alter_table('year_switch_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_year_switch_item_to_unit_id'))
        batch_op.drop_index('ix_year_switch_item_switch_id')

    op.drop_table('year_switch_item')
    op.drop_table('sealed_report')
    op.drop_table('sample_item')
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_process_id'))
        batch_op.drop_index('ix_proposal_due_at', sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))

    op.drop_table('proposal')
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_legal_hold_unit_id'))
        batch_op.drop_index(batch_op.f('ix_legal_hold_case_id'))

    op.drop_table('legal_hold')
    op.drop_table('process_draft')
    with op.batch_alter_table('disposal_item', schema=None) as batch_op:
        batch_op.drop_index('ix_disposal_item_due_at', sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
        batch_op.drop_index('ix_disposal_item_disposal_id_kind')

    op.drop_table('disposal_item')
    op.drop_table('workshop_sitting')
    with op.batch_alter_table('sample', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sample_by_id'))

    op.drop_table('sample')
    with op.batch_alter_table('role_handover', schema=None) as batch_op:
        batch_op.drop_index('ix_role_handover_unit_id_role')
        batch_op.drop_index(batch_op.f('ix_role_handover_to_id'))
        batch_op.drop_index(batch_op.f('ix_role_handover_from_id'))

    op.drop_table('role_handover')
    op.drop_table('publisher')
    with op.batch_alter_table('mandate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mandate_person_id'))

    op.drop_table('mandate')
    with op.batch_alter_table('impact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_impact_process_id'))

    op.drop_table('impact')
    op.drop_table('disposal')
    with op.batch_alter_table('year_switch', schema=None) as batch_op:
        batch_op.drop_index('uq_year_switch_standing', sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_year_switch_unit_id'))
        batch_op.drop_index('ix_year_switch_due_at', sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))

    op.drop_table('year_switch')
    op.drop_table('body_year')
    op.drop_table('retention_rule')
    op.drop_table('record_check')
