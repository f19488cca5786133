"""What the city and its units have set in their calendars, and changes waiting to be applied.

The rows become values in `values`; `unit_id` of the city's own rows is the city.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.calendar.milestones import Kind
from workflows.database import Base, Id, Retried
from workflows.organisation.models import Person, Unit


class CalendarToken(Base):
    """One row that changes with every change, so that no process trusts what it remembers.

    A random word and not a number: a change that was rolled back never shares its word with the
    next one. Whoever dates a task by the calendar holds the row shared, whoever changes the
    calendar holds it alone.
    """

    __tablename__ = "calendar_token"

    id: Mapped[Id]
    word: Mapped[str]


class MilestoneRow(Base):
    """One milestone of a cycle year, the city's or a unit's own."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("unit_id", "year", "code"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    code: Mapped[str]
    on: Mapped[date | None] = mapped_column("on_day")
    kind: Mapped[Kind]
    basis: Mapped[str]
    confirmed: Mapped[bool]
    exists: Mapped[bool] = mapped_column("is_there")  # false: "finns inte" here


class MeetingRow(Base):
    """One meeting of a body; a date that is not set follows from the body's days."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("unit_id", "on_day"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    on: Mapped[date] = mapped_column("on_day")
    draft_stop: Mapped[date | None]
    chair_prep: Mapped[date | None]
    union_coop: Mapped[date | None]
    documents_out: Mapped[date | None]
    adjusted: Mapped[date | None]


class ClosedDayRow(Base):
    """A day nobody works here, besides weekends and holidays."""

    __tablename__ = "closed_day"
    __table_args__ = (UniqueConstraint("unit_id", "on_day"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    on: Mapped[date] = mapped_column("on_day")
    name: Mapped[str]


class HabitsRow(Base):
    """How a unit keeps its year; what it does not say is as in the unit above it."""

    __tablename__ = "calendar_habits"
    __table_args__ = (UniqueConstraint("unit_id"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    profile: Mapped[str | None]  # the city's alone
    squeeze: Mapped[bool | None]
    quiet: Mapped[str | None]  # "07-01/07-31", or "" for none at all
    draft_stop: Mapped[int | None]
    chair_prep: Mapped[int | None]
    union_coop: Mapped[int | None]
    documents_out: Mapped[int | None]
    adjusted: Mapped[int | None]


class FormLevel(Base):
    """How much a unit's forms of a process ask; the city's own row is the least for every unit."""

    __tablename__ = "form_level"
    __table_args__ = (UniqueConstraint("unit_id", "process_id"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    level: Mapped[str]  # min, standard, full


class Exemption(Base):
    """A process that does not start by itself in a unit: the city has said so."""

    __tablename__ = "exemption"
    __table_args__ = (UniqueConstraint("unit_id", "process_id"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))


class Replanning(Base):
    """A change of the calendar, with everything it moves as it was seen when it was prepared."""

    __tablename__ = "replanning"

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    change: Mapped[dict[str, Any]]
    seen: Mapped[dict[str, Any]]  # the calendar's word, and the revision of every case
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    why: Mapped[str | None]
    applied_at: Mapped[datetime | None]
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("replanning.id"))

    unit: Mapped[Unit] = relationship()
    applied_by: Mapped[Person | None] = relationship(foreign_keys=[applied_by_id])


class Move(Retried, Base):
    """What one change does to the date of one task or timer.

    `fate`: moves; stays, being fixed by law; or is told anew, the same date with another reason.
    """

    __tablename__ = "replanning_move"
    __table_args__ = (
        Index("ix_replanning_move_replanning_id_fate", "replanning_id", "fate"),
        Index(
            "ix_replanning_move_calls_due",
            "id",
            sqlite_where=text("calls_due"),
            postgresql_where=text("calls_due"),
        ),
    )

    id: Mapped[Id]
    replanning_id: Mapped[int] = mapped_column(ForeignKey("replanning.id"))
    fate: Mapped[str]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    timer_id: Mapped[int | None] = mapped_column(ForeignKey("timer.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    element: Mapped[str]
    step_id: Mapped[str]
    seen: Mapped[int]  # the revision of the task
    old_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime | None]
    because: Mapped[str]  # as canonical text: what takes time is done before the lock is taken
    calls_due: Mapped[bool] = mapped_column(default=False)  # moved, not yet planned when to remind
