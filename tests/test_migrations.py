from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflows.database import WRITES, Database
from workflows.history import contents
from workflows.history.models import Event
from workflows.history.seals import signed, standing, store
from workflows.upkeep.schema import (
    NewerSchema,
    differences,
    downgrade,
    migrate,
    revision_of,
    revisions,
)
from workflows.upkeep.verifying import verify


@pytest.fixture
def bare(kind, tmp_path):
    """A database without a single table."""
    if kind == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/bare.sqlite3")
    else:
        from tests.postgres import fresh_url

        made = Database(fresh_url())
    yield made
    made.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(bare):
    migrate(bare)
    assert differences(bare) == []


def test_every_migration_can_be_taken_back_and_made_again(bare):
    migrate(bare)
    before = _tables(bare)
    for revision in ["base", *revisions()[:-1]]:
        downgrade(bare, to=revision)
        migrate(bare)
        assert revision_of(bare) == revisions()[-1]
        assert _tables(bare) == before


def test_migrating_again_changes_nothing(bare):
    migrate(bare)
    migrate(bare)
    assert revision_of(bare) == revisions()[-1]


def test_what_is_there_comes_along_from_the_first_release_to_this_one(bare):
    for revision in revisions():
        migrate(bare, to=revision)
        _fill(bare)
    with bare.engine.connect() as connection:
        kept = {
            name: connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"'))
            for name in _tables(bare)
        }
    assert [name for name, count in kept.items() if not count] == []


def _fill(database):
    """Put a row into each table that has none; it points at the first of the others, and itself."""
    found = sa.MetaData()
    found.reflect(database.engine)
    with database.engine.execution_options(**{WRITES: True}).begin() as connection:
        if not database.is_sqlite:  # tables point at each other in rings
            connection.execute(sa.text("SET session_replication_role = replica"))
        else:
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        for table in found.tables.values():
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                continue
            row = {one.name: _some(one) for one in table.columns if str(one) not in NOT_BOTH}
            connection.execute(sa.insert(table).values(row))


# A role is held by a person or as another is, a stop set on a case or a unit.
NOT_BOTH = ("holding.same_as_role", "holding.same_as_unit_id", "legal_hold.unit_id")


def _some(column):
    match column.type:
        case sa.Integer():
            return 1
        case sa.Boolean():
            return False
        case sa.Date():
            return date(2027, 1, 4)
        case sa.DateTime():
            return datetime(2027, 1, 4, tzinfo=UTC)
        case sa.JSON():
            return []
        case sa.LargeBinary():
            return b"x"
        case _:
            return "{}"  # some hold canonical JSON


# Events as release 0.5.0 stored them: chain, number, kind, step, what, why, salt, digest and hash.
OPENED = (
    '{"opened":[{"because":{"parts":[["opened","opened","2026-03-02",["2026-03-02T12:00:00.000000Z"'
    ']],["span","+ 5wd","2026-03-09",[5,"wd"]],["time","","2026-03-09",["16:00"]]],"rule":"+5wd"},'
    '"due_at":"2026-03-09T15:00:00.000000Z","element":"enter","step_id":"2"}]}'
)
STEP, GO = '{"step_id":"2"}', "gå_igenom"
OF_0_5 = (
    ("case:1", 1, "case_started", None, OPENED, None, "4b740fe97a3048754f97714dc935b402",
     "c70db8ab27af02c946054b2407d4b4c2e68102d168a49ceac6a24d4e9e29e2cd",
     "d9c253c27a7b5f65c2d92d04907069b36fb380a9b629d3e62caf71081b82bdb1"),
    ("case:1", 2, "task_claimed", GO, STEP, "för att", "69050d88100125ef7678f0500fd851f4",
     "050cb9a6f670f23f0a307a4a929d7e6945c54bb192cbffef3a80d829fcbcf97a",
     "1747d9027e0df36ad4172b51cfa0b0f4d1c60097d436254ae50aad5269f7a467"),
    ("case:2", 1, "task_claimed", GO, STEP, None, "28144cbd90931213811b9d8f39c6db36",
     "26a4fa1fe8d88623883b1b38671ae59a79c82fcfbda207712487ae2db0987094",
     "fa8f1260327fb4aa7af63e7d266abbb06eb65e5e2fba8e7d8396d024da071ca9"),
    ("case:2", 2, "task_released", GO, STEP, "ångrade mig", "98290cbe9b99332412c796701f6d9c9f",
     "5d973b0d4a85f963dac1c817da2b38d903e9d99b2fb5880e2d0d11bafa035ecb",
     "6b89e4861356abd8d0b527d2ee056b96d1e27095eb48ab5a8da82b4e0b75026d"),
    ("case:3", 1, "task_claimed", GO, STEP, None, "b2f6e07725ea9787ed955ce25603260b",
     "343abadca1d08db377b81912619bfb98197bff5e7882ab1099599807823a98e4",
     "76e1fc61e4ae6314d8baaad874c11aecfc8daddb22b721bea31522297ebbba62"),
    ("city", 1, "signed_in", None, '{"how":"password"}', None, "343d6aec13d47796aa87825a6cbd05d8",
     "b7cf80f7f6d21cc57112835e3769f3719fb6db4aa77fbe796b45711ead2f1288",
     "f62d472c77c185aa4599d8a69cddda4d111a272e00e5026c0c5e904ca2cee665"),
)  # fmt: skip
ADD_HEAD = "INSERT INTO chain (name, n, hash) VALUES (:chain, 0, :hash)"
ADD_EVENT = (
    "INSERT INTO event (chain, n, at, actor_id, kind, case_id, unit_id, step, what, why, salt,"
    " digest, hash, address_family) VALUES (:chain, :n, :at, 1, :kind, :case_id, :unit_id, :step,"
    " :what, :why, :salt, :digest, :hash, 'ipv4')"
)
MOVE_HEAD = "UPDATE chain SET n = :n, hash = :hash WHERE name = :chain"


def test_a_chain_of_release_0_5_holds_when_migrated_and_what_was_changed_before_is_found(bare):
    migrate(bare, to="0005")
    names = ("chain", "n", "kind", "step", "what", "why", "salt", "digest", "hash")
    with bare.writing() as session, session.begin():
        for values in OF_0_5:
            row = dict(zip(names, values, strict=True))
            case_id = int(row["chain"][5:]) if row["chain"] != "city" else None
            row |= {"case_id": case_id, "unit_id": case_id and 1}
            row["at"] = f"2026-03-02 12:00:0{row['n']}.000000" + ("" if bare.is_sqlite else "+00")
            for statement in (ADD_HEAD, ADD_EVENT, MOVE_HEAD)[values[1] > 1 :]:
                known = sa.text(statement).compile().params.keys()
                session.execute(sa.text(statement), {name: row[name] for name in known})
        found, now = standing(session), datetime(2026, 3, 3, tzinfo=UTC)
        seal = signed(found, Ed25519PrivateKey.generate(), next_key=None, now=now)
        store(session, seal, found, now=now)
        for changed in ("what = '{}' WHERE chain = 'case:2' AND n = 2",
                        "case_id = 2 WHERE chain = 'case:3'"):  # fmt: skip
            session.execute(sa.text(f"UPDATE event SET {changed}"))
    migrate(bare)
    report = verify(bare)
    assert (report.events, report.last) == (6, seal)
    assert [(one.code, one.chain, one.n, one.seal) for one in sorted(report.faults, key=str)] == [
        ("chain_missing", "case:3", 1, 1),
        ("content_changed", "case:2", 2, 1),
        ("event_changed", "case:-5", 1, None),
    ]
    with bare.reading() as session:
        told = session.scalars(sa.select(Event.what).order_by(Event.id)).first()
    assert contents.content(told)["opened"][0]["because"]["rule"] == "+5wd"


def test_a_database_of_a_newer_program_is_left_alone(bare):
    migrate(bare)
    with bare.writing() as session, session.begin():
        session.execute(sa.text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    with pytest.raises(NewerSchema):
        migrate(bare)
    assert revision_of(bare) == "from_the_future"


def _tables(database):
    inspector = sa.inspect(database.engine)
    return {
        table: sorted(column["name"] for column in inspector.get_columns(table))
        for table in inspector.get_table_names()
    }
