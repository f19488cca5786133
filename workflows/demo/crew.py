"""Who is at work in the demo at a moment: the holders of a role who are not away, as actors."""

from collections.abc import Sequence
from datetime import date, datetime
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.language import on
from workflows.organisation.absences import Absence
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.queries.holdings import held_by, lasts_on, present

Place = tuple[str, int]


_TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date())
_AWAY = sa.select(Absence.id).where(lasts_on(_TODAY)).order_by(Absence.id)


class Crew:
    """Remembers who is present where until somebody leaves, comes back or gets another role."""

    def __init__(self) -> None:
        self._word: object = None
        self._present: dict[Place, list[int]] = {}
        self._actors: dict[int, Actor] = {}

    def look(self, session: Session, now: datetime) -> None:
        """Forget what was known if anybody's absence has begun or ended since."""
        word = tuple(session.connection().execute(_AWAY, {"today": on(now)}).scalars())
        if word != self._word:
            self._word = word
            self.forget()

    def forget(self) -> None:
        """Ask anew, for roles have changed."""
        self._present.clear()
        self._actors.clear()

    def at(self, session: Session, places: Sequence[Place], now: datetime) -> list[Actor]:
        """List who may stand for one of the places, in the order of the places."""
        missing = [place for place in places if place not in self._present]
        if missing:
            here = present(session, missing, on(now))
            self._present |= {place: sorted(here[place]) for place in missing}
        found = dict.fromkeys(one for place in places for one in self._present[place])
        return [self.actor(session, one, now) for one in found]

    def actor(self, session: Session, person_id: int, now: datetime) -> Actor:
        """Give a person as they act on the day of `now`."""
        if person_id not in self._actors:
            name = session.scalar(sa.select(Person.name).where(Person.id == person_id)) or ""
            held = held_by(session, person_id, on(now))
            self._actors[person_id] = Actor(id=person_id, name=name, held=held)
        return self._actors[person_id]


def one_of(session: Session, role: str, unit: str, now: datetime) -> Actor:
    """Give somebody who holds a role in a unit, by its code; the one who did so longest."""
    unit_id = session.scalars(sa.select(Unit.id).where(Unit.code == unit)).one()
    people = Crew().at(session, [(role, unit_id)], now)
    if not people:
        raise LookupError(f"nobody in the demo is {role} in {unit}")
    return people[0]


def drawn(seed: int, *words: object) -> Random:
    """Give chance of its own to each thing: the same every time, whatever else happens."""
    return Random(" ".join(map(str, (seed, *words))))  # noqa: S311
