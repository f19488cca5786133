"""Units in a tree, people, and who holds which role where and when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.database import Base, Id

# Compared byte by byte: the key itself says how Swedes sort (`workflows.language.sort_key`).
SORT_KEY = Text().with_variant(Text(collation="C"), "postgresql")


class UnitKind(StrEnum):
    CITY = "city"
    BOARD = "board"
    DISTRICT_BOARD = "district_board"
    COMPANY = "company"
    OFFICE = "office"
    SECTION = "section"


class Unit(Base):
    """A body or a part of one; it may end and be succeeded by another."""

    __tablename__ = "unit"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(SORT_KEY)
    kind: Mapped[UnitKind]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    has_geographic_area: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None]  # where it is kept, if not here; who is missing there is closed here
    revision: Mapped[int] = mapped_column()

    parent: Mapped["Unit | None"] = relationship(foreign_keys=[parent_id], remote_side="Unit.id")

    __mapper_args__ = {"version_id_col": revision}

    def stands_on(self, day: date) -> bool:
        """Tell whether the unit exists on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class Person(Base):
    """Somebody who works in the system; a leaver is closed and never removed."""

    __tablename__ = "person"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)  # lower case; the name one signs in with
    name: Mapped[str]
    sort_key: Mapped[str] = mapped_column(SORT_KEY, index=True)
    title: Mapped[str] = mapped_column(server_default="", default="")
    phone: Mapped[str] = mapped_column(server_default="", default="")
    language: Mapped[str] = mapped_column(default="sv")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)  # employed in
    external_id: Mapped[str | None] = mapped_column(unique=True)  # the directory's name for them
    is_demo: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]  # what the row said of them was weeded out
    source: Mapped[str | None]
    revision: Mapped[int] = mapped_column()

    unit: Mapped[Unit | None] = relationship()

    __mapper_args__ = {"version_id_col": revision}


class Holding(Base):
    """A role in a unit during a period, held by a person or by whoever holds another role.

    The second kind is a shared service: "our infosec coordinator is the same person as theirs".
    """

    __tablename__ = "holding"
    __table_args__ = (
        CheckConstraint(
            "(person_id IS NULL) <> (same_as_unit_id IS NULL)"
            " AND (same_as_role IS NULL) = (same_as_unit_id IS NULL)",
            name="one_holder",
        ),
        Index("ix_holding_unit_id_role", "unit_id", "role"),
    )

    id: Mapped[Id]
    role: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    same_as_role: Mapped[str | None]
    same_as_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]  # the last day; one before `from_on` means that it never came to be
    source: Mapped[str | None]
    revision: Mapped[int] = mapped_column()

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    person: Mapped[Person | None] = relationship()
    same_as_unit: Mapped[Unit | None] = relationship(foreign_keys=[same_as_unit_id])

    __mapper_args__ = {"version_id_col": revision}

    def stands_on(self, day: date) -> bool:
        """Tell whether the role is held on `day`."""
        return (self.from_on is None or self.from_on <= day) and (
            self.to_on is None or day <= self.to_on
        )


class OrganisationImport(Base):
    """Rows read from a file, waiting for whoever sent it to look at them and apply them."""

    __tablename__ = "organisation_import"

    key: Mapped[str] = mapped_column(primary_key=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    source: Mapped[str]
    rows: Mapped[dict[str, Any]]
    applied_at: Mapped[datetime | None]
