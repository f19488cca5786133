"""Dates that follow what a case learns, and steps that fall away with their milestone."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.steering import outing
from workflows.calendar.because import read
from workflows.cases.models import Case, CaseState, Timer
from workflows.history.models import Event
from workflows.language import Language, on
from workflows.notices.models import Call, Notice
from workflows.operations import calendar as verbs
from workflows.operations import cases, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries import notices as notice_queries
from workflows.queries.redating import LEAVES, MOVES
from workflows.queries.replanning import preview
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.tasks.models import Outcome, Task
from workflows.work import run_due


def begin(session, city, package, unit="FARSTA", name="Alva"):
    publishing.publish(session, package, by=SYSTEM, now=NOON)
    process = find(session, package.key)
    made = cases.start(session, process, city.units[unit], 2027, by=city.actor(name), now=NOON)
    session.commit()
    return made


def no_t1(session, city, unit="STAD", by="Disa"):
    book = rows.current(session)[1]
    desk = Desk(book, rows.lineage(session, city.units[unit].id), 2027)
    change = changes.set_milestone(desk, "T1", on=None, exists=False)
    verbs.carry_out(session, change, why="Ingen T1", by=city.actor(by), now=NOON)
    session.commit()


def open_tasks(session):
    session.expire_all()
    wanted = sa.select(Task).where(Task.closed_at.is_(None)).order_by(Task.id)
    return {task.element: task for task in session.scalars(wanted)}


def complete(session, city, element, raw=None, name="Alva", now=NOON):
    task_id = open_tasks(session)[element].id
    by = city.actor(name)
    task = case_queries.task(session, task_id, by=by, to_change=True)
    tasks.complete(session, task, raw or {}, command=f"{element}{task_id}", by=by, now=now)
    session.commit()


def kinds(session):
    found = session.scalars(sa.select(Event.kind).order_by(Event.id)).all()
    session.rollback()
    return found


TWO = outing.package(
    outing.task("plan", "T1 - 10wd") + outing.task("report", "T2 - 10wd"),
    "begin plan;plan report;report done",
)


def test_a_step_whose_milestone_does_not_exist_is_never_opened(session, city):
    no_t1(session, city)
    case = begin(session, city, TWO)
    assert set(open_tasks(session)) == {"report"}
    told = session.scalars(sa.select(Event).where(Event.kind == "case_started")).one().what
    assert '"left_out":[{"element":"plan","milestone":"T1"}]' in told
    assert case.state is CaseState.RUNNING


def test_an_open_step_falls_away_when_its_milestone_does(session, database, city):
    case = begin(session, city, TWO)
    task_id = open_tasks(session)["plan"].id
    no_t1(session, city)
    assert "dates_moved" in kinds(session)
    run_due(database, now=NOON)
    assert set(open_tasks(session)) == {"report"}
    task = session.get_one(Task, task_id)
    assert task.outcome is Outcome.WITHDRAWN
    event = session.scalars(sa.select(Event).where(Event.kind == "step_left_out")).one()
    assert (event.case_id, event.step) == (case.id, "plan")
    session.rollback()
    run_due(database, now=NOON)
    assert kinds(session).count("step_left_out") == 1


def test_a_step_whose_milestone_is_back_before_the_clock_came_stays(session, database, city):
    begin(session, city, TWO)
    no_t1(session, city)
    book = rows.current(session)[1]
    desk = Desk(book, rows.lineage(session, city.units["STAD"].id), 2027)
    back = changes.set_milestone(desk, "T1", on=date(2027, 5, 25))
    verbs.carry_out(session, back, why="Åter", by=city.actor("Disa"), now=NOON)
    session.commit()
    run_due(database, now=NOON)
    assert open_tasks(session)["plan"].due_at == datetime(2027, 5, 11, 14, tzinfo=UTC)


def test_what_falls_away_is_shown_before(session, city):
    begin(session, city, TWO)
    desk = Desk(rows.current(session)[1], rows.lineage(session, city.units["STAD"].id), 2027)
    change = changes.set_milestone(desk, "T1", on=None, exists=False)
    (gone,) = preview(session, change).moves
    assert (gone.fate, gone.new_due_at) == (LEAVES, None)


def test_a_timer_on_the_way_is_passed_and_one_at_the_edge_of_a_step_waits(session, database, city):
    nodes = (
        outing.task("plan") + outing.edge("tick", "plan", "T1 - 10wd", "timeDate")
        + outing.timer("pause", "T1 + 5wd") + outing.task("report")
    )  # fmt: skip
    flows = "begin plan;plan pause;pause report;report done;tick nudge;nudge nudged"
    begin(session, city, outing.package(nodes, flows))
    complete(session, city, "plan")
    assert open_tasks(session) == {}
    no_t1(session, city)
    run_due(database, now=NOON)
    assert set(open_tasks(session)) == {"report"}
    other = begin(session, city, outing.package(nodes, flows), "BROMMA", "Cleo")
    assert session.scalars(
        sa.select(Timer.due_at).where(Timer.case_id == other.id, Timer.closed_at.is_(None))
    ).all() == [None]


def test_a_round_back_past_a_step_that_fell_away_comes_to_the_next(session, city):
    no_t1(session, city)
    case = begin(session, city, packages.letter())
    complete(session, city, "approve", {"approval": "no"}, name="Bo")
    assert set(open_tasks(session)) == {"approve"}
    assert case.state is CaseState.RUNNING


DATED = outing.package(
    outing.task("when", more='arshjul:form="outing/when"')
    + outing.edge("tick", "go", "case.day - 5wd", "timeDate")
    + outing.task("go", "case.day + 5wd")
    + outing.task("later", "case.day + 10wd")
    + '<bpmn:parallelGateway id="both"/>',
    "begin both;both when;both go;both later;when done;go done;later done;tick nudge;nudge nudged",
    forms={"outing/when": outing.day_form("day")},
)


def test_a_step_with_an_empty_date_opens_without_one_and_is_dated_when_it_is_filled(session, city):
    begin(session, city, DATED)
    go = open_tasks(session)["go"]
    assert (go.due_at, go.because["unresolved"]) == (None, "field_missing")
    go.assignee_id = city.people["Alva"].id
    session.commit()
    complete(session, city, "when", {"day": "2027-04-14"})
    go = open_tasks(session)["go"]
    assert on(go.due_at) == date(2027, 4, 21)
    assert read(go.because).parts[0].label == "case.day"
    assert on(session.scalars(sa.select(Timer.due_at)).one()) == date(2027, 4, 7)
    reminders = sa.select(Call.id).where(Call.task_id == go.id, Call.occasion == "reminder")
    assert session.scalars(reminders).all()
    told = session.scalars(sa.select(Notice).where(Notice.kind == "deadline_moved")).one()
    assert (told.person_id, told.task_id) == (city.people["Alva"].id, go.id)
    redated = session.scalars(sa.select(Event).where(Event.kind == "task_completed")).one().what
    assert '"element":"go","new":"2027-04-21' in redated


def test_a_step_whose_date_is_not_known_says_so_where_it_is_listed(session, city):
    begin(session, city, DATED)
    go = open_tasks(session)["go"]
    assert notice_queries.when_of(go, Language.SV) == "datum saknas: day är inte ifyllt"


def test_longer_time_given_stands_while_it_gives_more(session, city):
    begin(session, city, DATED)
    go = open_tasks(session)["go"]
    until = datetime(2027, 6, 1, 14, tzinfo=UTC)
    go.due_at = until
    go.because = {
        "rule": "case.day + 5wd",
        "zone": "Europe/Stockholm",
        "parts": [
            {"kind": "extended", "label": "", "date": "2027-06-01", "skipped": [],
             "params": {"at": "2027-06-01T14:00:00.000000Z"}}
        ],
    }  # fmt: skip
    session.commit()
    complete(session, city, "when", {"day": "2027-04-14"})
    assert open_tasks(session)["go"].due_at == until


def test_a_timer_keeps_what_its_rule_counts_from_and_follows_the_calendar(session, city):
    nodes = outing.task("plan") + outing.edge("tick", "plan", "min(T1 - 10wd, +200wd)", "timeDate")
    begin(session, city, outing.package(nodes, "begin plan;plan done;tick nudge;nudge nudged"))
    timer = session.scalars(sa.select(Timer)).one()
    assert timer.opened_at == NOON
    desk = Desk(rows.current(session)[1], rows.lineage(session, city.units["STAD"].id), 2027)
    change = changes.set_milestone(desk, "T1", on=date(2027, 5, 27))
    (moved,) = preview(session, change).moves
    assert (moved.fate, moved.timer_id) == (MOVES, timer.id)
    assert moved.new_due_at is not None
    assert moved.old_due_at is not None
    assert moved.new_due_at - moved.old_due_at == timedelta(days=2)


@pytest.mark.parametrize("rule", ["R3/P1D", "+5wd"])
def test_a_cycle_is_dated_anew_from_each_of_its_openings(session, database, city, rule):
    nodes = outing.task("plan") + outing.edge("tick", "plan", rule)
    begin(session, city, outing.package(nodes, "begin plan;plan done;tick nudge;nudge nudged"))
    later = NOON + timedelta(days=14)
    run_due(database, now=later)
    session.expire_all()
    opened = session.scalars(sa.select(Timer.opened_at).order_by(Timer.id)).all()
    assert opened[0] == NOON
    assert len(opened) > 1
    desk = Desk(rows.current(session)[1], rows.lineage(session, city.units["STAD"].id), 2027)
    closed = changes.close_day(desk, on(later) + timedelta(days=2), "Stängt")
    moved = [one for one in preview(session, closed).moves if one.timer_id]
    assert len(moved) == (rule == "+5wd")


def test_a_row_of_a_multi_instance_step_moves_with_its_own_date(session, city):
    package = outing.package(
        '<bpmn:userTask id="each" name="each" arshjul:due="item.day + 5wd">'
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>days"
        '</bpmn:loopDataInputRef><bpmn:inputDataItem id="one" name="one"/>'
        "</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>",
        "begin each;each done",
    )
    publishing.publish(session, package, by=SYSTEM, now=NOON)
    process = find(session, "outing")
    days = [{"day": "2027-04-14"}, {"day": "2027-05-14"}]
    cases.start(
        session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON, data={"days": days}
    )
    session.commit()
    dated = session.scalars(sa.select(Task.due_at).order_by(Task.id)).all()
    assert [on(one) for one in dated] == [date(2027, 4, 21), date(2027, 5, 21)]
    desk = Desk(rows.current(session)[1], rows.lineage(session, city.units["STAD"].id), 2027)
    closed = changes.close_day(desk, date(2027, 4, 16), "Stängt")
    (moved,) = preview(session, closed).moves
    assert on(moved.new_due_at) == date(2027, 4, 22)
    assert session.scalars(sa.select(sa.func.count(Case.id))).one() == 1
