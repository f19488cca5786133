"""Writing calls, notices and promises, without permission or history; called by verbs."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar import policies
from workflows.calendar.policies import POLICIES, Policy
from workflows.calendar.years import Calendar
from workflows.database import Base
from workflows.engine import Description, StepInfo
from workflows.language import ZONE, on
from workflows.notices.kinds import KINDS
from workflows.notices.models import Call, Choice, MailChoice, Promise
from workflows.notices.timing import ORDINARY, mail_at
from workflows.organisation.models import Person
from workflows.processes.rows import compiled
from workflows.statements import run
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task

DELIVERED = {"board_decision", "report"}
PROMISED_BY = time(16)
USUAL = Choice.WEEKLY


_call, _task = (Base.metadata.tables[name] for name in ("task_call", "task"))
_PLAN = sa.insert(_call)
_TELL = sa.insert(Base.metadata.tables["notice"])
_FORGET = sa.delete(_call).where(
    _call.c.task_id.in_(
        sa.select(_task.c.id).where(
            _task.c.case_id == sa.bindparam("of_case"), _task.c.closed_at.is_not(None)
        )
    ),
    _call.c.fired_at.is_(None),
)


def plan_calls(
    session: Session,
    dated: Iterable[tuple[Task, Calendar]],
    *,
    now: datetime,
    is_opening: bool = False,
) -> None:
    """Plan when tasks call for attention, in the place of what was planned and has not come yet.

    Called when tasks open (`is_opening`), and when their dates move: one statement for those that
    open, three however many move.
    """
    tasks = list(dated)
    promised = {} if is_opening else _forget_dates(session, [task.id for task, _ in tasks])
    opened = policies.Call(now, "opened", "opened", ("holder",))
    rows = []
    for task, calendar in tasks:
        policy = policy_of(task)
        found = _calls(task, policy, calendar, promised.get(task.id), now)
        if is_opening and task.assignee_id is None:
            found.append(opened)
        rows += [_row(task, policy, call) for call in found]
    if rows:
        run(session, _PLAN, rows)


def forget_calls(session: Session, case_id: int) -> None:
    """Take away what was planned for the closed tasks of a case; what has come stays known."""
    session.flush()
    run(session, _FORGET, {"of_case": case_id})


def tell(
    session: Session,
    people: Iterable[int],
    kind: str,
    *,
    now: datetime,
    task_id: int | None = None,
    what: Mapping[str, object] | None = None,
    at_once: bool = False,
) -> None:
    """Write a notice to each of `people`, to be mailed as often as each of them wants mail.

    `at_once` is for clocks set by law, which wait for nobody's digest.
    """
    if kind not in KINDS:
        raise KeyError(f"{kind} is not a kind of notice")
    told = sorted(set(people))
    at = mail_times(session, choices(session, told), now=now) if not at_once else {}
    rows = [
        {
            "person_id": person_id,
            "kind": kind,
            "task_id": task_id,
            "what": dict(what or {}),
            "made_at": now,
            "mail_at": now if at_once else at[person_id],
        }
        for person_id in told
    ]
    if rows:
        session.flush()
        run(session, _TELL, rows)


def mail_times(
    session: Session, chosen: Mapping[int, Choice], *, now: datetime
) -> dict[int, datetime | None]:
    """Say when each person is mailed what is told now: a digest comes when their unit works."""
    waiting = [one for one, choice in chosen.items() if choice in (Choice.DAILY, Choice.WEEKLY)]
    connection = session.connection()
    rows = connection.execute(_EMPLOYED, {"people": waiting}) if waiting else ()
    units = {row.id: row.unit_id for row in rows}
    closed = {
        unit_id: calendar_of(session, unit_id, on(now).year).closed
        for unit_id in set(units.values())
        if unit_id is not None
    }
    return {
        person_id: mail_at(choice, now, closed.get(units.get(person_id) or 0, ORDINARY))
        for person_id, choice in chosen.items()
    }


def choices(session: Session, people: Iterable[int]) -> dict[int, Choice]:
    """Return how often each of `people` wants mail."""
    chosen = dict.fromkeys(people, USUAL)
    session.flush()
    for person_id, choice in session.connection().execute(_CHOSEN, {"people": list(chosen)}):
        chosen[person_id] = choice
    return chosen


_SOME: sa.BindParameter[int] = sa.bindparam("people", expanding=True)
_CHOSEN = sa.select(MailChoice.person_id, MailChoice.choice).where(MailChoice.person_id.in_(_SOME))
_EMPLOYED = sa.select(Person.id, Person.unit_id).where(Person.id.in_(_SOME))


def promise_of(session: Session, task_id: int) -> Promise | None:
    """Return the last promise given for a task."""
    return session.scalars(
        sa.select(Promise).where(Promise.task_id == task_id).order_by(Promise.id.desc()).limit(1)
    ).first()


def policy_of(task: Task) -> Policy:
    """Return the policy a task reminds by."""
    return policy_for(compiled(task.case.version).description, task.element)


def policy_for(description: Description, element: str) -> Policy:
    """Return the policy a step of a process reminds by."""
    step = description.steps[element]
    return POLICIES.get(step.policy or description.policy, POLICIES["std"])


def is_delivery(step: StepInfo) -> bool:
    """Tell whether somebody outside the work waits for a step: only such ones escalate.

    A decision by a board or a director, a report, and whatever law sets a date for.
    """
    if step.legal or step.kind in DELIVERED:
        return True
    return step.kind == "review" and "director" in step.roles


def _calls(
    task: Task, policy: Policy, calendar: Calendar, promised: datetime | None, now: datetime
) -> list[policies.Call]:
    if task.due_at is None:
        return []
    found = policies.calls(
        policy,
        calendar,
        opened=task.opened_at,
        due=task.due_at,
        is_delivery=is_delivery(compiled(task.case.version).description.steps[task.element]),
        promised=promised,
    )
    return [call for call in found if call.at > now]


def _row(task: Task, policy: Policy, call: policies.Call) -> dict[str, object]:
    return {
        "task_id": task.id,
        "occasion": call.occasion,
        "key": call.key,
        "to_whom": list(call.to),
        "is_legal": policy.code == "legal",
        "due_at": call.at,
        "attempts": 0,
    }


def _forget_dates(session: Session, task_ids: list[int]) -> dict[int, datetime]:
    """Take away what hangs on the old dates; returns until when each task is promised."""
    session.execute(
        sa.delete(Call)
        .where(Call.task_id.in_(task_ids), Call.fired_at.is_(None), Call.occasion != "opened")
        .execution_options(synchronize_session=False)
    )
    given = session.execute(
        sa.select(Promise.task_id, Promise.until)
        .where(Promise.task_id.in_(task_ids))
        .order_by(Promise.id)
    )
    return {
        task_id: datetime.combine(until, PROMISED_BY, ZONE).astimezone(UTC)
        for task_id, until in given
    }
