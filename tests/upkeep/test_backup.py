import json
import os
import secrets
import stat
import zipfile
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import cast, packages
from tests.cast import NOON, SYSTEM
from tests.conftest import make_tables
from workflows.canonical import content_hash
from workflows.database import Database
from workflows.errors import Conflict, Invalid
from workflows.history.models import Event
from workflows.history.rows import digest_of, hash_of
from workflows.operations import cases, publishing
from workflows.organisation.accounts import SignIn
from workflows.organisation.models import Person, Unit, UnitKind
from workflows.processes.models import Version
from workflows.processes.rows import find
from workflows.tasks.models import Task
from workflows.upkeep import backup, restore, saving
from workflows.upkeep.archive import BadArchive, NewerArchive
from workflows.upkeep.schema import NewerSchema
from workflows.upkeep.sealing import BadKey, make_keys

TOKEN = secrets.token_urlsafe(32)


@pytest.fixture
def lived_in(session, city):
    """A database in which something has happened, with a browser signed in."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    alva = city.actor("Alva")
    cases.start(session, find(session, "letter"), city.units["FARSTA"], 2027, by=alva, now=NOON)
    # A parent that comes after its child, and an id that was given and taken away.
    city.units["STAD"].parent_id = None
    late = Unit(code="NY", name="Ny", sort_key="ny", kind=UnitKind.CITY)
    gone = Unit(code="BORT", name="Bort", sort_key="bort", kind=UnitKind.OFFICE)
    session.add_all([late, gone])
    session.flush()
    city.units["STAD"].parent_id = late.id
    session.delete(gone)
    session.add(
        SignIn(
            token_hash=content_hash(TOKEN),
            person_id=alva.id,
            began_at=NOON,
            seen_at=NOON,
            expires_at=NOON + timedelta(hours=1),
            device_hash="x",
            browser="tests",
        )
    )
    session.commit()
    return gone.id


@pytest.fixture
def other_kind(kind, tmp_path, request):
    """An empty database of the other kind."""
    if kind == "postgresql":
        made = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
        make_tables(made)
    else:
        from tests.postgres import copy_url

        made = Database(copy_url(request.getfixturevalue("empty_postgresql")))
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    make_tables(made)
    yield made
    made.close()


def _content(database):
    """Everything the database holds, as the models read it."""
    with database.reading() as session:
        return {
            mapper.class_.__name__: [
                {each.key: getattr(row, each.key) for each in mapper.column_attrs}
                for row in session.scalars(sa.select(mapper.class_).order_by(*mapper.primary_key))
            ]
            for mapper in Person.registry.mappers
        }


def _altered(file, change):
    """Write the archive again with its members changed by `change(name, content)`."""
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    file.unlink()
    with zipfile.ZipFile(file, "w") as new:
        for name, content in members.items():
            new.writestr(name, change(name, content))


def test_a_backup_travels_to_the_other_kind_of_database_and_back(
    database, lived_in, other_kind, empty, tmp_path
):
    before = _content(database)
    backup(database, tmp_path, tmp_path / "first.zip")
    restore(other_kind, tmp_path, tmp_path / "first.zip")
    assert _content(other_kind) == before
    backup(other_kind, tmp_path, tmp_path / "second.zip")
    restore(empty, tmp_path, tmp_path / "second.zip")
    assert _content(empty) == before


def test_the_record_still_proves_itself_after_a_restore(database, lived_in, empty, tmp_path):
    backup(database, tmp_path, tmp_path / "a.zip")
    restore(empty, tmp_path, tmp_path / "a.zip")
    with empty.reading() as session:
        events = session.scalars(sa.select(Event).order_by(Event.chain, Event.n)).all()
    assert len(events) > 2
    previous = {}
    for event in events:
        assert event.digest == digest_of(event.salt, event.what, event.why)
        header = {
            name: getattr(event, name)
            for name in (
                "chain", "n", "at", "actor_id", "acting_for_id", "kind", "case_id", "unit_id",
                "step", "digest",
            )
        }  # fmt: skip
        assert event.hash == hash_of(previous.get(event.chain, "0" * 64), header)
        previous[event.chain] = event.hash


def test_who_was_signed_in_is_signed_in_after_a_restore(database, lived_in, empty, tmp_path):
    backup(database, tmp_path, tmp_path / "a.zip")
    restore(empty, tmp_path, tmp_path / "a.zip")
    with empty.reading() as session:
        door = session.scalars(
            sa.select(SignIn).where(SignIn.token_hash == content_hash(TOKEN))
        ).one()
        assert door.person.name == "Alva"


def test_a_restored_database_goes_on_and_gives_no_id_twice(
    database, lived_in, other_kind, tmp_path
):
    backup(database, tmp_path, tmp_path / "a.zip")
    restore(other_kind, tmp_path, tmp_path / "a.zip")
    with other_kind.writing() as session:
        unit = Unit(code="NYARE", name="Nyare", sort_key="nyare", kind=UnitKind.OFFICE)
        session.add(unit)
        session.commit()
        assert unit.id > lived_in


def test_a_database_with_something_in_it_is_refused_unless_it_is_to_be_replaced(
    database, lived_in, empty, tmp_path
):
    with empty.writing() as session, session.begin():
        cast.settle(session)
        session.add(Unit(code="EGEN", name="Egen", sort_key="egen", kind=UnitKind.OFFICE))
    backup(database, tmp_path, tmp_path / "a.zip")
    before = _content(empty)
    with pytest.raises(Conflict) as refused:
        restore(empty, tmp_path, tmp_path / "a.zip")
    assert refused.value.code == "database_not_empty"
    assert _content(empty) == before
    restore(empty, tmp_path, tmp_path / "a.zip", replace=True)
    assert _content(empty) == _content(database)


def test_a_changed_row_is_found_and_nothing_is_read_in(database, lived_in, empty, tmp_path):
    file = tmp_path / "a.zip"
    backup(database, tmp_path, file)
    _altered(
        file,
        lambda name, content: (
            content.replace(b"Alva", b"Olga") if name == "tables/person.jsonl" else content
        ),
    )
    with pytest.raises(BadArchive):
        restore(empty, tmp_path, file)
    assert not any(_content(empty).values())


def test_a_file_cut_short_or_of_another_kind_is_no_backup(database, lived_in, empty, tmp_path):
    file = tmp_path / "a.zip"
    backup(database, tmp_path, file)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(BadArchive):
        restore(empty, tmp_path, file)
    file.write_bytes(b"hej")
    with pytest.raises(BadArchive):
        restore(empty, tmp_path, file)


@pytest.mark.parametrize(
    ("field", "value", "refusal"),
    [("format", 2, NewerArchive), ("schema", "f" * 12, NewerSchema)],
)
def test_a_backup_of_a_newer_program_is_refused(
    database, lived_in, empty, tmp_path, field, value, refusal
):
    file = tmp_path / "a.zip"
    backup(database, tmp_path, file)

    def newer(name, content):
        if name != "manifest.json":
            return content
        return json.dumps(json.loads(content) | {field: value}).encode()

    _altered(file, newer)
    with pytest.raises(refusal):
        restore(empty, tmp_path, file)
    assert not any(_content(empty).values())


def test_a_backup_is_for_its_owner_only_and_writes_over_nothing(database, city, tmp_path):
    file = tmp_path / "a.zip"
    backup(database, tmp_path, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(Conflict):
        backup(database, tmp_path, file)
    assert [path.name for path in tmp_path.glob("*a.zip*")] == ["a.zip"]


def test_a_full_disk_leaves_no_half_file(database, city, tmp_path, monkeypatch):
    class Full:
        def __init__(self, *_args):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "Writer", Full)
    with pytest.raises(OSError, match="No space"):
        backup(database, tmp_path, tmp_path / "a.zip")
    assert not list(tmp_path.glob("*a.zip*"))


def test_keys_go_along_only_when_asked_for(database, city, empty, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    (old / "secret.key").write_bytes(os.urandom(32))
    without = backup(database, old, tmp_path / "without.zip")
    assert not without.keys
    backup(database, old, tmp_path / "with.zip", with_keys=True)
    restore(empty, new, tmp_path / "with.zip")
    assert (new / "secret.key").read_bytes() == (old / "secret.key").read_bytes()
    assert stat.S_IMODE((new / "secret.key").stat().st_mode) == 0o600


def test_a_backup_sealed_to_a_key_opens_with_its_other_half_alone(
    database, lived_in, empty, tmp_path
):
    for name in ("ours", "theirs"):
        make_keys(tmp_path / f"{name}.key", tmp_path / f"{name}.pub")
    file = tmp_path / "a.sealed"
    backup(database, tmp_path, file, to=tmp_path / "ours.pub")
    assert b"Alva" not in file.read_bytes()
    assert not zipfile.is_zipfile(file)
    with pytest.raises(Invalid):
        restore(empty, tmp_path, file)
    with pytest.raises(BadKey):
        restore(empty, tmp_path, file, key=tmp_path / "theirs.key")
    restore(empty, tmp_path, file, key=tmp_path / "ours.key")
    assert _content(empty) == _content(database)


def test_a_sealed_backup_that_was_cut_at_a_piece_is_noticed(database, lived_in, empty, tmp_path):
    make_keys(tmp_path / "ours.key", tmp_path / "ours.pub")
    with database.writing() as session, session.begin():
        version = session.scalars(sa.select(Version)).one()
        version.source = os.urandom(300_000)
    file = tmp_path / "a.sealed"
    backup(database, tmp_path, file, to=tmp_path / "ours.pub")
    start = 24 + 32
    file.write_bytes(file.read_bytes()[: start + 2 * (64 * 1024 + 16)])
    with pytest.raises(BadKey):
        restore(empty, tmp_path, file, key=tmp_path / "ours.key")


def test_what_is_written_while_a_backup_is_taken_is_not_half_in_it(
    database, lived_in, empty, tmp_path, monkeypatch
):
    """The snapshot stands from the first table to the last."""
    from workflows.upkeep import copying

    told = copying.lines
    before = _content(database)

    def lines(connection, table):
        if table.name == "unit":
            with database.writing() as session, session.begin():
                session.add(Unit(code="SEN", name="Sen", sort_key="sen", kind=UnitKind.OFFICE))
                session.execute(sa.update(Task).values(element="changed"))
        return told(connection, table)

    monkeypatch.setattr(copying, "lines", lines)
    backup(database, tmp_path, tmp_path / "a.zip")
    restore(empty, tmp_path, tmp_path / "a.zip")
    assert _content(empty) == before
