from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.steering import outing
from workflows.calendar.because import read
from workflows.calendar.words import full, reason
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.models import Event
from workflows.language import Language
from workflows.notices.models import Notice
from workflows.operations import calendar, cases, extensions, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.tasks.extensions import of_task
from workflows.tasks.models import Task

DUE = datetime(2027, 5, 11, 14, tzinfo=UTC)
LATER = datetime(2027, 5, 20, 14, tzinfo=UTC)


@pytest.fixture
def task(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    alva = city.actor("Alva")
    cases.start(session, process, city.units["FARSTA"], 2027, by=alva, now=NOON)
    task_id = session.scalars(sa.select(Task.id)).one()
    return case_queries.task(session, task_id, by=alva)


def ask(session, city, task, until=date(2027, 5, 20), why="Sjukdom", name="Alva"):
    return extensions.ask(session, task, until, why, by=city.actor(name), now=NOON)


def decide(session, city, asked, name="Bo", *, give=True, answer=""):
    by = city.actor(name)
    extensions.decide(session, asked, give=give, answer=answer, by=by, now=NOON)


def test_the_director_gives_longer_time_and_both_dates_are_kept(session, city, task):
    asked = ask(session, city, task)
    assert task.due_at == DUE
    decide(session, city, asked)
    assert task.due_at == LATER
    (kept,) = of_task(session, task)
    assert (kept.old_due_at, kept.new_due_at, kept.is_given) == (DUE, LATER, True)
    kinds = session.scalars(sa.select(Event.kind).order_by(Event.id)).all()
    assert kinds[-2:] == ["time_asked_for", "time_given"]


def test_longer_time_is_told_with_the_date(session, city, task):
    decide(session, city, ask(session, city, task))
    why = read(task.because)
    assert reason(why, Language.EN) == "10 working days before T1, and longer time given"
    assert full(why, Language.EN).endswith("longer time given, to Thu 20 May 2027 16:00")


def test_a_second_extension_takes_the_place_of_the_first(session, city, task):
    decide(session, city, ask(session, city, task))
    decide(session, city, ask(session, city, task, until=date(2027, 5, 24)))
    assert [one.old_due_at for one in of_task(session, task)] == [LATER, DUE]
    assert reason(read(task.because), Language.EN).count("longer time") == 1


def test_a_refusal_needs_a_reason_and_leaves_the_date(session, city, task):
    asked = ask(session, city, task)
    with pytest.raises(Invalid, match="reason_missing"):
        decide(session, city, asked, give=False)
    decide(session, city, asked, give=False, answer="Nämnden väntar")
    assert (task.due_at, asked.is_given, asked.answer) == (DUE, False, "Nämnden väntar")


def test_a_date_in_law_is_never_extended(session, city, task):
    task.is_legal = True
    with pytest.raises(Forbidden, match="legal_date"):
        ask(session, city, task)


@pytest.mark.parametrize("name", ["Alva", "Anton", "Cleo", "Disa"])
def test_nobody_but_the_director_decides(session, city, task, name):
    asked = ask(session, city, task)
    with pytest.raises(Forbidden):
        decide(session, city, asked, name)


def test_a_director_does_not_decide_what_they_asked_for(session, city, task):
    asked = ask(session, city, task)
    asked.asked_by_id = city.people["Bo"].id
    with pytest.raises(Forbidden):
        decide(session, city, asked)


def test_whoever_does_not_have_the_task_cannot_ask(session, city, task):
    tasks.claim(session, task, by=city.actor("Alva"), now=NOON)
    with pytest.raises(Forbidden):
        ask(session, city, task, name="Anton")


@pytest.mark.parametrize("until", [date(2027, 5, 11), date(2027, 1, 1)])
def test_longer_time_is_later_than_the_date(session, city, task, until):
    with pytest.raises(Invalid, match="day_not_later"):
        ask(session, city, task, until)


def test_a_request_has_a_reason_and_there_is_one_at_a_time(session, city, task):
    with pytest.raises(Invalid, match="reason_missing"):
        ask(session, city, task, why=" ")
    asked = ask(session, city, task)
    with pytest.raises(Conflict, match="time_asked_for_already"):
        ask(session, city, task)
    decide(session, city, asked)
    with pytest.raises(Conflict, match="time_decided_already"):
        decide(session, city, asked)


def test_replanning_leaves_longer_time_that_still_gives_more(session, city, task):
    decide(session, city, ask(session, city, task))
    move_t1(session, city, date(2027, 5, 27))
    assert task.due_at == LATER
    assert read(task.because).parts[0].on == date(2027, 5, 27)
    move_t1(session, city, date(2027, 6, 10))
    assert task.due_at > LATER


def move_t1(session, city, day):
    stad = city.units["STAD"].id
    desk = Desk(rows.current(session)[1], rows.lineage(session, stad), 2027)
    change = changes.set_milestone(desk, "T1", on=day)
    calendar.carry_out(session, change, why="x", by=city.actor("Disa"), now=NOON)


@pytest.mark.parametrize(
    ("says", "decides"), [("central_security city", "Disa"), ("director", "Bo")]
)
def test_whom_the_process_names_decides_and_nobody_else(session, city, says, decides):
    said = f'arshjul:longerTime="{says}"'
    package = outing.package(outing.task("plan", "T1 - 10wd"), "begin plan;plan done", more=said)
    publishing.publish(session, package, by=SYSTEM, now=NOON)
    process = find(session, "outing")
    cases.start(session, process, city.units["FARSTA"], 2027, by=city.actor("Alva"), now=NOON)
    task = case_queries.task(session, 1, by=city.actor("Alva"))
    asked = ask(session, city, task)
    told = sa.select(Notice.person_id).where(Notice.kind == "time_asked_for")
    assert session.scalars(told).all() == [city.people[decides].id]
    for name in {"Bo", "Disa", "Cleo"} - {decides}:
        with pytest.raises(Forbidden):
            decide(session, city, asked, name)
    decide(session, city, asked, decides)
    assert task.due_at == LATER


def test_a_process_cannot_name_a_role_that_is_not(session, city):
    said = 'arshjul:longerTime="king city"'
    package = outing.package(outing.task("plan", "T1 - 10wd"), "begin plan;plan done", more=said)
    with pytest.raises(Invalid) as refused:
        publishing.publish(session, package, by=SYSTEM, now=NOON)
    assert [problem.code for problem in refused.value.problems] == ["unknown_role"]
