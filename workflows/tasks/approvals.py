"""What somebody decided in a review, sealed to what they saw when they did."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Retried
from workflows.language import N_
from workflows.organisation.models import Person
from workflows.tasks.models import Task

# The parts of what a decision rests on, as people call them.
PARTS = {
    "data": N_("what the case knows"),
    "files": N_("a file"),
    "documents": N_("a document"),
    "diagram": N_("the diagram"),
    "tables": N_("a rule table"),
    "forms": N_("a form"),
    "seal": N_("the decision itself"),
}


class Approval(Retried, Base):
    """One decision in a review; those that approve are watched until the work is taken up again."""

    __tablename__ = "approval"
    __table_args__ = (
        Index("ix_approval_case_id", "case_id"),
        Index(
            "ix_approval_check_at",
            "check_at",
            sqlite_where=sa.text("check_at IS NOT NULL"),
            postgresql_where=sa.text("check_at IS NOT NULL"),
        ),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), unique=True)
    element: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # in whose name
    at: Mapped[datetime]
    outcome: Mapped[str]  # the value of the form, or `approved_changed`
    is_approving: Mapped[bool]
    why: Mapped[str | None]  # what was changed, or why it was sent back
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)  # what was seen, by its parts
    steps: Mapped[list[Any]]  # whose work it rests on: opened again, it decides nothing any more
    since: Mapped[dict[str, Any]]  # hashes of data as steps after it have left it, by name
    hash: Mapped[str]  # of all but that; the event of the decision tells it too
    overtaken_at: Mapped[datetime | None]  # the work was taken up again, or decided anew
    broken_at: Mapped[datetime | None]  # seen to be another than what was approved, and told
    check_at: Mapped[datetime | None]  # when the clock looks next; never after it is broken

    case: Mapped[Case] = relationship()
    task: Mapped[Task] = relationship()
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
    acted_for: Mapped[Person | None] = relationship(foreign_keys=[for_id])
