"""Checks of the whole record that somebody asked for: how far each has come, and what it found."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from workflows.database import Base, Id

SILENT = timedelta(minutes=2)  # without a sign of life it has ended before its end


class RecordCheck(Base):
    """One check, done beside the requests; its process tells now and then how far it is."""

    __tablename__ = "record_check"

    id: Mapped[Id]
    asked_by_id: Mapped[int | None]
    asked_at: Mapped[datetime]
    anchors: Mapped[str]  # the seals held outside that were given, as lines
    total: Mapped[int]  # events there were when it was asked for
    seen: Mapped[int]
    seen_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None]

    def is_running(self, now: datetime) -> bool:
        """Tell whether somebody is still at it."""
        return self.done_at is None and now - self.seen_at < SILENT

    @property
    def percent(self) -> int:
        return min(99, 100 * self.seen // self.total) if self.total else 0


def latest(session: Session, most: int = 10) -> list[RecordCheck]:
    """Return the last checks, the newest first."""
    wanted = sa.select(RecordCheck).order_by(RecordCheck.id.desc()).limit(most)
    return list(session.scalars(wanted))


def note(session: Session, check_id: int, seen: int, *, now: datetime) -> None:
    """Tell how far a check has come."""
    which = sa.update(RecordCheck).where(RecordCheck.id == check_id)
    session.execute(which.values(seen=seen, seen_at=now))
