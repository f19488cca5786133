"""Closing a year, body by body: what is carried over or moved, and what is frozen and sealed."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.cases.models import Case
from workflows.database import Base, Id, Retried
from workflows.organisation.models import Unit
from workflows.registers.models import Entry


class BodyYear(Base):
    """What has been decided of a year: for the city that it is open, for a body that it is frozen,
    and then sealed with a hash of what it holds."""

    __tablename__ = "body_year"
    __table_args__ = (UniqueConstraint("unit_id", "year"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    opened_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    sealed_at: Mapped[datetime | None]
    content_hash: Mapped[str | None]
    counts: Mapped[dict[str, Any] | None]  # how many cases and rows the hash is of
    revision: Mapped[int] = mapped_column()

    unit: Mapped[Unit] = relationship()

    __mapper_args__ = {"version_id_col": revision}


class SwitchKind(StrEnum):
    CARRY = "carry"  # what a body has open goes on into the next year
    MERGE = "merge"  # what a body has open goes to those that come after it


class Verdict(StrEnum):
    """What becomes of one row or case."""

    KEPT = "kept"
    CHANGED = "changed"  # it goes on, with another day
    DROPPED = "dropped"
    NEW = "new"  # the new year has it already
    MOVED = "moved"
    STAYS = "stays"  # a case that is finished where it began


_STANDS = text("undone_at IS NULL")


class Switch(Retried, Base):
    """What is carried over for one body, or moved to its successors: looked at, then done in one
    go; by the clock when it is due."""

    __tablename__ = "year_switch"
    __table_args__ = (
        # One of each for a body and year: whoever carries over twice finds the first.
        Index(
            "uq_year_switch_standing",
            "kind",
            "unit_id",
            "year",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(
            "ix_year_switch_due_at",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    kind: Mapped[SwitchKind]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]  # the one that ends, or in which the body ends
    on: Mapped[date | None] = mapped_column("on_day")  # the body's last day
    before: Mapped[dict[str, Any] | None]  # how the unit stood, to be put back
    made_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # since when the clock is asked to do it
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    unit: Mapped[Unit] = relationship()
    items: Mapped[list["SwitchItem"]] = relationship(
        order_by="SwitchItem.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": revision}


class SwitchItem(Base):
    """One row or case, with what is to become of it and why; `seen` is as it was looked at."""

    __tablename__ = "year_switch_item"
    __table_args__ = (Index("ix_year_switch_item_switch_id", "switch_id"),)

    id: Mapped[Id]
    switch_id: Mapped[int] = mapped_column(ForeignKey("year_switch.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    seen: Mapped[int]
    verdict: Mapped[Verdict]
    reason: Mapped[str]  # a code of ours, or a person's words
    is_said: Mapped[bool]  # by a person; the others are proposed by rule
    due_on: Mapped[date | None]
    to_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    made_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"))  # the version it became
    made_seen: Mapped[int | None]  # as it was left: touched since, it is not taken back

    entry: Mapped[Entry | None] = relationship(foreign_keys=[entry_id])
    made: Mapped[Entry | None] = relationship(foreign_keys=[made_id])
    case: Mapped[Case | None] = relationship()
    to_unit: Mapped[Unit | None] = relationship()
