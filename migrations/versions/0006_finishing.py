"""finishing"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from workflows.database import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _record_smaller()
    op.create_table(
        "exemption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "process_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["process_id"], ["process.id"], name=op.f("fk_exemption_process_id_process")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_exemption_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemption")),
        sa.UniqueConstraint("unit_id", "process_id", name=op.f("uq_exemption_unit_id_process_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "report_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_report_correction_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_report_correction_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_correction")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("report_correction", schema=None) as batch_op:
        batch_op.create_index(
            "ix_report_correction_unit_id", ["unit_id", "year", "milestone"], unique=False
        )

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_year_process_id"))
        batch_op.create_index(
            "ix_case_year_process_id",
            ["year", "process_id", "state", "secrecy", "opened_at", "occasion", "unit_id"],
            unique=False,
        )

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_proposal_version_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_proposal_version_id"), ["version_id"], unique=False)

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_task_handed_on"),
            sqlite_where=sa.text("closed_at IS NULL AND given_from IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_task_open_case_id",
            ["case_id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_task_open_given_from",
            ["id"],
            unique=False,
            sqlite_where=sa.text("CASE WHEN (closed_at IS NULL) THEN given_from END IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND given_from IS NOT NULL"),
        )

    with op.batch_alter_table("task_role", schema=None) as batch_op:
        batch_op.create_index(
            "ix_task_role_over",
            ["role", "unit_id", "task_id", "is_open"],
            unique=False,
            sqlite_where=sa.text("is_open = 0"),
            postgresql_where=sa.text("NOT is_open"),
        )


def downgrade() -> None:
    _record_as_before()
    with op.batch_alter_table("task_role", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_task_role_over",
            sqlite_where=sa.text("is_open = 0"),
            postgresql_where=sa.text("NOT is_open"),
        )

    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_task_open_given_from",
            sqlite_where=sa.text("CASE WHEN (closed_at IS NULL) THEN given_from END IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND given_from IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_task_open_case_id",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_task_handed_on"),
            ["id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL AND given_from IS NOT NULL"),
        )

    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_version_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_proposal_version_id"), ["version_id"])

    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index("ix_case_year_process_id")
        batch_op.create_index(
            batch_op.f("ix_case_year_process_id"),
            ["year", "process_id", "state", "secrecy", "opened_at"],
            unique=False,
        )

    with op.batch_alter_table("report_correction", schema=None) as batch_op:
        batch_op.drop_index("ix_report_correction_unit_id")

    op.drop_table("report_correction")
    op.drop_table("exemption")


# What the models do not say of the record: its hashes as bytes, which chain an event is a link of
# said by its case alone, and what the database refuses. What is no hash, because somebody changed it
# by hand, stays the bytes it is; and an event whose chain is another than its case's becomes one of
# a case that never was: for `verify` to find.
HASHES = ("salt", "digest", "hash")
CHAIN = "coalesce('case:' || case_id, 'city')"
OF_CITY = sa.text("case_id IS NULL")
WORDS = (
    r"""CREATE TRIGGER event_added AFTER INSERT ON event BEGIN INSERT INTO event_text(rowid, words) VALUES (new.id, 'uuu' || coalesce(new.unit_id, 0) || ' ' || 'kkk' || replace(new.kind, '_', '') || ' ' || 'aaa' || coalesce(new.actor_id, 0) || ' ' || 'aaa' || coalesce(new.acting_for_id, 0) || ' ' || 'aaa' || coalesce(json_extract(new.what, '$.person'), 0) || ' ' || 'ppp' || coalesce((SELECT process_id FROM "case" WHERE "case".id = new.case_id), 0) || ' ' || CASE WHEN (SELECT secrecy FROM "case" WHERE "case".id = new.case_id) = 'sec' THEN '' ELSE coalesce(new.why, '') || ' ' || replace(coalesce(json_remove(new.what, '$.accepted', '$.because', '$.opened', '$.redated', '$.tasks', '$.timers'), ''), '\n', ' ') END); END""",
    r"""CREATE TRIGGER event_purged AFTER UPDATE OF what, why ON event BEGIN INSERT INTO event_text(event_text, rowid, words) VALUES ('delete', old.id, 'uuu' || coalesce(old.unit_id, 0) || ' ' || 'kkk' || replace(old.kind, '_', '') || ' ' || 'aaa' || coalesce(old.actor_id, 0) || ' ' || 'aaa' || coalesce(old.acting_for_id, 0) || ' ' || 'aaa' || coalesce(json_extract(old.what, '$.person'), 0) || ' ' || 'ppp' || coalesce((SELECT process_id FROM "case" WHERE "case".id = old.case_id), 0) || ' ' || CASE WHEN (SELECT secrecy FROM "case" WHERE "case".id = old.case_id) = 'sec' THEN '' ELSE coalesce(old.why, '') || ' ' || replace(coalesce(json_remove(old.what, '$.accepted', '$.because', '$.opened', '$.redated', '$.tasks', '$.timers'), ''), '\n', ' ') END); INSERT INTO event_text(rowid, words) VALUES (new.id, 'uuu' || coalesce(new.unit_id, 0) || ' ' || 'kkk' || replace(new.kind, '_', '') || ' ' || 'aaa' || coalesce(new.actor_id, 0) || ' ' || 'aaa' || coalesce(new.acting_for_id, 0) || ' ' || 'aaa' || coalesce(json_extract(new.what, '$.person'), 0) || ' ' || 'ppp' || coalesce((SELECT process_id FROM "case" WHERE "case".id = new.case_id), 0) || ' ' || CASE WHEN (SELECT secrecy FROM "case" WHERE "case".id = new.case_id) = 'sec' THEN '' ELSE coalesce(new.why, '') || ' ' || replace(coalesce(json_remove(new.what, '$.accepted', '$.because', '$.opened', '$.redated', '$.tasks', '$.timers'), ''), '\n', ' ') END); END""",
)
WORD_LIST = "CREATE VIRTUAL TABLE event_text_word USING fts5vocab(event_text, instance)"
GUARDS = {
    "sqlite": (
        r"""CREATE TRIGGER event_kept BEFORE UPDATE ON event WHEN NOT coalesce(new.what IS NULL AND new.why IS NULL AND new.salt IS NULL AND coalesce((SELECT kind FROM event WHERE case_id = old.case_id ORDER BY n DESC LIMIT 1), (SELECT kind FROM event WHERE case_id IS NULL AND old.case_id IS NULL ORDER BY n DESC LIMIT 1)) = 'content_purged' AND (new.id, new.n, new.at, new.actor_id, new.acting_for_id, new.kind, new.case_id, new.unit_id, new.step, new.digest, new.hash, new.address_family) IS (old.id, old.n, old.at, old.actor_id, old.acting_for_id, old.kind, old.case_id, old.unit_id, old.step, old.digest, old.hash, old.address_family), 0) BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END""",
        r"""CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END""",
        r"""CREATE TRIGGER seal_kept BEFORE UPDATE ON seal BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END""",
        r"""CREATE TRIGGER seal_stays BEFORE DELETE ON seal BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END""",
        r"""CREATE TRIGGER seal_leaf_kept BEFORE UPDATE ON seal_leaf BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END""",
        r"""CREATE TRIGGER seal_leaf_stays BEFORE DELETE ON seal_leaf BEGIN SELECT RAISE(ABORT, 'the record is only added to'); END""",
    ),
    "postgresql": (
        r"""CREATE OR REPLACE FUNCTION record_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_TABLE_NAME = 'event' AND TG_OP = 'UPDATE' THEN IF new.what IS NULL AND new.why IS NULL AND new.salt IS NULL AND coalesce((SELECT kind FROM event WHERE case_id = old.case_id ORDER BY n DESC LIMIT 1), (SELECT kind FROM event WHERE case_id IS NULL AND old.case_id IS NULL ORDER BY n DESC LIMIT 1)) = 'content_purged' AND (new.id, new.n, new.at, new.actor_id, new.acting_for_id, new.kind, new.case_id, new.unit_id, new.step, new.digest, new.hash, new.address_family) IS NOT DISTINCT FROM (old.id, old.n, old.at, old.actor_id, old.acting_for_id, old.kind, old.case_id, old.unit_id, old.step, old.digest, old.hash, old.address_family) THEN RETURN new; END IF; END IF; RAISE EXCEPTION 'the record is only added to'; END $$""",
        r"""CREATE TRIGGER event_kept BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION record_stays()""",
        r"""CREATE TRIGGER event_stays BEFORE TRUNCATE ON event EXECUTE FUNCTION record_stays()""",
        r"""CREATE TRIGGER seal_kept BEFORE UPDATE OR DELETE ON seal FOR EACH ROW EXECUTE FUNCTION record_stays()""",
        r"""CREATE TRIGGER seal_stays BEFORE TRUNCATE ON seal EXECUTE FUNCTION record_stays()""",
        r"""CREATE TRIGGER seal_leaf_kept BEFORE UPDATE OR DELETE ON seal_leaf FOR EACH ROW EXECUTE FUNCTION record_stays()""",
        r"""CREATE TRIGGER seal_leaf_stays BEFORE TRUNCATE ON seal_leaf EXECUTE FUNCTION record_stays()""",
    ),
}


def _record_smaller() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"UPDATE event SET case_id = -id WHERE chain <> {CHAIN}")
    for name in ("ix_event_at_id", "ix_event_case_id_id"):
        op.drop_index(name, table_name="event")
    if is_sqlite:
        with _on_sqlite("to_bytes", lambda text: bytes.fromhex(text), sa.LargeBinary()) as event:
            event.drop_constraint("uq_event_chain_n", type_="unique")
            event.drop_constraint("fk_event_chain_chain", type_="foreignkey")
            event.drop_column("chain")
            event.create_unique_constraint("uq_event_case_id_n", ["case_id", "n"])
        for statement in (*WORDS, WORD_LIST):
            op.execute(statement)
    else:
        op.execute(
            "ALTER TABLE event DROP COLUMN chain, "
            + ", ".join(
                f"ALTER {name} TYPE bytea USING CASE WHEN {name} ~ '^([0-9a-f]{{2}})+$'"
                f" THEN decode({name}, 'hex') ELSE convert_to({name}, 'UTF8') END"
                for name in HASHES
            )
        )
        op.create_unique_constraint("uq_event_case_id_n", "event", ["case_id", "n"])
    op.create_index(
        "uq_event_city_n",
        "event",
        ["n"],
        unique=True,
        sqlite_where=OF_CITY,
        postgresql_where=OF_CITY,
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def _record_as_before() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("DROP TABLE event_text_word")
    for table in ("event", "seal", "seal_leaf"):
        for name in ("kept", "stays"):
            op.execute(f"DROP TRIGGER {table}_{name}" + ("" if is_sqlite else f" ON {table}"))
    op.drop_index("uq_event_city_n", table_name="event")
    op.add_column("event", sa.Column("chain", sa.Text()))
    op.execute(f"UPDATE event SET chain = {CHAIN}")
    if is_sqlite:
        with _on_sqlite("to_text", bytes.hex, sa.Text()) as event:
            event.drop_constraint("uq_event_case_id_n", type_="unique")
            event.alter_column("chain", nullable=False)
            event.create_unique_constraint("uq_event_chain_n", ["chain", "n"])
            event.create_foreign_key("fk_event_chain_chain", "chain", ["chain"], ["name"])
        for statement in WORDS:
            op.execute(statement)
    else:
        op.execute("DROP FUNCTION record_stays")
        op.drop_constraint("uq_event_case_id_n", "event")
        op.execute(
            "ALTER TABLE event ALTER chain SET NOT NULL, "
            + ", ".join(f"ALTER {name} TYPE text USING encode({name}, 'hex')" for name in HASHES)
        )
        op.create_unique_constraint("uq_event_chain_n", "event", ["chain", "n"])
        op.create_foreign_key("fk_event_chain_chain", "event", "chain", ["chain"], ["name"])
    op.create_index("ix_event_at_id", "event", ["at", "id"])
    op.create_index("ix_event_case_id_id", "event", ["case_id", "id"])


@contextmanager
def _on_sqlite(
    name: str, function: Callable[[Any], Any], kind: sa.types.TypeEngine[Any]
) -> Iterator[Any]:
    """Change the hashes where they stand, then make the table anew, which packs it, with what else is
    to change; the triggers of its words go with the old one."""

    def changed(value: Any) -> Any:
        try:
            return function(value)
        except ValueError:
            return value.encode()

    for trigger in ("event_added", "event_purged"):
        op.execute(f"DROP TRIGGER {trigger}")
    driver = op.get_bind().connection.driver_connection
    driver.create_function(name, 1, changed, deterministic=True)
    hashes = ", ".join(f"{one} = {name}({one})" for one in HASHES[1:])
    op.execute(
        f"UPDATE event SET {hashes}, salt = CASE WHEN salt IS NULL THEN NULL ELSE {name}(salt) END"
    )
    with op.batch_alter_table(
        "event", recreate="always", table_kwargs={"sqlite_autoincrement": True}
    ) as event:
        for one in HASHES:
            event.alter_column(one, type_=kind)
        yield event
