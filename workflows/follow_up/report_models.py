"""A report as it was approved, never changed again; and numbers that people have corrected."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.database import Base, Id


class SealedReport(Base):
    """One approved version of the report of a body; the record tells its hash."""

    __tablename__ = "sealed_report"
    __table_args__ = (UniqueConstraint("unit_id", "year", "milestone", "number"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    milestone: Mapped[str]
    number: Mapped[int]  # approved anew when the board has sent it back
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    content: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    totals: Mapped[dict[str, Any]]  # the known figures alone, for what is compared over years
    hash: Mapped[str]


class Correction(Base):
    """A number that a person put in the place of what was counted; the last of a figure counts."""

    __tablename__ = "report_correction"
    __table_args__ = (Index("ix_report_correction_unit_id", "unit_id", "year", "milestone"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    milestone: Mapped[str]
    key: Mapped[str]
    value: Mapped[int | None]  # none: what was counted stands again
    why: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
