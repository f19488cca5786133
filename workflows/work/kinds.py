"""The kinds of due work besides mail; what each does is a verb in `workflows.operations`."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.clock import PlannedStart, StartState
from workflows.cases.messages import Message, Outcome, Wait
from workflows.cases.models import MOVING, Case, CaseState, Timer
from workflows.follow_up.year_models import Switch
from workflows.language import N_
from workflows.notices.models import Call
from workflows.operations import (
    absences,
    approving,
    left_out,
    messages,
    migrations,
    new_dates,
    purging,
    reminders,
    reviewing,
    starting,
    timers,
    year_switch,
)
from workflows.organisation.absences import Absence
from workflows.organisation.actor import Actor
from workflows.processes.migrations import Fate, Follower
from workflows.processes.workshop import Proposal
from workflows.queries.redating import LEAVES
from workflows.retention.models import DisposalItem
from workflows.retention.models import Outcome as DisposalOutcome
from workflows.steering.models import Move, Replanning
from workflows.tasks import rows as task_rows
from workflows.tasks.approvals import Approval
from workflows.tasks.models import Task
from workflows.work.attempts import Kind

CLOCK = Actor.system("clock")
# Written as in the indexes, without a parameter: SQLite must see that they fit.
WAITING: sa.ColumnElement[str] = sa.literal_column("'waiting'")
CALLS_DUE: sa.ColumnElement[bool] = sa.literal_column("replanning_move.calls_due")
MOVES = Case.state.in_(MOVING)


def _fire(session: Session, timer_id: int, now: datetime) -> None:
    of_timer = sa.select(Timer.case_id).where(Timer.id == timer_id).scalar_subquery()
    case = session.scalars(sa.select(Case).where(Case.id == of_timer).with_for_update()).one()
    timers.fire(session, session.get_one(Timer, timer_id), case, by=CLOCK, now=now)


def _call(session: Session, call_id: int, now: datetime) -> None:
    call = session.get(Call, call_id)
    task = task_rows.find(session, call.task_id, to_change=True) if call else None
    if call is not None and task is not None:
        reminders.call(session, call, task, by=CLOCK, now=now)


def _plan(session: Session, move_id: int, now: datetime) -> None:
    new_dates.plan(session, move_id, now=now)


def _leave_out(session: Session, move_id: int, now: datetime) -> None:
    of_move = sa.select(Move.case_id).where(Move.id == move_id).scalar_subquery()
    case = session.scalars(sa.select(Case).where(Case.id == of_move).with_for_update()).one()
    left_out.leave_out(session, session.get_one(Move, move_id), case, by=CLOCK, now=now)


def _migrate(session: Session, row_id: int, now: datetime) -> None:
    migrations.carry_on(session, row_id, now=now)


def _carry_over(session: Session, switch_id: int, now: datetime) -> None:
    year_switch.carry_on(session, switch_id, now=now)


def _warn(session: Session, absence_id: int, now: datetime) -> None:
    absences.warn(session, _locked(session, absence_id), now=now)


def _welcome(session: Session, absence_id: int, now: datetime) -> None:
    absences.welcome(session, _locked(session, absence_id), now=now)


def _locked(session: Session, absence_id: int) -> Absence:
    wanted = sa.select(Absence).where(Absence.id == absence_id).with_for_update()
    return session.scalars(wanted).one()


_applied_at = (
    sa.select(Replanning.applied_at).where(Replanning.id == Move.replanning_id).scalar_subquery()
)

# Nobody is reminded of what rests.
_rests = sa.exists().where(
    Task.id == Call.task_id, Case.id == Task.case_id, Case.state == CaseState.SUSPENDED
)


def _start(session: Session, start_id: int, now: datetime) -> None:
    """Start a case, unless somebody was faster: then that case is the one."""
    locked = sa.select(PlannedStart).where(PlannedStart.id == start_id).with_for_update()
    if (planned := session.scalars(locked).first()) is None:
        return
    mine = sa.select(Case.id).filter_by(
        process_id=planned.process_id,
        unit_id=planned.unit_id,
        year=planned.year,
        occasion=planned.occasion,
    )
    if (case_id := session.scalar(mine)) is not None:
        planned.state, planned.case_id = StartState.STARTED, case_id
    else:
        starting.start(session, planned, by=CLOCK, now=now)


def _by_clock(verb: Callable[..., None]) -> Callable[[Session, int, datetime], None]:
    """Let the clock do what a verb does with one row; the verb finds and locks it."""
    return lambda session, row_id, now: verb(session, row_id, by=CLOCK, now=now)


def _marked(*names: str) -> Callable[[datetime], dict[str, object]]:
    """Give up a row by saying in these columns that it is over."""
    return lambda now: dict.fromkeys(names, now)


def _undelivered(now: datetime) -> dict[str, object]:
    return {"closed_at": now, "outcome": Outcome.REFUSED}


def _settled(_now: datetime) -> dict[str, object]:
    return {"calls_due": False}


def _unmoved(_now: datetime) -> dict[str, object]:
    return {"due_at": None, "fate": Fate.OUTDATED}


def _unwatched(_now: datetime) -> dict[str, object]:
    return {"check_at": None}


def _uncarried(_now: datetime) -> dict[str, object]:
    return {"due_at": None}


def _kept(_now: datetime) -> dict[str, object]:
    return {"due_at": None, "outcome": DisposalOutcome.GONE}


def _unstarted(_now: datetime) -> dict[str, object]:
    return {"state": StartState.DROPPED}


IS_ON_ITS_WAY = Message.closed_at.is_(None)
RESTS = sa.exists().where(Case.id == Message.to_case_id, Case.state == CaseState.SUSPENDED)
POST = (
    Kind(
        "message",
        Message,
        Message.due_at,
        (IS_ON_ITS_WAY, ~RESTS),
        _by_clock(messages.deliver),
        case=Message.to_case_id,
        title=N_("Messages between cases"),
        over=_undelivered,
    ),
    Kind(
        "wait",
        Wait,
        Wait.opened_at,
        (Wait.looked_at.is_(None),),
        _by_clock(messages.look),
        title=N_("Messages that came before somebody waited for them"),
        over=_marked("looked_at"),
    ),
)
# What a step waits for is passed over (`timers.skip`), never only marked.
TIMER = Kind(
    "timer",
    Timer,
    Timer.due_at,
    (
        Timer.fired_at.is_(None),
        Timer.closed_at.is_(None),
        Timer.held_at.is_(None),
        Timer.case_id.in_(sa.select(Case.id).where(Case.id == Timer.case_id, MOVES)),
    ),
    _fire,
    title=N_("Timers of cases"),
)

KINDS = (
    *POST,
    Kind(
        "expiry",
        Message,
        Message.expires_at,
        (IS_ON_ITS_WAY,),
        _by_clock(messages.expire),
        title=N_("Messages nobody received in time"),
        over=_undelivered,
    ),
    Kind(
        "start",
        PlannedStart,
        PlannedStart.due_at,
        (PlannedStart.state == WAITING,),
        _start,
        title=N_("Cases that start by themselves"),
        over=_unstarted,
    ),
    TIMER,
    Kind(
        "call",
        Call,
        Call.due_at,
        (Call.fired_at.is_(None), ~_rests),
        _call,
        case=sa.select(Task.case_id).where(Task.id == Call.task_id).scalar_subquery(),
        title=N_("Reminders and escalations"),
        over=_marked("fired_at"),
    ),
    Kind(
        "new_dates",
        Move,
        _applied_at,
        (CALLS_DUE, Move.fate != LEAVES),
        _plan,
        together=Move.id - Move.id % new_dates.AT_ONCE,
        title=N_("Reminders after a change of the calendar"),
        over=_settled,
    ),
    Kind(
        "left_out",
        Move,
        _applied_at,
        (CALLS_DUE, Move.fate == LEAVES),
        _leave_out,
        title=N_("Steps that fall away with their milestone"),
        over=_settled,
    ),
    Kind(
        "migration",
        Follower,
        Follower.due_at,
        (Follower.due_at.is_not(None),),
        _migrate,
        together=Follower.id - Follower.id % migrations.AT_ONCE,
        title=N_("Cases that move to another version"),
        over=_unmoved,
    ),
    Kind(
        "proposal",
        Proposal,
        Proposal.due_at,
        (Proposal.due_at.is_not(None),),
        _by_clock(reviewing.carry_on),
        title=N_("Versions that are published on a day"),
        over=_uncarried,
    ),
    Kind(
        "absence_gap",
        Absence,
        Absence.warn_at,
        (Absence.warned_at.is_(None),),
        _warn,
        title=N_("Warnings before somebody leaves"),
        over=_marked("warned_at"),
    ),
    Kind(
        "absence_over",
        Absence,
        Absence.back_at,
        (Absence.told_at.is_(None),),
        _welcome,
        title=N_("What is told to somebody who is back"),
        over=_marked("told_at"),
    ),
    Kind(
        "approval",
        Approval,
        Approval.check_at,
        (Approval.check_at.is_not(None),),
        _by_clock(approving.watch),
        title=N_("Approvals that are looked at again"),
        over=_unwatched,
    ),
    Kind(
        "disposal",
        DisposalItem,
        DisposalItem.due_at,
        (DisposalItem.due_at.is_not(None),),
        _by_clock(purging.purge),
        title=N_("Things that are weeded out"),
        over=_kept,
    ),
    Kind(
        "year",
        Switch,
        Switch.due_at,
        (Switch.due_at.is_not(None),),
        _carry_over,
        title=N_("Bodies whose year is carried over"),
        over=_uncarried,
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}
