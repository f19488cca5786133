"""A report as it was when it was approved; it never changes again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
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
