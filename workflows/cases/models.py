"""A case, where it stands, and its timers."""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from workflows.calendar.names import MILESTONES
from workflows.database import Base, Id, Retried
from workflows.language import Language, translator
from workflows.organisation.models import Unit
from workflows.processes.models import Process, Secrecy, Version


class CaseState(StrEnum):
    RUNNING = "running"
    STOPPED = "stopped"  # an incident waits for somebody
    SUSPENDED = "suspended"  # somebody has said that it is to rest
    FINISHED = "finished"
    CANCELLED = "cancelled"


# Those in which a case may move: its timers fire, its messages arrive, its tasks are completed.
MOVING = (CaseState.RUNNING, CaseState.STOPPED)
OPEN = (*MOVING, CaseState.SUSPENDED)


class ToCome(NamedTuple):
    """A case that is not there yet: asked about for every body of a city, so no row is made."""

    process_id: int
    unit_id: int
    secrecy: Secrecy
    year: int | None = None


class Case(Base):
    """One run of a process: at most one for each process, unit, year and occasion."""

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("process_id", "unit_id", "year", "occasion"),
        UniqueConstraint("caller_id", "caller_call"),
        Index("ix_case_unit_id_year", "unit_id", "year"),
        Index(  # all that the overview and the year of the whole city count
            "ix_case_year_process_id",
            "year",
            "process_id",
            "state",
            "secrecy",
            "opened_at",
            "occasion",
            "unit_id",
        ),
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
    incidents: Mapped[list[Any] | None] = mapped_column("incident")  # those that are open
    data: Mapped[dict[str, Any]]
    engine_state: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]  # what it held was weeded out; that it was stays
    caller_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))  # who waits for its end
    caller_call: Mapped[str | None]  # and for which of its calls
    command: Mapped[str | None]  # the key of the post by which an operator last changed it
    revision: Mapped[int] = mapped_column()

    process: Mapped[Process] = relationship()
    version: Mapped[Version] = relationship()
    unit: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": revision}

    @staticmethod
    def to_come(process: Process, unit: Unit) -> "ToCome":
        """Make what permission asks of a case, before there is one."""
        return ToCome(process.id, unit.id, process.secrecy)

    @property
    def barred(self) -> frozenset[int]:
        """Who did work in it that others must review; loaded by `tasks.rows.know_reviewed`."""
        known: frozenset[int] | None = self.__dict__.get("_barred")
        if known is None:
            raise LookupError("the case was loaded without those whose work is reviewed")
        return known

    def name(self, language: str) -> str:
        """Say which case it is, as people would: `RSA 2027`, `Preparedness check 2027 Q1`."""
        said = f"{self.process.name(language)} {self.year}"
        mark = "," if is_spoken_of(self.occasion) else ""
        return f"{said}{mark} {occasion_name(self.occasion, language)}".strip()


def is_spoken_of(occasion: str) -> bool:
    """Tell whether an occasion is a code that nobody says, and has a name instead."""
    return "_" in occasion and occasion in MILESTONES


def occasion_name(occasion: str, language: str) -> str:
    """Say which of a year's: a milestone by its name, else as it was written."""
    if is_spoken_of(occasion):
        return translator(Language(language)).gettext(MILESTONES[occasion])
    return occasion


class Timer(Retried, Base):
    """Something a case waits for until a moment; the engine knows only the wait, never the time."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("case_id", "wait_id"),
        Index(
            "ix_timer_due_at",
            "due_at",
            sqlite_where=text("fired_at IS NULL AND closed_at IS NULL"),
            postgresql_where=text("fired_at IS NULL AND closed_at IS NULL"),
        ),
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
    held_at: Mapped[datetime | None]  # came while no clock ran: somebody decides
