"""When the clock ran, and how late something due is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.clock import ClockRun

BEAT = timedelta(minutes=1)  # how often a clock notes that it runs
SILENT = timedelta(minutes=5)  # without a note for so long, it was not running
LATE = timedelta(minutes=5)  # less than this is nothing to tell of


@dataclass(frozen=True, slots=True)
class Late:
    """How late, and whether that is because no clock ran when it was due."""

    minutes: int
    was_down: bool

    @property
    def told(self) -> dict[str, object]:
        """What an event says of it."""
        return {"late_minutes": self.minutes, "was_down": self.was_down}


def beat(session: Session, *, now: datetime) -> datetime | None:
    """Note that a clock runs. After a silence a new run begins: gives since when none had run.

    A clock turned back notes nothing, and goes on when the time it had noted has come again.
    """
    last = session.scalars(
        sa.select(ClockRun).order_by(ClockRun.last_at.desc()).limit(1).with_for_update()
    ).first()
    if last is None or now - last.last_at > SILENT:
        session.add(ClockRun(began_at=now, last_at=now))
        return None if last is None else last.last_at
    last.last_at = max(last.last_at, now)
    return None


def needs_beat(session: Session, *, now: datetime) -> bool:
    """Tell whether it is time to note that a clock runs."""
    last = session.scalar(sa.select(sa.func.max(ClockRun.last_at)))
    return last is None or now - last >= BEAT


def lateness(session: Session, due_at: datetime, *, now: datetime) -> Late | None:
    """Say how late something is that is done now; None when that is nothing to tell of."""
    if now - due_at < LATE:
        return None
    last = session.scalars(
        sa.select(ClockRun.last_at)
        .where(ClockRun.began_at <= due_at)
        .order_by(ClockRun.began_at.desc())
        .limit(1)
    ).first()
    came_back = sa.select(ClockRun.id).where(ClockRun.began_at > due_at).limit(1)
    was_down = last is not None and last < due_at and bool(session.scalar(came_back))
    return Late(int((now - due_at) / timedelta(minutes=1)), was_down)
