"""Longer time: asked for with a reason, decided by the director or whom the process names."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from workflows.database import Base, Id
from workflows.organisation.models import Person
from workflows.tasks.models import Task


class Extension(Base):
    """A request for a later date, and what was decided; at most one of a task is undecided."""

    __tablename__ = "extension"
    __table_args__ = (
        Index(
            "ix_extension_task_id_undecided",
            "task_id",
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    why: Mapped[str]
    old_due_at: Mapped[datetime]
    new_due_at: Mapped[datetime]
    decider: Mapped[str] = mapped_column(server_default="director")  # the role that decides
    decider_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))  # else the task's
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_given: Mapped[bool | None]
    answer: Mapped[str | None]
    revision: Mapped[int] = mapped_column()

    task: Mapped[Task] = relationship()
    asked_by: Mapped[Person | None] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    __mapper_args__ = {"version_id_col": revision}


def of_task(session: Session, task: Task) -> list[Extension]:
    """List what has been asked for, the latest first."""
    wanted = (
        sa.select(Extension)
        .where(Extension.task_id == task.id)
        .options(joinedload(Extension.asked_by), joinedload(Extension.decided_by))
        .order_by(Extension.id.desc())
    )
    return list(session.scalars(wanted))
