"""How far a demo city has come: one row, and only where there is a demo at all."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session

from workflows.database import Base, Id

THE_CITY = 1


class Growth(Base):
    """A demo that is built or was; `at` is the moment its invented years have been played to."""

    __tablename__ = "demo_growth"

    id: Mapped[Id]
    seed: Mapped[int]
    size: Mapped[str]
    begins_at: Mapped[datetime]
    until: Mapped[datetime]
    at: Mapped[datetime]
    is_done: Mapped[bool]

    @property
    def percent(self) -> int:
        """How much of the way is behind, in whole percent; not 100 before it is done."""
        if self.is_done:
            return 100
        whole = (self.until - self.begins_at).total_seconds()
        return min(99, int(100 * (self.at - self.begins_at).total_seconds() / max(1.0, whole)))


def growth(session: Session) -> Growth | None:
    """Give how far the demo has come; nothing where people work for real."""
    return session.scalars(sa.select(Growth).where(Growth.id == THE_CITY)).one_or_none()
