"""The organisation of the demo as values: what a year is rehearsed with where there is no other."""

from collections.abc import Iterable
from datetime import date

from workflows.calendar.meetings import Meeting
from workflows.calendar.workdays import ClosedDays, workday_on_or_before
from workflows.demo.bodies import FIRST, LATER, THE_CITY
from workflows.demo.cast import FOR_ALL, PEOPLE, colleagues
from workflows.demo.years import SELDOM, USUAL
from workflows.organisation.models import UnitKind
from workflows.queries.role_check import Holders, Place
from workflows.rehearsal.city import Body, City, Played
from workflows.steering.book import Book, Lineage
from workflows.steering.values import key_of

CITY_ID = 1


def organisation(
    year: int, processes: Iterable[Played], *, seed: int, only: str | None = None
) -> City:
    """Give the demo city in a year, or one body of it and what the city itself does."""
    every = dict(enumerate((THE_CITY, *FIRST, *LATER), CITY_ID))
    kept = {n: one for n, one in every.items() if n == CITY_ID or only in (None, one.code)}
    book = Book(
        {
            key_of(number, meeting): meeting
            for number, one in kept.items()
            if number != CITY_ID
            for meeting in _meetings(number, year, is_large=one.is_large)
        }
    )
    lines: dict[int, Lineage] = {
        number: ((number, one.kind), (CITY_ID, UnitKind.CITY))[number == CITY_ID :]
        for number, one in kept.items()
    }
    return City(
        bodies=tuple(
            Body(
                number,
                one.code,
                one.kind,
                None if number == CITY_ID else CITY_ID,
                {
                    "code": one.code,
                    "name": one.name,
                    "kind": one.kind.value,
                    "has_geographic_area": one.has_area,
                },
                one.begun,
                one.ended,
            )
            for number, one in kept.items()
        ),
        processes=tuple(processes),
        calendar=lambda unit_id, year: book.calendar(lines[unit_id], year),
        holders=_holders({one.code: number for number, one in every.items()}, seed),
    )


def _meetings(number: int, year: int, *, is_large: bool) -> Iterable[Meeting]:
    """Meet before the days a year turns on, on a weekday of one's own."""
    closed, weekday = ClosedDays(), 1 + number % 3
    for each in (year - 1, year, year + 1):
        for month, number_of_day in USUAL:
            if is_large or (month, number_of_day) not in SELDOM:
                day = date(each, month, number_of_day)
                back = (day.weekday() - weekday) % 7
                yield Meeting(
                    workday_on_or_before(closed, date.fromordinal(day.toordinal() - back))
                )


def _holders(units: dict[str, int], seed: int) -> Holders:
    held: dict[Place, set[int]] = {}
    for person, somebody in enumerate((*PEOPLE, *colleagues((*FIRST, *LATER), seed)), 1):
        for role, code in somebody.roles:
            held.setdefault((role, units[code]), set()).add(person)
    for number in units.values():
        for role in FOR_ALL:
            held[role, number] = held.get((role, CITY_ID), set())
    return {place: frozenset(people) for place, people in held.items()}
