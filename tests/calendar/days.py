"""What the calendar tests share: the year 2027, and a short way to ask for a date."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from workflows.calendar.because import Because, Unresolved
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.places import Fields
from workflows.calendar.years import Calendar, standard_calendar

STOCKHOLM = ZoneInfo("Europe/Stockholm")
YEAR_2027 = standard_calendar(2027)


def at(day: str, clock: str = "08:00") -> datetime:
    """An instant in UTC, told as time on the wall in Stockholm."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=STOCKHOLM).astimezone(UTC)


def outcome(
    rule: str,
    calendar: Calendar = YEAR_2027,
    *,
    opened: datetime | None = None,
    legal: bool = False,
    fields: Fields | None = None,
) -> Deadline | Unresolved:
    return evaluate(parse(rule), calendar, 2027, opened=opened, fields=fields or {}, legal=legal)


def due(rule: str, calendar: Calendar = YEAR_2027, **given: Any) -> datetime:
    """When the rule falls, on the wall in Stockholm."""
    found = outcome(rule, calendar, **given)
    assert isinstance(found, Deadline), found
    return found.due_at.astimezone(STOCKHOLM)


def day(rule: str, calendar: Calendar = YEAR_2027, **given: Any) -> str:
    return due(rule, calendar, **given).date().isoformat()


def because(rule: str, calendar: Calendar = YEAR_2027, **given: Any) -> Because:
    found = outcome(rule, calendar, **given)
    assert isinstance(found, Deadline), found
    return found.because


def on(text: str) -> date:
    return date.fromisoformat(text)
