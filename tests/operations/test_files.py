import json
import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.chains import broken
from tests.conftest import make_tables
from workflows.canonical import parse
from workflows.database import Database
from workflows.documents import rows
from workflows.documents.models import Chunk, Content, File
from workflows.documents.receiving import receive
from workflows.errors import Conflict, Forbidden, Invalid, NotFound
from workflows.history.models import Event
from workflows.operations import cases, files, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as case_questions
from workflows.queries import files as questions
from workflows.tasks.models import Task
from workflows.upkeep import backup, restore

FILE = {"type": "string", "x-file": True}
WRITE = {
    "title": {"sv": "Brevet", "en": "The letter"},
    "schema": {
        "type": "object",
        "required": ["paper"],
        "properties": {
            "paper": FILE,
            "plan": {"type": "object", "properties": {"map": FILE}},
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}, "scan": FILE},
                },
            },
            "text": {"type": "string"},
        },
    },
    "layout": [{"id": "all", "fields": ["paper", "plan", "parts", "text"]}],
    "labels": {
        name: {"label": {"sv": name.capitalize(), "en": name}}
        for name in ("paper", "plan", "plan.map", "parts", "parts.name", "parts.scan", "text")
    },
}


def letter_with_files(secrecy="internal"):
    letter = packages.letter(secrecy)
    return replace(letter, forms={**letter.forms, "letter/write": json.dumps(WRITE).encode()})


def text(content="Hej", name="brev.txt"):
    return receive(name, BytesIO(content.encode()))


def begun(session, city, secrecy="internal"):
    publishing.publish(session, letter_with_files(secrecy), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    return cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)


@pytest.fixture
def case(session, city):
    return begun(session, city)


@pytest.fixture
def alva(city):
    return city.actor("Alva")


def counted(session, table):
    return session.scalar(sa.select(sa.func.count()).select_from(table))


def test_equal_content_is_stored_once_and_goes_with_the_last_file_that_holds_it(
    session, case, alva
):
    first = files.attach(session, case, text(), by=alva, now=NOON)
    again = files.attach(session, case, text(), by=alva, now=NOON)
    other = files.attach(session, case, text(name="kopia.txt"), by=alva, now=NOON)
    assert (first.version, again.version, other.version) == (1, 2, 1)
    assert counted(session, Content) == counted(session, Chunk) == 1
    files.remove(session, first, "Fel fil", by=alva, now=NOON)
    files.remove(session, other, "Fel fil", by=alva, now=NOON)
    assert rows.whole(session, again) == b"Hej"
    files.remove(session, again, "Fel fil", by=alva, now=NOON)
    assert counted(session, Chunk) == 0
    told = session.scalars(sa.select(Event).where(Event.kind == "file_removed")).all()
    assert [(one.why, parse(one.what)["sha256"]) for one in told] == [("Fel fil", first.sha256)] * 3
    assert questions.of_case(session, case, by=alva) == []
    with pytest.raises(NotFound):
        questions.file(session, first.id, by=alva)
    back = files.attach(session, case, text(), by=alva, now=NOON)
    assert (back.version, rows.whole(session, back)) == (3, b"Hej")
    session.commit()
    assert broken(session) == []


def test_a_file_of_many_pieces_comes_back_as_it_was(session, case, alva):
    content = bytes(range(32, 127)) * 30_000
    big = receive("stor.txt", BytesIO(content))
    file = files.attach(session, case, big, by=alva, now=NOON)
    assert rows.whole(session, file) == content
    assert [rows.chunk(session, file.sha256, n) for n in range(4)] == [*big.chunks, None]


def test_who_may_not_is_refused_and_nothing_is_stored(session, city, case, alva):
    for name in ("Cleo", "Frida", "Jon"):
        with pytest.raises(Forbidden):
            files.attach(session, case, text(), by=city.actor(name), now=NOON)
    file = files.attach(session, case, text(), by=alva, now=NOON)
    for name in ("Cleo", "Jon", "Egil"):
        with pytest.raises(NotFound):
            questions.file(session, file.id, by=city.actor(name))
    with pytest.raises(Forbidden):
        files.remove(session, file, "Vill", by=city.actor("Anton"), now=NOON)
    with pytest.raises(Invalid, match="reason_missing"):
        files.remove(session, file, " ", by=alva, now=NOON)
    files.remove(session, file, "Fel", by=city.actor("Disa"), now=NOON)
    assert counted(session, File) == 1


def test_a_secret_case_holds_pointers_and_no_files(session, city):
    secret = begun(session, city, "sec")
    with pytest.raises(Invalid, match="no_files_here"):
        files.attach(session, secret, text(), by=city.actor("Hedda"), now=NOON)


def test_a_case_that_is_over_or_full_takes_no_more(session, case, alva, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 1)
    files.attach(session, case, text(), by=alva, now=NOON)
    with pytest.raises(Conflict, match="too_many_files"):
        files.attach(session, case, text(), by=alva, now=NOON)
    case.closed_at = NOON
    with pytest.raises(Conflict, match="case_closed"):
        files.attach(session, case, text(), by=alva, now=NOON)


def test_a_form_takes_the_files_of_its_case_and_what_is_answered_cannot_be_removed(
    session, city, case, alva
):
    task = case_questions.task(session, session.scalars(sa.select(Task.id)).one(), by=alva)
    sent = [
        files.attach(session, case, text(name, name), task=task, by=alva, now=NOON)
        for name in ("a.txt", "b.txt", "c.txt")
    ]
    top, inner, row = (str(one.id) for one in sent)
    answers = {"paper": top, "plan": {"map": inner}, "parts": [{"name": "1", "scan": row}]}
    with pytest.raises(Invalid) as refusal:
        tasks.complete(session, task, answers | {"paper": "999"}, command="0", by=alva, now=NOON)
    assert refusal.value.problems.errors[0].code == "unknown_file"
    tasks.complete(session, task, answers, command="1", by=alva, now=NOON)
    assert case.data["parts"][0]["scan"] == row
    for one in sent:
        with pytest.raises(Conflict, match="file_in_use"):
            files.remove(session, one, "Fel", by=alva, now=NOON)


def test_a_backup_carries_the_files_to_the_other_kind_of_database(
    session, database, case, alva, tmp_path
):
    content = "å" * 1_200_000
    file = files.attach(session, case, text(content), by=alva, now=NOON)
    session.commit()
    backup(database, tmp_path, tmp_path / "saved.zip")
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    make_tables(other)
    restore(other, tmp_path / "there", tmp_path / "saved.zip")
    with other.reading() as opened:
        assert rows.whole(opened, opened.get_one(File, file.id)).decode() == content
    other.close()


KILLED = """
import os, sys
from io import BytesIO
from workflows import tables
from workflows.database import Database
from workflows.documents import rows
from workflows.documents.receiving import receive
from workflows.processes.models import Secrecy
from tests.cast import NOON
session = Database(sys.argv[1]).writing()
rows.keep(session, receive("a.txt", BytesIO(b"a" * 9_000_000)), secrecy=Secrecy.OPEN, by_id=None,
          now=NOON)
os._exit(9)
"""


def test_of_an_upload_that_dies_half_way_nothing_is_left(url, database):
    died = subprocess.run([sys.executable, "-c", KILLED, url], check=False)
    assert died.returncode == 9
    with database.reading() as session:
        assert [counted(session, table) for table in (Content, Chunk, File)] == [0, 0, 0]
