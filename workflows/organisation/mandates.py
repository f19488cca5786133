"""What an auditor has been let read, and for how long; a mandate is given, ended, never changed."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflows.database import Base, Id
from workflows.organisation.actor import Scope
from workflows.organisation.models import Person, Unit


class Mandate(Base):
    """A person may read, from a day to a day: of some units and those below them, some processes
    and the cases of some years, where nothing named is all.
    """

    __tablename__ = "mandate"

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    unit_ids: Mapped[list[Any]]
    process_ids: Mapped[list[Any]]
    first_year: Mapped[int | None]
    last_year: Mapped[int | None]
    sees_secret: Mapped[bool]
    why: Mapped[str]
    given_at: Mapped[datetime]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    __mapper_args__ = {"version_id_col": revision}

    def stands_on(self, day: date) -> bool:
        """Tell whether it lets them read on `day`."""
        return self.ended_at is None and self.from_on <= day <= self.to_on


def stand_on(day: Any) -> sa.ColumnElement[bool]:
    """Of mandates: those that let somebody read on `day`."""
    return sa.and_(Mandate.ended_at.is_(None), Mandate.from_on <= day, Mandate.to_on >= day)


def scopes_of(session: Session, person_id: int, today: date) -> tuple[Scope, ...]:
    """Say what somebody may read today by their mandates."""
    given = session.scalars(
        sa.select(Mandate).where(Mandate.person_id == person_id, stand_on(today))
    ).all()
    above = dict(session.execute(sa.select(Unit.id, Unit.parent_id)).all()) if given else {}
    return tuple(
        Scope(
            unit_ids=frozenset(with_below(set(one.unit_ids), above)),
            process_ids=frozenset(one.process_ids),
            first_year=one.first_year,
            last_year=one.last_year,
            sees_secret=one.sees_secret,
        )
        for one in given
    )


def with_below(wanted: set[int], above: dict[int, int | None]) -> set[int]:
    """Give units and all that lie below them; `above` says which unit each lies under."""
    found: set[int] = set()
    while wanted - found:
        found |= wanted
        wanted = {unit_id for unit_id, parent_id in above.items() if parent_id in found}
    return found
