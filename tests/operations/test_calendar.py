from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.calendar.because import read
from workflows.calendar.workdays import Skipped
from workflows.cases.models import Case, Timer
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.notices.models import Call, Notice
from workflows.operations import calendar as verbs
from workflows.operations import cases, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries.redating import MOVES, STAYS
from workflows.queries.replanning import preview
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.steering.models import Move, Replanning
from workflows.tasks.models import Task
from workflows.work import run_due

T1_MINUS_10 = datetime(2027, 5, 11, 14, tzinfo=UTC)  # 16:00 in the city


def desk(session, city, unit="STAD", year=2027):
    book = rows.current(session)[1]
    return Desk(book, rows.lineage(session, city.units[unit].id), year)


def move_t1(session, city, day=date(2027, 5, 27), unit="STAD"):
    return changes.set_milestone(desk(session, city, unit), "T1", on=day)


def prepared(session, change, by, **more):
    return verbs.prepare(session, preview(session, change), by=by, now=NOON, **more)


@pytest.fixture
def letter(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    made = start(session, city, "FARSTA", "Alva")
    session.commit()
    return made


def start(session, city, unit, name, **more):
    process = find(session, "letter")
    assert process is not None
    by = city.actor(name)
    return cases.start(session, process, city.units[unit], 2027, by=by, now=NOON, **more)


def writing(session, case):
    wanted = sa.select(Task).where(Task.case_id == case.id, Task.element == "write")
    return session.scalars(wanted).one()


def claim(session, city, case, name="Alva"):
    by = city.actor(name)
    task = case_queries.task(session, writing(session, case).id, by=by, to_change=True)
    tasks.claim(session, task, by=by, now=NOON)
    session.flush()


def test_a_moved_milestone_shows_first_and_then_moves_what_hangs_on_it(session, city, letter):
    disa = city.actor("Disa")
    found = preview(session, move_t1(session, city))
    (moved,) = found.moves
    assert (moved.fate, moved.old_due_at) == (MOVES, T1_MINUS_10)
    assert moved.new_due_at == datetime(2027, 5, 13, 14, tzinfo=UTC)
    change = verbs.prepare(session, found, by=disa, now=NOON)
    assert writing(session, letter).due_at == T1_MINUS_10

    verbs.apply(session, change, why="Nämnden bytte dag", by=disa, now=NOON)
    task = writing(session, letter)
    assert task.due_at == moved.new_due_at
    assert read(task.because).parts[0].on == date(2027, 5, 27)
    events = session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(2)).all()
    assert [(one.kind, one.case_id, one.why) for one in events] == [
        ("dates_moved", letter.id, "Nämnden bytte dag"),
        ("calendar_changed", None, "Nämnden bytte dag"),
    ]


def test_a_task_opened_afterwards_hangs_on_the_new_date(session, city, letter):
    verbs.carry_out(session, move_t1(session, city), why="x", by=city.actor("Disa"), now=NOON)
    case = start(session, city, "BROMMA", "Cleo")
    assert writing(session, case).due_at == datetime(2027, 5, 13, 14, tzinfo=UTC)


def test_undoing_is_another_replanning_that_brings_every_date_back(session, city, letter):
    disa, before = city.actor("Disa"), writing(session, letter).because
    done = verbs.carry_out(session, move_t1(session, city), why="x", by=disa, now=NOON)
    back = prepared(session, verbs.turned_round(done), disa, undoes_id=done.id)
    verbs.apply(session, back, why="Fel dag", by=disa, now=NOON)
    assert writing(session, letter).due_at == T1_MINUS_10
    assert writing(session, letter).because == before
    assert session.scalars(sa.select(Replanning.undoes_id)).all() == [None, done.id]


def test_a_change_of_one_unit_leaves_the_others_alone(session, city, letter):
    other = start(session, city, "BROMMA", "Cleo")
    change = move_t1(session, city, unit="BROMMA")
    verbs.carry_out(session, change, why="x", by=city.actor("Cleo"), now=NOON)
    assert writing(session, letter).due_at == T1_MINUS_10
    assert writing(session, other).due_at == datetime(2027, 5, 13, 14, tzinfo=UTC)
    assert read(writing(session, other).because).parts[0].params["own"] is True


def test_the_citys_date_does_not_move_a_unit_that_has_its_own(session, city, letter):
    own = move_t1(session, city, unit="FARSTA")
    verbs.carry_out(session, own, why="x", by=city.actor("Alva"), now=NOON)
    assert preview(session, move_t1(session, city, date(2027, 5, 20))).moves == ()


def test_a_date_fixed_by_law_is_marked_and_stays(session, city, letter):
    writing(session, letter).is_legal = True
    session.flush()
    change = prepared(session, move_t1(session, city), city.actor("Disa"))
    (shown,) = session.scalars(sa.select(Move)).all()
    assert (shown.fate, shown.old_due_at) == (STAYS, T1_MINUS_10)
    verbs.apply(session, change, why="", by=city.actor("Disa"), now=NOON)
    assert writing(session, letter).due_at == T1_MINUS_10


@pytest.mark.parametrize("code", ["AR_SUBMIT", "INTERIM_DUE", "T1_END", "YEAR_START"])
def test_a_milestone_set_by_law_or_by_the_year_cannot_be_edited(session, city, code):
    with pytest.raises(Forbidden, match="milestone_fixed"):
        changes.set_milestone(desk(session, city), code, on=date(2027, 5, 3))


@pytest.mark.parametrize(
    ("name", "unit"),
    [("Alva", "STAD"), ("Disa", "FARSTA"), ("Cleo", "FARSTA"), ("Bo", "FARSTA"), ("Jon", "BROMMA")],
)
def test_who_does_not_keep_a_calendar_cannot_change_it(session, city, name, unit):
    found = preview(session, move_t1(session, city, unit=unit))
    with pytest.raises(Forbidden):
        verbs.prepare(session, found, by=city.actor(name), now=NOON)
    change = verbs.prepare(session, found, by=SYSTEM, now=NOON)
    with pytest.raises(Forbidden):
        verbs.apply(session, change, why="x", by=city.actor(name), now=NOON)


def test_moving_something_asks_for_a_reason(session, city, letter):
    change = prepared(session, move_t1(session, city), city.actor("Disa"))
    with pytest.raises(Invalid, match="reason_missing"):
        verbs.apply(session, change, why="  ", by=city.actor("Disa"), now=NOON)


def test_a_preview_does_not_stand_when_the_calendar_has_changed(session, city, letter):
    disa = city.actor("Disa")
    first = prepared(session, move_t1(session, city), disa)
    later = changes.close_day(desk(session, city), date(2027, 4, 2), "Stängt")
    verbs.carry_out(session, later, why="x", by=disa, now=NOON)
    with pytest.raises(Conflict, match="preview_outdated"):
        verbs.apply(session, first, why="x", by=disa, now=NOON)


def test_a_preview_does_not_stand_when_a_new_task_would_move_too(session, city, letter):
    change = prepared(session, move_t1(session, city), city.actor("Disa"))
    start(session, city, "BROMMA", "Cleo")
    with pytest.raises(Conflict, match="preview_outdated"):
        verbs.apply(session, change, why="x", by=city.actor("Disa"), now=NOON)


def test_a_preview_does_not_stand_when_a_shown_date_has_become_another(session, city, letter):
    change = prepared(session, move_t1(session, city), city.actor("Disa"))
    task = writing(session, letter)
    task.because = task.because | {"rule": "T1 - 5wd"}
    session.flush()
    with pytest.raises(Conflict, match="preview_outdated"):
        verbs.apply(session, change, why="x", by=city.actor("Disa"), now=NOON)


def test_work_that_leaves_the_dates_alone_does_not_make_a_preview_old(session, city, letter):
    change = prepared(session, move_t1(session, city), city.actor("Disa"))
    claim(session, city, letter)
    verbs.apply(session, change, why="x", by=city.actor("Disa"), now=NOON)
    assert writing(session, letter).due_at > T1_MINUS_10


def test_what_was_completed_meanwhile_is_left_as_it_was(session, city, letter):
    change = prepared(session, move_t1(session, city), city.actor("Disa"))
    by = city.actor("Alva")
    task = case_queries.task(session, writing(session, letter).id, by=by, to_change=True)
    tasks.complete(session, task, {"text": "Hej"}, command="once", by=by, now=NOON)
    verbs.apply(session, change, why="x", by=city.actor("Disa"), now=NOON)
    assert writing(session, letter).due_at == T1_MINUS_10
    assert "dates_moved" not in session.scalars(sa.select(Event.kind)).all()


def test_a_change_is_applied_once(session, city, letter):
    done = verbs.carry_out(
        session, move_t1(session, city), why="x", by=city.actor("Disa"), now=NOON
    )
    with pytest.raises(Conflict, match="replanning_applied"):
        verbs.apply(session, done, why="x", by=city.actor("Disa"), now=NOON)
    with pytest.raises(Conflict, match="replanning_applied"):
        verbs.forget(session, done, by=city.actor("Disa"))


def test_a_change_cannot_be_undone_over_a_later_one(session, city, letter):
    disa = city.actor("Disa")
    done = verbs.carry_out(session, move_t1(session, city), why="x", by=disa, now=NOON)
    later = move_t1(session, city, date(2027, 5, 20))
    verbs.carry_out(session, later, why="x", by=disa, now=NOON)
    with pytest.raises(Conflict, match="calendar_overtaken"):
        preview(session, verbs.turned_round(done))


def test_confirming_moves_nothing_but_tells_the_reason_anew(session, city, letter):
    confirmed = changes.confirm(desk(session, city), "T1")
    assert confirmed.kind == "confirmed"
    verbs.carry_out(session, confirmed, why="", by=city.actor("Disa"), now=NOON)
    task = writing(session, letter)
    assert task.due_at == T1_MINUS_10
    assert read(task.because).parts[0].params["confirmed"] is True


def test_a_milestone_that_does_not_exist_takes_the_date_away(session, city, letter):
    absent = changes.set_milestone(desk(session, city), "T1", on=None, exists=False)
    verbs.carry_out(session, absent, why="x", by=city.actor("Disa"), now=NOON)
    assert writing(session, letter).due_at is None
    assert writing(session, letter).because["unresolved"] == "milestone_absent"


def test_a_closed_day_moves_what_is_counted_over_it(session, city, letter):
    closed = changes.close_day(desk(session, city), date(2027, 5, 18), "Kompetensdag")
    verbs.carry_out(session, closed, why="x", by=city.actor("Disa"), now=NOON)
    task = writing(session, letter)
    assert task.due_at == T1_MINUS_10 - timedelta(days=1)
    assert Skipped(date(2027, 5, 18), "Kompetensdag") in read(task.because).parts[1].skipped


def test_cases_wait_for_a_year_without_calendar_and_get_dates_when_it_is_drafted(
    session, city, letter
):
    disa = city.actor("Disa")
    verbs.carry_out(session, move_t1(session, city), why="x", by=disa, now=NOON)
    letter.year = 2028
    task = writing(session, letter)
    task.due_at = None
    task.because = {"rule": "T1 - 10wd", "unresolved": "no_calendar", "params": {"year": 2028}}
    task.is_legal = True  # a first date is not a move
    session.flush()
    assert rows.calendar_of(session, city.units["STAD"].id, 2028).years == {2026, 2027}
    drafted = changes.draft(desk(session, city, year=2028))
    verbs.carry_out(session, drafted, why="Nytt år", by=disa, now=NOON)
    assert writing(session, letter).due_at is not None


def test_a_waiting_timer_moves_and_one_that_has_fired_does_not(session, city, letter):
    because = writing(session, letter).because
    for wait, fired in (("waits", None), ("fired", NOON)):
        session.add(
            Timer(
                case_id=letter.id, wait_id=wait, element=wait, rule="T1 - 10wd", missed="once",
                due_at=T1_MINUS_10, because=because, fired_at=fired,
            )
        )  # fmt: skip
    session.flush()
    verbs.carry_out(session, move_t1(session, city), why="x", by=city.actor("Disa"), now=NOON)
    due = dict(iter(session.execute(sa.select(Timer.wait_id, Timer.due_at))))
    assert due == {"waits": datetime(2027, 5, 13, 14, tzinfo=UTC), "fired": T1_MINUS_10}


def test_what_hangs_on_the_data_of_a_case_is_dated_by_it(session, city, letter):
    case = session.get_one(Case, letter.id)
    case.data = {"exercise_day": "2027-05-10"}
    task = writing(session, letter)
    task.because = task.because | {"rule": "case.exercise_day + 5wd"}
    task.due_at = datetime(2027, 5, 17, 14, tzinfo=UTC)
    session.flush()
    closed = changes.close_day(desk(session, city), date(2027, 5, 12), "Stängt")
    (moved,) = preview(session, closed).moves
    assert moved.new_due_at == datetime(2027, 5, 18, 14, tzinfo=UTC)


def test_prepared_changes_nobody_applied_are_forgotten_after_a_day(session, city, letter):
    disa = city.actor("Disa")
    old = prepared(session, move_t1(session, city), disa).id
    found = preview(session, move_t1(session, city))
    verbs.prepare(session, found, by=disa, now=NOON + timedelta(days=2))
    assert old not in session.scalars(sa.select(Replanning.id)).all()
    assert old not in session.scalars(sa.select(Move.replanning_id)).all()


def test_the_years_rules_hold_when_its_first_date_is_set(session, city):
    before = desk(session, city).milestones
    verbs.carry_out(session, move_t1(session, city), why="", by=city.actor("Disa"), now=NOON)
    assert desk(session, city).milestones == before | {
        "T1": replace(before["T1"], on=date(2027, 5, 27))
    }


def test_what_reminds_is_planned_anew_and_each_person_told_once(session, database, city, letter):
    claim(session, city, letter)
    task = writing(session, letter)
    before = reminders(session, task)
    assert before
    verbs.carry_out(session, move_t1(session, city), why="x", by=city.actor("Disa"), now=NOON)
    assert reminders(session, task) == []
    session.commit()
    run_due(database, now=NOON)
    session.expire_all()
    after = reminders(session, task)
    assert all(day > earlier for day, earlier in zip(after, before, strict=True))
    told = session.scalars(sa.select(Notice).where(Notice.kind == "deadlines_moved")).all()
    assert [(one.person_id, one.what) for one in told] == [(city.people["Alva"].id, {"count": 1})]
    assert session.scalars(sa.select(Move.id).where(Move.calls_due)).all() == []


def reminders(session, task):
    wanted = sa.select(Call.due_at).where(Call.task_id == task.id, Call.occasion == "reminder")
    return session.scalars(wanted.order_by(Call.due_at)).all()
