"""When calls are planned, moved and forgotten, and how each person's choice times their mail."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.calendar.years import standard_calendar
from workflows.language import ZONE, local
from workflows.notices import rows
from workflows.notices.models import Call, Choice, MailChoice, Notice
from workflows.notices.timing import mail_at
from workflows.operations import cases, promises, publishing, tasks
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.steering.models import ClosedDayRow, HabitsRow
from workflows.steering.rows import touch
from workflows.tasks.models import Task


@pytest.fixture
def case(session, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    process = find(session, "letter")
    assert process is not None
    made = cases.start(
        session, process, city.units["FARSTA"], 2027, by=city.actor("Alva"), now=NOON
    )
    session.commit()
    return made


def open_task(session, element, by):
    wanted = sa.select(Task.id).where(Task.element == element, Task.closed_at.is_(None))
    return questions.task(session, session.scalars(wanted).one(), by=by, to_change=True)


def planned(session, task):
    """What is planned for a task: when on the wall, and which call."""
    wanted = sa.select(Call).where(Call.task_id == task.id).order_by(Call.due_at, Call.id)
    return [(f"{local(call.due_at):%d %b %H:%M}", call.key) for call in session.scalars(wanted)]


def test_a_task_that_opens_plans_when_it_calls(session, city, case):
    task = open_task(session, "write", city.actor("Alva"))  # due 11 May
    assert planned(session, task) == [
        ("02 Mar 13:00", "opened"),
        ("03 May 08:00", "-5wd at 08:00"),
        ("10 May 08:00", "-1wd at 08:00"),
    ]


def test_only_what_somebody_else_waits_for_escalates(session, city, case):
    alva = city.actor("Alva")
    task = open_task(session, "write", alva)
    tasks.complete(session, task, {"text": "Hej"}, command="x", by=alva, now=NOON)
    approval = open_task(session, "approve", city.actor("Bo"))  # a director's, due 9 March
    assert planned(session, approval) == [
        ("02 Mar 13:00", "opened"),
        ("08 Mar 08:00", "-1wd at 08:00"),
        ("11 Mar 08:00", "E1"),
        ("23 Mar 08:00", "E2"),
    ]


def test_a_closed_task_calls_no_more(session, city, case):
    alva = city.actor("Alva")
    task = open_task(session, "write", alva)
    tasks.complete(session, task, {"text": "Hej"}, command="x", by=alva, now=NOON)
    assert planned(session, task) == []


def test_a_moved_date_moves_its_calls_and_keeps_those_that_have_come(session, city, case):
    task = open_task(session, "write", city.actor("Alva"))
    first = session.scalars(sa.select(Call).where(Call.key == "-5wd at 08:00")).one()
    first.fired_at = first.due_at
    session.flush()
    task.due_at = datetime(2027, 6, 1, 14, tzinfo=UTC)
    rows.plan_calls(session, [(task, standard_calendar(2027))], now=first.due_at)
    assert planned(session, task) == [
        ("02 Mar 13:00", "opened"),
        ("03 May 08:00", "-5wd at 08:00"),
        ("25 May 08:00", "-5wd at 08:00"),
        ("31 May 08:00", "-1wd at 08:00"),
    ]


def test_planning_again_changes_nothing(session, city, case):
    task = open_task(session, "write", city.actor("Alva"))
    before = planned(session, task)
    rows.plan_calls(session, [(task, standard_calendar(2027))], now=NOON)
    assert planned(session, task) == before


def test_a_promise_lets_escalation_wait_till_its_day(session, city, case):
    alva, bo = city.actor("Alva"), city.actor("Bo")
    tasks.complete(
        session, open_task(session, "write", alva), {"text": "Hej"}, command="x", by=alva, now=NOON
    )
    task = open_task(session, "approve", bo)
    due_at = task.due_at
    promises.promise(session, task, date(2027, 3, 19), "Sjukdom", by=bo, now=NOON)
    assert planned(session, task)[2:] == [("23 Mar 08:00", "E1"), ("06 Apr 08:00", "E2")]
    assert task.due_at == due_at
    promises.promise(session, task, date(2027, 3, 10), "Tillbaka", by=bo, now=NOON)
    assert planned(session, task)[2:] == [("12 Mar 08:00", "E1"), ("24 Mar 08:00", "E2")]
    assert rows.promise_of(session, task.id).why == "Tillbaka"


def test_opening_tasks_costs_one_statement_however_many_calls(session, city, case):
    task = open_task(session, "write", city.actor("Alva"))
    session.execute(sa.delete(Call))
    seen = []
    heard = (session.get_bind(), "before_cursor_execute", lambda *what: seen.append(what[2]))
    sa.event.listen(*heard)
    rows.plan_calls(
        session, [(task, standard_calendar(2027))], is_opening=True, now=NOON.replace(hour=13)
    )
    sa.event.remove(*heard)
    assert len(seen) == 1


def wall(text):
    """A moment of 2027 as the clock on the wall shows it: `03-02 08:30`."""
    return text and datetime.fromisoformat(f"2027-{text}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("choice", "now", "goes"),
    [
        (Choice.DIRECT, "03-02 13:00", "03-02 13:00"),
        (Choice.DAILY, "03-02 08:00", "03-02 08:30"),
        (Choice.DAILY, "03-02 13:00", "03-03 08:30"),
        (Choice.DAILY, "03-05 13:00", "03-08 08:30"),  # over the weekend
        (Choice.WEEKLY, "03-01 08:00", "03-01 08:30"),  # a Monday
        (Choice.WEEKLY, "03-01 08:31", "03-08 08:30"),
        (Choice.WEEKLY, "03-24 13:00", "03-30 08:30"),  # after Easter Monday, in summer time
        (Choice.WEEKLY, "07-06 13:00", "08-02 08:30"),  # what is told in July waits for August
        (Choice.DAILY, "07-06 13:00", "08-02 08:30"),
        (Choice.NONE, "03-02 13:00", None),
    ],
)
def test_mail_goes_out_as_its_receiver_has_chosen(choice, now, goes):
    assert mail_at(choice, wall(now)) == wall(goes)


def test_a_digest_waits_for_a_day_when_the_receivers_own_unit_works(session, city):
    session.add(HabitsRow(unit_id=city.units["FARSTA"].id, quiet="03-01/03-14"))
    session.add(ClosedDayRow(unit_id=city.units["FARSTA"].id, on=date(2027, 3, 15), name="Stängt"))
    touch(session)
    people = [city.people[one].id for one in ("Alva", "Cleo")]
    rows.tell(session, people, "reminder", now=NOON)
    told = session.execute(sa.select(Notice.person_id, Notice.mail_at))
    assert dict(iter(told)) == {
        people[0]: wall("03-16 08:30").astimezone(UTC),
        people[1]: wall("03-08 08:30").astimezone(UTC),
    }


def test_a_legal_clock_waits_for_nobodys_digest(session, city):
    alva, bo = city.people["Alva"].id, city.people["Bo"].id
    session.add(MailChoice(person_id=bo, choice=Choice.NONE))
    session.flush()
    rows.tell(session, [alva, bo, alva], "reminder", at_once=True, now=NOON)
    rows.tell(session, [alva, bo], "reminder", now=NOON)
    told = session.execute(sa.select(Notice.person_id, Notice.mail_at).order_by(Notice.id)).all()
    assert [tuple(row) for row in told] == [
        (alva, NOON), (bo, NOON),
        (alva, datetime(2027, 3, 8, 7, 30, tzinfo=UTC)), (bo, None),
    ]  # fmt: skip


def test_a_notice_of_an_unknown_kind_is_a_mistake_in_the_program(session, city):
    with pytest.raises(KeyError):
        rows.tell(session, [1], "gossip", now=NOON)
