"""The year of a unit, as the wheel and its table show it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import SYSTEM
from workflows.errors import Forbidden
from workflows.operations import cases, publishing, tasks
from workflows.processes.rows import find
from workflows.queries.wheel import Whose, units_of, wheel
from workflows.tasks.models import Task, TaskRole
from workflows.tasks.rows import find as find_task

BEFORE_T1 = datetime(2027, 4, 1, 8, tzinfo=UTC)


@pytest.fixture
def started(session, city):
    """Start a letter in Farsta for 2027; secret when asked for."""

    def start(secrecy="internal", key="letter"):
        publishing.publish(session, packages.letter(secrecy, key=key), by=SYSTEM, now=BEFORE_T1)
        process = find(session, key)
        return cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=BEFORE_T1)

    return start


def year_of(session, city, name, *, now=BEFORE_T1, year=2027):
    return wheel(session, city.units["FARSTA"], year, by=city.actor(name), now=now)


def test_an_open_step_stands_on_its_day_and_the_ring_reaches_that_far(session, city, started):
    started()
    found = year_of(session, city, "Alva")
    (ring,) = found.rings
    (mark,) = ring.marks
    assert (mark.names["en"], mark.state) == ("Write the letter", "planned")
    assert mark.day == mark.due_at.date() <= ring.last
    assert (ring.first, ring.done, ring.steps) == (date(2027, 4, 1), 0, 2)
    assert ring.next is mark


@pytest.mark.parametrize(("days", "state"), [(-60, "planned"), (-10, "soon"), (1, "late")])
def test_a_step_is_planned_then_soon_then_late(session, city, started, days, state):
    started()
    due_at = session.scalars(sa.select(Task.due_at)).one()
    found = year_of(session, city, "Alva", now=due_at + timedelta(days=days))
    assert [mark.state for mark in found.rings[0].marks] == [state]
    assert found.count(state) == 1


def test_what_somebody_else_is_to_do_waits(session, city, started):
    started()
    found = year_of(session, city, "Disa")
    assert [mark.state for mark in found.rings[0].marks] == ["waiting"]


def test_a_step_done_stays_on_the_day_it_was_done(session, city, started):
    started()
    task = find_task(session, session.scalars(sa.select(Task.id)).one())
    tasks.complete(
        session, task, {"text": "Hej"}, command="1", by=city.actor("Alva"), now=BEFORE_T1
    )
    ring = year_of(session, city, "Alva").rings[0]
    assert [mark.state for mark in ring.marks] == ["done", "waiting"]
    assert (ring.done, ring.steps) == (1, 2)


def test_a_secret_case_is_no_ring_for_those_who_may_not_see_it(session, city, started):
    started("sec")
    assert year_of(session, city, "Alva").rings == ()
    assert len(year_of(session, city, "Hedda").rings) == 1


def test_another_year_has_its_milestones_and_none_of_the_cases(session, city, started):
    started()
    found = year_of(session, city, "Alva", year=2028)
    assert found.rings == ()
    assert {one.on.year for one in found.milestones} == {2028}


def test_the_next_milestone_is_counted_in_working_days(session, city):
    found = year_of(session, city, "Alva", now=datetime(2027, 5, 18, 8, tzinfo=UTC))
    assert (found.next_milestone.code, found.next_milestone.on) == ("T1", date(2027, 5, 25))
    assert found.workdays_left == 5


def test_ones_units_are_those_one_holds_a_role_in(session, city):
    assert [unit.code for unit in units_of(session, city.actor("Alva"))] == ["FARSTA"]


def test_ones_own_year_has_what_one_may_take_and_what_one_has_done(session, city, started):
    started()

    def marks(name):
        found = wheel(
            session, city.units["FARSTA"], 2027, whose=Whose.PERSON, by=city.actor(name),
            now=BEFORE_T1,
        )  # fmt: skip
        return [mark.state for ring in found.rings for mark in ring.marks]

    assert (marks("Alva"), marks("Bo")) == (["planned"], [])
    task = find_task(session, session.scalars(sa.select(Task.id)).one())
    tasks.complete(
        session, task, {"text": "Hej"}, command="1", by=city.actor("Alva"), now=BEFORE_T1
    )
    assert (marks("Alva"), marks("Bo"), marks("Cleo")) == (["done"], ["soon"], [])


def test_the_year_of_the_city_counts_by_week_what_may_be_seen(session, city, started):
    for number in range(3):
        started(key=f"letter{number % 2}") if number < 2 else started("sec", key="secret")

    def counted(name, now=BEFORE_T1):
        found = wheel(
            session, city.units["STAD"], 2027, whose=Whose.CITY, by=city.actor(name), now=now
        )
        return found.count("planned"), found.count("late"), [ring.steps for ring in found.rings]

    assert counted("Disa") == (2, 0, [1, 1])
    assert counted("Hedda") == (3, 0, [1, 1, 1])
    assert counted("Disa", now=datetime(2027, 12, 1, 8, tzinfo=UTC)) == (0, 2, [1, 1])
    with pytest.raises(Forbidden):
        counted("Alva")


def test_a_task_is_as_open_for_its_roles_as_it_is(session, city, started):
    started()
    open_roles = sa.select(Task.element).join(TaskRole).where(TaskRole.is_open)
    assert set(session.scalars(open_roles)) == {"write"}
    task = find_task(session, session.scalars(sa.select(Task.id)).one())
    tasks.complete(
        session, task, {"text": "Hej"}, command="1", by=city.actor("Alva"), now=BEFORE_T1
    )
    assert set(session.scalars(open_roles)) == {"approve"}
