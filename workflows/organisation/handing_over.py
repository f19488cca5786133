"""A role handed on: what whoever held it wants the next one to know, and whether that is read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from workflows.database import Base, Id
from workflows.organisation.models import Person, Unit


class RoleHandover(Base):
    """A note from one holder of a role in a unit to the next: the last one counts. Without a
    receiver it is for whoever holds the role. What lies open is always read anew."""

    __tablename__ = "role_handover"
    __table_args__ = (Index("ix_role_handover_unit_id_role", "unit_id", "role"),)

    id: Mapped[Id]
    role: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    note: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=[from_id])
    to: Mapped[Person | None] = relationship(foreign_keys=[to_id])
