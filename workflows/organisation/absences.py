"""When a person is away, and who stands in for them meanwhile."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.database import Base, Id, Retried
from workflows.organisation.models import Person, Unit


class Absence(Retried, Base):
    """A period, both days counted, during which others stand in for a person.

    Why somebody is away is nobody's business and is never asked.
    """

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_person_id_to_on", "person_id", "to_on"),
        Index(
            "ix_absence_warn_at",
            "warn_at",
            sqlite_where=text("warned_at IS NULL"),
            postgresql_where=text("warned_at IS NULL"),
        ),
        Index(
            "ix_absence_back_at",
            "back_at",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]  # the last day; one before `from_on` means that it never came to be
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]
    warn_at: Mapped[datetime]  # when to look for what nobody covers
    warned_at: Mapped[datetime | None]
    back_at: Mapped[datetime]  # when to tell what was done in their name
    told_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    set_by: Mapped[Person | None] = relationship(foreign_keys=[set_by_id])
    deputies: Mapped[list["Deputy"]] = relationship(
        order_by="Deputy.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": revision}


class Deputy(Base):
    """A ställföreträdare: holds all the roles of the absent person, or the one that is named; in
    everything, or in the tasks of one process.
    """

    __tablename__ = "deputy"
    __table_args__ = (CheckConstraint("(role IS NULL) = (unit_id IS NULL)", name="whole_role"),)

    id: Mapped[Id]
    absence_id: Mapped[int] = mapped_column(ForeignKey("absence.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))  # of one process only

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit | None] = relationship()
