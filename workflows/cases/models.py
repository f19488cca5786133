"""A case, where it stands, and its timers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from workflows.database import Base, Id
from workflows.organisation.models import Unit
from workflows.processes.models import Process, Secrecy, Version


class CaseState(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"  # an incident waits for somebody
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Case(Base):
    """One run of a process: at most one for each process, unit, year and occasion."""

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("process_id", "unit_id", "year", "occasion"),
        Index("ix_case_unit_id_year", "unit_id", "year"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)  # RSA-FARSTA-2027-1
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    occasion: Mapped[str]
    state: Mapped[CaseState]
    secrecy: Mapped[Secrecy]
    incident: Mapped[dict[str, Any] | None]
    data: Mapped[dict[str, Any]]
    engine_state: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    process: Mapped[Process] = relationship()
    version: Mapped[Version] = relationship()
    unit: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": revision}

    def name(self, language: str) -> str:
        """Say which case it is, as people would: `RSA 2027`, `Preparedness check 2027 Q1`."""
        return " ".join(
            part for part in (self.process.name(language), str(self.year), self.occasion) if part
        )


class Timer(Base):
    """Something a case waits for until a moment; the engine knows only the wait, never the time."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("case_id", "wait_id"),
        Index("ix_timer_fired_at_due_at", "fired_at", "due_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    wait_id: Mapped[str]
    element: Mapped[str]
    rule: Mapped[str]
    missed: Mapped[str]
    opened_at: Mapped[datetime | None]  # what the rule counts from; those of release 1 did not say
    item: Mapped[dict[str, Any] | None]  # the row of a multi-instance step it stands on
    due_at: Mapped[datetime | None]
    because: Mapped[dict[str, Any] | None]
    fired_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # the case no longer waits for it
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
