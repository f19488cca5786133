"""A sample, what is in it, and what the auditor says of each; kept apart from the record."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id
from workflows.organisation.models import Person, Unit
from workflows.processes.models import Process


class Of(StrEnum):
    """What a sample is drawn of."""

    CASES = "cases"
    DECISIONS = "decisions"  # all that was decided in reviews
    APPROVALS = "approvals"  # those of them that approved


class Per(StrEnum):
    """What a sample has a fair share of each of."""

    ALL = "all"
    UNIT = "unit"
    PROCESS = "process"
    YEAR = "year"


class Verdict(StrEnum):
    OK = "ok"
    DEVIATION = "deviation"


class Sample(Base):
    """A draw: the same seed of what there was at the same moment is always the same."""

    __tablename__ = "sample"

    id: Mapped[Id]
    title: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    drawn_at: Mapped[datetime]
    of: Mapped[Of]
    per: Mapped[Per]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    year: Mapped[int | None]
    size: Mapped[int]  # as asked for; there may be fewer
    seed: Mapped[str]
    moment: Mapped[datetime]  # what came later is not drawn of
    population: Mapped[int]
    digest: Mapped[str]  # of what was drawn; the record tells it too
    shared_at: Mapped[datetime | None]  # others who may draw samples see it, notes and all

    by: Mapped[Person] = relationship()
    unit: Mapped[Unit | None] = relationship()
    process: Mapped[Process | None] = relationship()
    items: Mapped[list["SampleItem"]] = relationship(order_by="SampleItem.n")


class SampleItem(Base):
    """One case or decision to look at, and what came of it; nobody has, without a verdict."""

    __tablename__ = "sample_item"
    __table_args__ = (UniqueConstraint("sample_id", "n"),)

    id: Mapped[Id]
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id"))
    n: Mapped[int]
    thing_id: Mapped[int]  # of the case or the decision; no key, for that may be weeded out
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    stratum: Mapped[str]
    verdict: Mapped[Verdict | None]
    note: Mapped[str]
    judged_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship()
