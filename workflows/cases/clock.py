"""What the clock keeps: when it was running, and the cases it will start."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id, Retried
from workflows.organisation.models import Unit
from workflows.processes.models import Process


class ClockRun(Base):
    """A time during which a clock looked for due work; between two of them nobody did."""

    __tablename__ = "clock_run"

    id: Mapped[Id]
    began_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class StartState(StrEnum):
    WAITING = "waiting"  # for its time, or for a calendar that gives it one
    STARTED = "started"
    PASSED = "passed"  # its time was over before there was anything to start
    ASKING = "asking"  # its time passed while no clock ran: somebody decides
    DROPPED = "dropped"  # somebody decided against it


class PlannedStart(Retried, Base):
    """A case that is to start by itself; made from processes, units and calendar, and remade when
    any of them changes. One for each case there can be, whatever happens.
    """

    __tablename__ = "planned_start"
    __table_args__ = (
        UniqueConstraint("process_id", "unit_id", "year", "occasion"),
        Index(
            "ix_planned_start_due_at",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_planned_start_year_unit_id",
            "year",
            "unit_id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    occasion: Mapped[str]  # a milestone, a quarter, a day; nothing when there is one a year
    rule: Mapped[str]
    due_at: Mapped[datetime | None]
    because: Mapped[dict[str, Any]]  # without a time it says what is missing
    state: Mapped[StartState]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))

    process: Mapped[Process] = relationship()
    unit: Mapped[Unit] = relationship()
    case: Mapped[Case | None] = relationship()


class StartPlan(Base):
    """What the planned starts were made from: another word, and they are made anew."""

    __tablename__ = "start_plan"

    id: Mapped[Id]
    word: Mapped[str]
