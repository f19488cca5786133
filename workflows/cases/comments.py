"""What people say to each other about a case; it is no answer, and moves nothing."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id
from workflows.organisation.models import Person

LONGEST = 4000
REGRET = timedelta(minutes=15)  # how long one may take one's own words back


class Comment(Base):
    """A comment in a case; taken back, its words go, and that it was here stays."""

    __tablename__ = "comment"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    element: Mapped[str | None]  # the step it was written at
    text: Mapped[str]  # a little Markdown, as typed
    mentions: Mapped[list[Any]]  # people, by their ids
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    case: Mapped[Case] = relationship()
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    withdrawn_by: Mapped[Person | None] = relationship(foreign_keys=[withdrawn_by_id])
