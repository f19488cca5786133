"""The demo's calendar: boards that meet, a closed day, years that are drafted and confirmed."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.meetings import Meeting
from workflows.calendar.profiles import AT_BOARD
from workflows.calendar.workdays import ClosedDays, workday_on_or_before
from workflows.demo.bodies import CITY, Body
from workflows.demo.crew import drawn, one_of
from workflows.demo.moments import Scripted, at
from workflows.language import on
from workflows.operations import calendar
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.steering.values import Change

# A board meets on its weekday, on or before these days: in time for each report it decides.
USUAL = (
    (2, 10), (3, 18), (4, 22), (5, 25), (6, 17), (8, 28), (9, 24), (10, 22), (11, 19), (12, 15),
)  # fmt: skip
SELDOM = {(3, 18), (8, 28)}  # a small body meets eight times a year
CLOSED = ClosedDays()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def scripted(begins: datetime, last: int) -> Iterator[Scripted]:
    """Say what the city does to its calendar: the first year at once, others as they come."""
    first = on(begins).year
    yield begins + 4 * HOUR, partial(_close, first)
    yield begins + 6 * HOUR, partial(_confirm, first)
    for year in range(first + 1, last + 2):
        yield at(year - 1, 10, 6, 10), partial(_draft, year)
        yield at(year - 1, 11, 12, 14), partial(_confirm, year)


def set_meetings(
    session: Session, body: Body, years: range, seed: int, *, by: Actor, now: datetime
) -> None:
    """Say when the board of a body meets in some years; the last of them is yet a draft."""
    weekday = drawn(seed, "weekday", body.code).choice((1, 2, 3))
    held = [
        Meeting(_on_or_before(date(year, *day), weekday))
        for year in years
        for day in USUAL
        if body.is_large or day not in SELDOM
    ]
    change = changes.set_meetings(_desk(session, body.code, years[0]), held)
    calendar.carry_out(session, change, why="Nämndens möten", by=by, now=now)


def _close(year: int, session: Session, now: datetime) -> None:
    day = workday_on_or_before(CLOSED, date(year, 6, 5))
    change = changes.close_day(_desk(session, CITY, year), day, "Klämdag")
    _change(session, change, "Staden håller stängt", now)


def _confirm(year: int, session: Session, now: datetime) -> None:
    for code in sorted(AT_BOARD):
        change = changes.confirm(_desk(session, CITY, year), code)
        _change(session, change, f"Beslutat datum {year}", now)


def _draft(year: int, session: Session, now: datetime) -> None:
    _change(session, changes.draft(_desk(session, CITY, year)), f"Utkast till {year}", now)


def _on_or_before(day: date, weekday: int) -> date:
    return workday_on_or_before(CLOSED, day - DAY * ((day.weekday() - weekday) % 7))


def _desk(session: Session, code: str, year: int) -> Desk:
    unit_id = session.scalars(sa.select(Unit.id).where(Unit.code == code)).one()
    return Desk(rows.current(session)[1], rows.lineage(session, unit_id), year)


def _change(session: Session, change: Change, why: str, now: datetime) -> None:
    by = one_of(session, "central_security", CITY, now)
    calendar.carry_out(session, change, why=why, by=by, now=now)
