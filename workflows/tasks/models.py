"""A task, the roles that may take it, and the draft of its answers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id
from workflows.organisation.models import Person, Unit
from workflows.processes.models import Process, Secrecy


class Outcome(StrEnum):
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"  # the case went another way


# Kinds of tasks that decide over the work of others.
DECIDING = ("review", "board_decision")
HANDED_ON = "CASE WHEN (closed_at IS NULL) THEN given_from END IS NOT NULL"


class Task(Base):
    """One step of a case, given to the holders of a role or to one person."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("case_id", "step_id"),
        Index(
            "ix_task_assignee_id_due_at",
            "assignee_id",
            "due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_task_open_case_id",
            "case_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        # Said so that SQLite cannot take another index of what is open, and read all of that.
        Index(
            "ix_task_open_given_from",
            "id",
            sqlite_where=text(HANDED_ON),
            postgresql_where=text("closed_at IS NULL AND given_from IS NOT NULL"),
        ),
        # Everything the lists ask of an open task: none need be read that is not found.
        Index(
            "ix_task_open_names",
            "name_sv",
            "name_en",
            "secrecy",
            "unit_id",
            "process_id",
            "assignee_id",
            "due_at",
            "case_id",
            "closed_at",  # or SQLite reads the row to see that it is open
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_task_unit_id_due_at",
            "unit_id",
            "due_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(  # all that the wheel of the whole city reads
            "ix_task_open_process_id_due_at",
            "process_id",
            "due_at",
            "secrecy",
            "unit_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_task_done_by_id_closed_at", "done_by_id", "closed_at", "case_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    step_id: Mapped[str]  # the engine's name for this opening of the element
    element: Mapped[str]
    name_sv: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    form: Mapped[str | None]
    secrecy: Mapped[Secrecy]
    not_by: Mapped[list[Any]]  # elements whose doers may not do this one
    item: Mapped[dict[str, Any] | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    because: Mapped[dict[str, Any] | None]
    is_legal: Mapped[bool]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    claimed_at: Mapped[datetime | None]
    claimed_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who was absent
    given_from: Mapped[list[Any] | None]  # to whom it goes back, the latest last
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    done_for_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    remarks: Mapped[list[Any] | None]  # what the doer was asked to explain, and how they did
    command: Mapped[str | None]  # the key of the post that last completed it or handed it over
    revision: Mapped[int] = mapped_column()

    case: Mapped[Case] = relationship()
    process: Mapped[Process] = relationship()
    unit: Mapped[Unit] = relationship()
    assignee: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])
    done_by: Mapped[Person | None] = relationship(foreign_keys=[done_by_id])
    roles: Mapped[list["TaskRole"]] = relationship()

    __mapper_args__ = {"version_id_col": revision}

    @property
    def barred(self) -> frozenset[int]:
        """Who did a step whose doers may not do this one; loaded by `tasks.rows.find`."""
        known: frozenset[int] | None = self.__dict__.get("_barred")
        if known is None:
            raise LookupError("the task was loaded without those it is barred for")
        return known

    def name(self, language: str) -> str:
        """Name the task in `language`."""
        return self.name_en if language == "en" else self.name_sv


class TaskRole(Base):
    """A role in a unit whose holders may take the task; any one of several."""

    __tablename__ = "task_role"
    __table_args__ = (
        Index(
            "ix_task_role_open",
            "role",
            "unit_id",
            "task_id",
            "is_open",  # or SQLite reads the row to see that it is
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(  # what a role had to do lately, which a calendar program is to strike out
            "ix_task_role_over",
            "role",
            "unit_id",
            "task_id",
            "is_open",
            sqlite_where=text("is_open = 0"),
            postgresql_where=text("NOT is_open"),
        ),
    )

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    # As open as the task: what a role is to do is found among what is open, not all there was.
    is_open: Mapped[bool] = mapped_column(server_default=text("true"))


class Draft(Base):
    """What somebody has typed so far: one for each task, with a revision of its own."""

    __tablename__ = "draft"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    revision: Mapped[int]
    answers: Mapped[dict[str, Any]]  # raw, as typed: not checked yet
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
