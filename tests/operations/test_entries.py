"""What people do to entries: how it goes, how secret it is, and who may."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.cast import NOON
from tests.operations.book import Books, book, risk
from webapp import matrix
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.operations import entries
from workflows.organisation.actor import Held
from workflows.queries import registers
from workflows.registers import definition
from workflows.registers.models import EntryState, Marking, Source

ACTION = {"title": "Köp reservkraft", "who": "Enhetschef"}


@pytest.fixture
def books(database, session, city):
    made = Books(database, session, city)
    made.publish(book(), book("hidden", secrecy="sec"))
    made.finish(made.list(made.begin(), risk("El borta"), actions=[ACTION]))
    return made


def changed(books, raw, *, by="Alva", seen=None):
    [entry] = books.entries("action", EntryState.APPROVED)
    seen = entry.revision if seen is None else seen
    made = entries.change(books.session, entry, raw, seen=seen, by=books.city.actor(by), now=NOON)
    books.session.commit()
    return made


def marked(books, secrecy, *, by="Alva"):
    [entry] = books.entries("action", EntryState.APPROVED)
    made = entries.mark(
        books.session, entry, secrecy, "Prövat", seen=entry.revision,
        by=books.city.actor(by), now=NOON,
    )  # fmt: skip
    books.session.commit()
    return made


def test_a_change_by_hand_is_a_version_of_its_own_and_history_tells_old_and_new(books):
    made = changed(books, {"status": "in_progress", "due": "2027-09-01", "responsible": "Chef"})
    old = books.entries("action")[0]
    assert (old.state, old.status, old.number) == (EntryState.SUPERSEDED, "not_started", 1)
    assert (made.number, made.source, made.status) == (2, Source.HAND, "in_progress")
    assert (made.owner, str(made.due_on)) == ("Chef", "2027-09-01")
    found = registers.versions(books.session, made, by=books.city.actor("Alva"))
    told = registers.trail(books.session, found)
    assert [one.kind for one in told] == ["entry_changed", "entries_approved", "task_completed"]
    assert told[0].what["changed"]["status"] == ["not_started", "in_progress"]
    assert changed(books, {"status": "done"}).is_open is False


def test_who_does_not_answer_for_it_or_comes_late_changes_nothing(books):
    with pytest.raises(Forbidden):
        changed(books, {"status": "done"}, by="Cleo")
    with pytest.raises(Conflict):
        changed(books, {"status": "done"}, seen=99)
    with pytest.raises(Invalid):
        changed(books, {"title": "Något annat"})
    with pytest.raises(Invalid):
        changed(books, {"status": "nonsense"})
    with pytest.raises(Invalid):
        changed(books, {"status": "not_started", "responsible": "Enhetschef"})
    assert len(books.entries("action")) == 1


def test_a_stand_in_acts_in_the_name_of_who_is_away(books):
    alva, unit = books.city.actor("Alva"), books.city.units["FARSTA"].id
    held = frozenset({Held("security_coordinator", unit, via_id=alva.id)})
    jon = replace(books.city.actor("Jon"), held=held)
    [entry] = books.entries("action", EntryState.APPROVED)
    entries.change(books.session, entry, {"status": "done"}, seen=entry.revision, by=jon, now=NOON)
    event = books.session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.kind, event.acting_for_id) == ("entry_changed", alva.id)


def test_less_secrecy_needs_a_second_person_who_guards_secrets(books):
    made = marked(books, Marking.CRISIS)
    assert (made.secrecy, made.number) == (Marking.CRISIS, 2)
    waiting = marked(books, Marking.OPEN)
    assert (waiting.secrecy, waiting.lowering["to"]) == (Marking.CRISIS, "open")

    def decided(by, *, agrees=True):
        [entry] = books.entries("action", EntryState.APPROVED)
        return entries.decide_lowering(
            books.session, entry, "Uppgiften är känd", agrees=agrees, seen=entry.revision,
            by=books.city.actor(by), now=NOON,
        )  # fmt: skip

    for nobody in ("Alva", "Bo", "Disa"):
        with pytest.raises(Forbidden):
            decided(nobody)
    assert decided("Hedda", agrees=False).secrecy is Marking.CRISIS
    marked(books, Marking.OPEN, by="Hedda")
    with pytest.raises(Forbidden):
        decided("Hedda")
    marked(books, Marking.UNASSESSED)
    assert decided("Hedda").secrecy is Marking.UNASSESSED


def test_nobody_sees_or_counts_rows_of_secret_cases_but_who_guards_secrets(books):
    hidden = books.begin(key="hidden")
    books.list(hidden, risk("El borta", 5), risk("Hemligt"))
    books.finish(hidden)
    register = registers.opened("risk", by=books.city.actor("Alva"))
    for name, seen in {"Alva": 1, "Disa": 1, "Frida": 1, "Cleo": 0, "Jon": 0, "Hedda": 3}.items():
        by = books.city.actor(name)
        found = registers.search(
            books.session, register, registers.Wanted(), by=by, today=NOON.date()
        )
        assert (name, found.total, len(found.entries)) == (name, seen, seen)
        shelf = {
            one.register.id: one.open
            for one in registers.shelves(books.session, by=by, today=NOON.date())
        }
        assert shelf["risk"] == seen
        assert ("sua_case" in shelf) == (name == "Hedda")


def test_a_row_is_held_against_how_it_stood_the_year_before_and_by_which_scale(books):
    def stands(year, likelihood, scale):
        case = books.list(books.begin(year), risk("El borta", likelihood, 3))
        books.finish(case)
        case.data = {**case.data, "scale_version": scale}
        books.session.commit()
        [now] = books.entries("risk", EntryState.APPROVED)
        before = registers.a_year_before(books.session, [now])
        scales = registers.scales(books.session, [now, *before.values()])
        return matrix.drawn(definition("risk"), [now], before, scales)

    drawn = stands(2028, 5, "2028")
    [row], [move] = drawn.rows, drawn.moves
    assert (row.was, row.place, row.since, row.change) == ((3, 3), (5, 3), 2027, 6)
    assert (row.is_rough, move.is_rough) == (True, True), "another scale, so only about so"
    drawn = stands(2029, 5, "2028")
    assert (drawn.rows[0].was, drawn.rows[0].since) == ((5, 3), 2028), "confirmed as it stood"
    assert (drawn.moves, drawn.rows[0].is_rough) == ((), False)
