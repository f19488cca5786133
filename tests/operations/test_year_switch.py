"""A year that ends and a body that ends: what goes on, what is frozen, and nothing twice."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.operations.book import Books, book, risk
from workflows import work
from workflows.cases.models import Case
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.follow_up.year_models import Switch, Verdict
from workflows.follow_up.year_rows import lives_on
from workflows.history.models import Event
from workflows.operations import cases, entries, year_switch, years
from workflows.operations.year_switch import Said
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.rows import find
from workflows.queries import registers as register_queries
from workflows.queries import year_board as questions
from workflows.registers import definition, names
from workflows.registers.models import Entry, EntryState
from workflows.tasks.models import Task, TaskRole

SPRING = datetime(2028, 2, 15, 12, tzinfo=UTC)
GO = {"outcome": "go"}
ACTIONS = [{"title": "Köp reservkraft", "who": "Chef"}, {"title": "Öva larmet", "who": "Chef"}]


@pytest.fixture
def books(database, session, city):
    made = Books(database, session, city)
    made.publish(book())
    made.finish(made.list(made.begin(), risk("El borta"), risk("Brand"), actions=ACTIONS))
    for one in made.entries("action"):
        entries.change(
            session, one, {"due": "2027-11-30"}, seen=one.revision, by=city.actor("Alva"), now=NOON
        )
    session.commit()
    return made


def unit(books, code="FARSTA"):
    return books.session.get_one(Unit, books.city.units[code].id)


def of_bromma(books):
    process, bromma = find(books.session, "book"), unit(books, "BROMMA")
    return cases.start(books.session, process, bromma, 2027, by=SYSTEM, now=NOON)


def prepared(books, by="Alva"):
    return year_switch.prepare(
        books.session, unit(books), 2027, by=books.city.actor(by), now=SPRING
    )


def verdicts(switch):
    return {one.entry.name: (one.verdict.value, one.reason) for one in switch.items}


def items(switch):
    return {one.entry.name if one.entry else one.case.key: one for one in switch.items}


def applied(books, switch):
    year_switch.apply(books.session, switch, by=books.city.actor("Alva"), now=SPRING)
    books.session.commit()
    return switch


def standing(books, **more):
    wanted = sa.select(Entry).where(Entry.state == EntryState.APPROVED).filter_by(**more)
    return {one.name: one for one in books.session.scalars(wanted)}


def undone(books, switch, why="Fel år", by="Disa"):
    year_switch.undo(books.session, switch, why, by=books.city.actor(by), now=SPRING)
    books.session.commit()


def test_each_row_goes_on_with_a_verdict_and_the_old_year_keeps_its_version(books):
    switch = prepared(books)
    assert verdicts(switch) == {
        "El borta": ("kept", "nobodys"),
        "Brand": ("kept", "nobodys"),
        "Köp reservkraft": ("changed", "late"),
        "Öva larmet": ("changed", "late"),
    }
    by, said = books.city.actor("Alva"), items(switch)
    for wrong in (Said(Verdict.DROPPED), Said(Verdict.CHANGED, "x"), Said(Verdict.MOVED, "x")):
        with pytest.raises(Invalid):
            year_switch.say(books.session, switch, {said["Öva larmet"].id: wrong}, by=by)
    with pytest.raises(Forbidden):
        year_switch.say(books.session, switch, {}, by=books.city.actor("Cleo"))
    ends = Said(Verdict.DROPPED, "Ersatt av ny larmväg")
    year_switch.say(books.session, switch, {said["Öva larmet"].id: ends}, by=by)
    assert verdicts(prepared(books))["Öva larmet"] == ("dropped", "Ersatt av ny larmväg")
    switch = applied(books, prepared(books))
    now = standing(books)
    assert {name: one.year for name, one in now.items()} == {
        "El borta": 2028, "Brand": 2028, "Köp reservkraft": 2028,
    }  # fmt: skip
    assert now["Köp reservkraft"].due_on.year == 2028
    old = books.session.get_one(Entry, now["Köp reservkraft"].base_id)
    assert (old.year, str(old.due_on), old.state) == (2027, "2027-11-30", EntryState.SUPERSEDED)
    before = register_queries.a_year_before(books.session, list(now.values()))
    assert before[now["Köp reservkraft"].identity].id == old.id
    told = books.session.scalars(sa.select(Event).where(Event.kind == "year_carried")).one()
    assert "Ersatt av ny larmväg" in told.what
    assert told.unit_id == unit(books).id


def test_nothing_is_done_twice_and_a_stale_look_is_refused(books):
    switch = prepared(books)
    [late] = [one for one in books.entries("action") if one.name == "Öva larmet"][-1:]
    by = books.city.actor("Alva")
    entries.change(books.session, late, {"status": "done"}, seen=late.revision, by=by, now=SPRING)
    with pytest.raises(Conflict, match="preview_outdated"):
        year_switch.apply(books.session, switch, by=by, now=SPRING)
    switch = applied(books, prepared(books))
    count = len(books.entries("risk"))
    for again in (lambda: prepared(books), lambda: applied(books, switch)):
        with pytest.raises(Conflict, match="switch_done"):
            again()
    assert len(books.entries("risk")) == count
    assert standing(books)["Öva larmet"].year == 2027  # done, and of its year


def test_it_is_taken_back_until_somebody_has_built_upon_it(books):
    switch = applied(books, prepared(books))
    with pytest.raises(Invalid, match="reason_missing"):
        undone(books, switch, "")
    with pytest.raises(Forbidden):
        undone(books, switch, by="Alva")
    undone(books, switch)
    assert {one.year for one in standing(books).values()} == {2027}
    switch = applied(books, prepared(books))
    one = standing(books)["Köp reservkraft"]
    entries.change(
        books.session, one, {"status": "in_progress"}, seen=one.revision,
        by=books.city.actor("Alva"), now=SPRING,
    )  # fmt: skip
    with pytest.raises(Conflict, match="decided_since"):
        undone(books, switch)


def test_the_clock_carries_every_body_over_and_goes_on_where_it_stopped(books, database):
    by = books.city.actor("Disa")
    count = year_switch.ask_for_all(books.session, 2027, by=by, now=SPRING)
    assert count == 3  # the city, Farsta and Bromma
    one = books.session.scalars(sa.select(Switch).order_by(Switch.id)).first()
    year_switch.carry_on(books.session, one.id, now=SPRING)  # and then the power went
    books.session.commit()
    for _ in range(2):
        work.run_due(database, now=SPRING)
    books.session.expire_all()
    done = books.session.scalars(sa.select(Switch.applied_at)).all()
    assert len(done) == 3
    assert None not in done
    assert {one.year for one in standing(books, register="risk").values()} == {2028}
    assert len(standing(books, register="risk")) == 2
    with pytest.raises(Conflict, match="nothing_to_carry"):
        year_switch.ask_for_all(books.session, 2027, by=by, now=SPRING)


def test_late_work_of_the_old_year_changes_the_row_that_went_on(books):
    late = books.begin(occasion="late")
    books.list(late, risk("El borta", 5), risk("Brand"), actions=ACTIONS)
    switch = prepared(books)
    assert verdicts(switch)["El borta"] == ("kept", "in_case")
    applied(books, switch)
    books.finish(late)
    one = standing(books, register="risk")["El borta"]
    assert (one.year, one.data["likelihood"]) == (2028, 5)


def test_a_year_is_frozen_when_all_of_it_is_over_then_sealed_and_stays_as_it_was(books):
    session, by, farsta = books.session, books.city.actor("Disa"), unit(books)
    late = books.begin(occasion="late")
    with pytest.raises(Forbidden):
        years.freeze(session, farsta, 2027, "", by=books.city.actor("Alva"), now=SPRING)
    with pytest.raises(Conflict, match="year_work_open"):
        years.freeze(session, farsta, 2027, "", by=by, now=SPRING)
    books.finish(books.list(late, risk("El borta"), risk("Brand"), actions=ACTIONS))
    with pytest.raises(Conflict, match="year_not_carried"):
        years.freeze(session, farsta, 2027, "", by=by, now=SPRING)
    switch = applied(books, prepared(books))
    state = years.freeze(session, farsta, 2027, "", by=by, now=SPRING)
    for refused in (
        lambda: years.freeze(session, farsta, 2027, "", by=by, now=SPRING),
        lambda: undone(books, switch),
        lambda: cases.start(
            session, find(session, "book"), farsta, 2027, occasion="new", by=SYSTEM, now=SPRING
        ),
    ):
        with pytest.raises(Conflict, match="year_frozen"):
            refused()
    years.thaw(session, state, "En rad saknas", by=by, now=SPRING)
    with pytest.raises(Conflict, match="year_not_frozen"):
        years.seal(session, state, by=by, now=SPRING)
    years.freeze(session, farsta, 2027, "", by=by, now=SPRING)
    years.seal(session, state, by=by, now=SPRING)
    session.commit()
    assert state.counts == {"cases": 2, "steps": 4, "rows": 8}
    one = standing(books)["Köp reservkraft"]
    entries.change(
        session, one, {"status": "done"}, seen=one.revision,
        by=books.city.actor("Alva"), now=SPRING,
    )  # fmt: skip
    assert questions.closing(session, farsta, 2027, by=by).is_as_sealed
    for again in (
        lambda: years.seal(session, state, by=by, now=SPRING),
        lambda: years.thaw(session, state, "Ändra", by=by, now=SPRING),
    ):
        with pytest.raises(Conflict, match="year_sealed"):
            again()
    old = session.get_one(Entry, one.base_id)
    session.execute(sa.update(Entry).where(Entry.id == old.id).values(data={"title": "Annat"}))
    assert not questions.closing(session, farsta, 2027, by=by).is_as_sealed
    kinds = session.scalars(sa.select(Event.kind).where(Event.chain == "city")).all()
    assert [one for one in kinds if one.startswith("year_")] == [
        "year_carried", "year_frozen", "year_thawed", "year_frozen", "year_sealed",
    ]  # fmt: skip


def test_a_year_is_opened_once_when_its_dates_are_known(books):
    by = books.city.actor("Disa")
    opened = years.open_year(books.session, 2028, by=by, now=NOON)
    assert opened.opened_at == NOON
    with pytest.raises(Conflict, match="year_open_already"):
        years.open_year(books.session, 2028, by=by, now=NOON)
    with pytest.raises(Forbidden):
        years.open_year(books.session, 2029, by=books.city.actor("Alva"), now=NOON)


def test_what_a_body_has_open_goes_to_its_successors_and_back(books):
    session, by = books.session, books.city.actor("Disa")
    running = books.begin(occasion="second")
    theirs = of_bromma(books)
    new = Unit(
        code="SYD", name="Söderort", sort_key="s", kind=UnitKind.DISTRICT_BOARD,
        parent_id=unit(books, "STAD").id,
    )  # fmt: skip
    session.add(new)
    session.flush()
    farsta, bromma = unit(books), unit(books, "BROMMA")
    last = date(2028, 6, 30)
    with pytest.raises(Invalid, match="no_successor"):
        year_switch.prepare_merge(session, farsta, [], last, by=by, now=SPRING)
    switch = year_switch.prepare_merge(session, farsta, [bromma, new], last, by=by, now=SPRING)
    said = items(switch)
    assert (said[running.key].verdict, said["Brand"].to_unit_id) == (Verdict.MOVED, bromma.id)
    year_switch.say(
        session, switch, {said["Brand"].id: Said(Verdict.MOVED, to_unit_id=new.id)}, by=by
    )
    year_switch.apply(session, switch, by=by, now=SPRING)
    session.commit()
    now = standing(books)
    assert (now["El borta"].unit_id, now["Brand"].unit_id) == (bromma.id, new.id)
    assert (farsta.valid_to, farsta.successor_id, running.unit_id) == (last, bromma.id, bromma.id)
    task = session.scalars(sa.select(Task).where(Task.case_id == running.id)).one()
    roles = session.scalars(sa.select(TaskRole.unit_id).where(TaskRole.task_id == task.id)).all()
    assert (task.unit_id, roles) == (bromma.id, [bromma.id])
    assert session.get_one(Case, theirs.id).unit_id == bromma.id
    with pytest.raises(Conflict, match="switch_done"):
        year_switch.prepare_merge(session, farsta, [bromma], last, by=by, now=SPRING)
    undone(books, switch)
    assert {one.unit_id for one in standing(books).values()} == {farsta.id}
    assert (farsta.valid_to, farsta.successor_id, running.unit_id) == (None, None, farsta.id)
    again = year_switch.prepare_merge(session, farsta, [bromma], last, by=by, now=SPRING)
    year_switch.apply(session, again, by=by, now=SPRING)
    books.do(running, "list", {"risks": [], "actions": []}, by="Cleo")
    with pytest.raises(Conflict, match="decided_since"):
        undone(books, again)


def test_two_rows_of_the_same_name_are_both_there_after_a_merge(books):
    session, by = books.session, books.city.actor("Disa")
    books.do(books.list(of_bromma(books), risk("Brand", 5), by="Cleo"), "decide", GO, by="Cleo")
    farsta, bromma = unit(books), unit(books, "BROMMA")
    switch = year_switch.prepare_merge(
        session, farsta, [bromma], date(2028, 6, 30), by=by, now=SPRING
    )
    assert items(switch)["Brand"].reason == "twice"
    year_switch.apply(session, switch, by=by, now=SPRING)
    found = [one for one in books.entries("risk", EntryState.APPROVED) if one.name == "Brand"]
    assert {one.unit_id for one in found} == {bromma.id}
    assert len(found) == 2


def test_which_rows_live_on_is_what_their_registers_say():
    stays = {one for one in names() if not lives_on(definition(one))}
    assert stays >= {"decision", "exercise_plan", "ia_statistic", "situation_report"}
    assert not stays & {"action", "risk", "dependency", "continuity_plan", "review_item", "finding"}
