"""What is due, what fails and what waits for somebody's decision, for those who look after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.clock import ClockRun, PlannedStart, StartState
from workflows.cases.messages import Message
from workflows.cases.models import Case, Timer
from workflows.database import Retried
from workflows.errors import NotFound
from workflows.notices.models import Call, Letter
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.processes.models import Process
from workflows.tasks.models import Task
from workflows.work.attempts import Kind
from workflows.work.kinds import BY_NAME, KINDS, TIMER

PAGE = 50


@dataclass(frozen=True, slots=True)
class Length:
    """How much of one kind is due now, since when the oldest, and how much of it fails."""

    kind: str
    title: str
    due: int
    oldest: datetime | None
    failing: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A piece of due work that failed, or that somebody has to decide about."""

    kind: Kind
    row: Retried
    due_at: datetime | None
    case: Case | None


@dataclass(frozen=True, slots=True)
class Starts:
    """Starts of one process, year and occasion that are alike."""

    process: Process
    year: int
    occasion: str
    state: StartState
    count: int
    due_at: datetime | None
    because: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it."""

    lengths: list[Length]
    failures: list[Failure]
    held: list[Failure]
    undecided: list[Starts]
    undated: list[Starts]
    coming: list[Starts]
    last_tick: datetime | None
    waiting_mails: int

    @property
    def oldest(self) -> datetime | None:
        return min((one.oldest for one in self.lengths if one.oldest), default=None)


def overview(session: Session, *, by: Actor, now: datetime) -> Overview:
    """Look at everything that is due.

    :raises Forbidden: if `by` does not look after due work
    """
    require(by, Deed.KEEP_DUE_WORK, None)
    return Overview(
        lengths=lengths(session, now=now),
        failures=[one for kind in KINDS for one in _failures(session, kind, now)],
        held=_held(session),
        undecided=_starts(session, PlannedStart.state.in_((StartState.PASSED, StartState.ASKING))),
        undated=_starts(session, _waits(), PlannedStart.due_at.is_(None)),
        coming=_starts(session, _waits(), PlannedStart.due_at > now)[:PAGE],
        last_tick=last_tick(session),
        waiting_mails=waiting_mails(session),
    )


def lengths(session: Session, *, now: datetime) -> list[Length]:
    """Count what is due of each kind, by the index that finds it; what is to come costs nothing."""
    found = []
    for kind in KINDS:
        failing = sa.func.count(sa.case((kind.table.attempts > 0, 1)))
        due = (*kind.waits, kind.at <= now)
        wanted = sa.select(sa.func.count(), sa.func.min(kind.at), failing).where(*due)
        count, oldest, bad = session.execute(wanted.select_from(kind.table)).one()
        found.append(Length(kind.name, kind.title, count, oldest, bad))
    return found


def last_tick(session: Session) -> datetime | None:
    """Say when a clock last noted that it runs."""
    return session.scalar(sa.select(sa.func.max(ClockRun.last_at)))


def waiting_mails(session: Session) -> int:
    """Count the mails on their way."""
    return session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.done_at.is_(None))) or 0


def find(session: Session, name: str, row_id: int) -> tuple[Kind, Retried]:
    """Find one row of due work to change it; its case is locked first.

    :raises NotFound: if there is none
    """
    if (kind := BY_NAME.get(name)) is None or (row := session.get(kind.table, row_id)) is None:
        raise NotFound
    if isinstance(row, Timer):
        session.execute(sa.select(Case.id).where(Case.id == row.case_id).with_for_update())
    session.refresh(row, with_for_update=True)
    return kind, row


def _failures(session: Session, kind: Kind, now: datetime) -> Iterator[Failure]:
    wanted = (
        sa.select(kind.table, kind.at)
        .where(*kind.waits, kind.at <= now, kind.table.attempts > 0)
        .order_by(kind.at)
        .limit(PAGE)
    )
    for row, due_at in session.execute(wanted):
        yield Failure(kind, row, due_at, _case(session, row))


def _case(session: Session, row: Retried) -> Case | None:
    if isinstance(row, Message):
        case_id = row.to_case_id or row.from_case_id
    elif isinstance(row, Call):
        case_id = session.scalar(sa.select(Task.case_id).where(Task.id == row.task_id))
    else:
        case_id = getattr(row, "case_id", None)
    return session.get(Case, case_id) if case_id else None


def _held(session: Session) -> list[Failure]:
    wanted = sa.select(Timer).where(
        Timer.held_at.is_not(None), Timer.fired_at.is_(None), Timer.closed_at.is_(None)
    )
    found = session.scalars(wanted.order_by(Timer.due_at, Timer.id).limit(PAGE))
    return [Failure(TIMER, one, one.due_at, session.get(Case, one.case_id)) for one in found]


def _waits() -> sa.ColumnElement[bool]:
    return PlannedStart.state == StartState.WAITING


def _starts(session: Session, *which: sa.ColumnElement[bool]) -> list[Starts]:
    """Gather starts that are alike; those of units with dates of their own stand by themselves."""
    alike = (
        PlannedStart.process_id, PlannedStart.year, PlannedStart.occasion, PlannedStart.state,
        PlannedStart.due_at,
    )  # fmt: skip
    wanted = sa.select(*alike, sa.func.count(), sa.func.min(PlannedStart.id)).where(*which)
    rows = session.execute(wanted.group_by(*alike).order_by(PlannedStart.due_at, *alike)).all()
    ids = [row[-1] for row in rows]
    firsts = session.scalars(
        sa.select(PlannedStart)
        .where(PlannedStart.id.in_(ids[:500]))
        .options(joinedload(PlannedStart.process))
    )
    known = {one.id: one for one in firsts}
    return [
        Starts(one.process, one.year, one.occasion, one.state, row[-2], one.due_at, one.because)
        for row in rows
        if (one := known.get(row[-1])) is not None
    ]
