"""Searching everything: what is found, by whom, and that what must not be found never is."""

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.documents.models import Document
from workflows.operations import cases, entries, publishing
from workflows.operations import tasks as verbs
from workflows.processes.models import Secrecy
from workflows.processes.rows import find
from workflows.queries.search import search
from workflows.registers import deciding, definition
from workflows.registers import rows as registers
from workflows.registers.models import Entry, Marking, Source
from workflows.search import rows
from workflows.search.models import SearchRow
from workflows.tasks import rows as tasks
from workflows.tasks.models import Task


@pytest.fixture
def town(session, city):
    """An internal letter in Farsta and in Bromma, an open memo and a secret note in Farsta."""
    for key, secrecy in (("letter", "internal"), ("memo", "open"), ("note", "sec")):
        publishing.publish(session, packages.letter(secrecy, key=key), by=SYSTEM, now=NOON)
    memo = find(session, "memo")
    memo.name_sv, memo.name_en = "Skriva PM", "Write a memo"
    for key, code in (
        ("letter", "FARSTA"),
        ("letter", "BROMMA"),
        ("memo", "FARSTA"),
        ("note", "FARSTA"),
    ):
        unit = city.units[code]
        case = cases.start(session, find(session, key), unit, 2027, by=SYSTEM, now=NOON)
        session.add(_document(case))
    session.flush()
    return city


def _document(case):
    return Document(
        case_id=case.id, kind="k", version=1, template_version=1, marking="open", says={}, hash="h",
        title=f"Rapport {case.key}", at=NOON,
    )  # fmt: skip


def action(session, city, name, *, marking=Marking.OPEN, code="FARSTA", level=Secrecy.INTERNAL):
    """A row of the register of actions that stands."""
    origin = registers.Origin(city.units[code].id, 2027, level, Source.IMPORT)
    row = {"title": name, "secrecy": marking.value}
    changes = deciding.take_in(session, definition("action"), origin, [row], now=NOON)
    return changes[0].entry


def found(session, city, who, text):
    answer = search(session, text, by=city.actor(who))
    return (
        [f"{case.process.key} {case.unit.code}" for case in answer.cases]
        + [f"{one.process.key} {one.unit.code} {one.element}" for one in answer.tasks]
        + [one.name for one in answer.entries]
        + [one.title for one in answer.documents]
        + [one.id for one in answer.unassessed]
    )


def test_words_find_cases_tasks_and_documents_each_begun_or_whole(session, town):
    tasks_there = ["letter FARSTA write", "memo FARSTA write"]  # both are called Skriv brevet
    farsta = ["letter FARSTA", *tasks_there, "Rapport LETTER-FARSTA-2027-1"]
    for text in ("skriva brev farsta", "SKRIVA brev fars 2027", "farsta letter skriva"):
        assert found(session, town, "Alva", text) == farsta, text
    assert found(session, town, "Alva", "rapport farsta") == [
        "Rapport MEMO-FARSTA-2027-1", "Rapport LETTER-FARSTA-2027-1",
    ]  # fmt: skip
    for nothing in ("", "  ", "%", "letter -memo lund", '"', "brev* OR kkkcase", "AND", "å"):
        assert found(session, town, "Alva", nothing) == [], nothing


def test_a_unit_and_a_process_are_found_by_their_names_of_today(session, town):
    assert "letter FARSTA" in found(session, town, "Alva", "stadsdelsnämnd skriva brev")
    town.units["FARSTA"].name = "Farsta-Älvsjö stadsdelsnämnd"
    session.flush()
    assert "letter FARSTA" in found(session, town, "Alva", "älvsjö")
    assert found(session, town, "Alva", "alvsjo") == []  # ä is a letter of its own


def test_nobody_finds_what_they_may_not_see(session, town):
    action(session, town, "Lås dörren")
    open_ones = ["memo FARSTA", "memo FARSTA write", "Rapport MEMO-FARSTA-2027-1"]
    for who in ("Cleo", "Jon", "Egil", "Gun"):
        assert found(session, town, who, "farsta") == open_ones, who
        assert found(session, town, who, "dörren") == found(session, town, who, "uuu2 dör") == []
    for who in ("Alva", "Bo", "Disa", "Frida", "Hedda"):
        assert {*open_ones, "letter FARSTA"} < set(found(session, town, who, "farsta")), who
        assert found(session, town, who, "dörren") == ["Lås dörren"]


def test_what_is_secret_never_enters_the_index(session, town):
    action(session, town, "Hemlig brunn", marking=Marking.CRISIS)
    action(session, town, "Dold brunn", level=Secrecy.SECRET)
    session.flush()
    for who in ("Alva", "Disa", "Hedda"):  # Alva has the role of its task
        for text in ("note", "farsta", "skriv brevet", "rapport"):
            assert not any("note" in one.lower() for one in found(session, town, who, text)), who
        assert found(session, town, who, "brunn") == []
    words = " ".join(session.scalars(sa.select(SearchRow.words)))
    assert "brunn" not in words
    assert "note" not in words


def test_a_row_that_nobody_has_assessed_is_told_of_and_not_shown(session, town):
    action(session, town, "Öva larmet", marking=Marking.UNASSESSED)
    assert found(session, town, "Alva", "larmet") == ["action"]
    assert found(session, town, "Cleo", "larmet") == []


def test_what_can_be_found_follows_what_happens(session, town):
    entry = action(session, town, "Byt pumpen")
    entry = entries.mark(
        session, entry, Marking.CRISIS, "Visar hur", seen=entry.revision,
        by=town.actor("Alva"), now=NOON,
    )  # fmt: skip
    session.flush()
    assert found(session, town, "Alva", "pumpen") == []
    taken_out = action(session, town, "Köp filter")
    taken_out.import_id = None
    assert found(session, town, "Alva", "filter") == ["Köp filter"]
    registers.withdrawn(taken_out, now=NOON)
    session.flush()
    assert found(session, town, "Alva", "filter") == []
    task = session.scalars(sa.select(Task).join(Task.process).where(Task.closed_at.is_(None)))
    one = next(each for each in task if each.process.key == "letter" and each.unit.code == "FARSTA")
    verbs.complete(
        session, tasks.find(session, one.id), {"text": "Hej"}, command="1", by=town.actor("Alva"),
        now=NOON,
    )  # fmt: skip
    assert "letter FARSTA approve" in found(session, town, "Alva", "godkänn")
    assert [*rows.strays(session)] == []


def test_the_index_is_made_anew_from_what_there_is(session, town):
    assert [*rows.strays(session)] == []
    action(session, town, "Lås dörren")
    session.flush()
    session.execute(sa.delete(SearchRow).where(SearchRow.kind != "case"))
    session.execute(sa.update(Entry).values(words="annat"))
    assert {kind for kind, _ in rows.strays(session)} == {"entry", "document"}
    assert rows.rebuild(session) == 3 + 3 + 1
    assert [*rows.strays(session)] == []
    assert found(session, town, "Alva", "annat") == ["Lås dörren"]
