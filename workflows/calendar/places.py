"""What a derivation starts from, and where it stands while a rule is followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal

from workflows.calendar.because import Part, Reason
from workflows.calendar.rules import Field
from workflows.calendar.workdays import ClosedDays
from workflows.calendar.years import Calendar
from workflows.canonical import instant_text

Fields = Mapping[str, Mapping[str, object]]

LEGAL_TIME = time(23, 59)  # a duty may be done until the day is over
OFFICE_TIME = time(16, 0)


class Stuck(Exception):
    """The derivation cannot go on."""

    def __init__(self, reason: Reason, /, **params: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule is evaluated with."""

    calendar: Calendar
    year: int
    opened: datetime | None
    fields: Fields
    legal: bool
    time_of_day: time | None

    @property
    def closed(self) -> ClosedDays:
        return self.calendar.closed.without_quiet if self.legal else self.calendar.closed

    @property
    def default_time(self) -> time:
        return self.time_of_day or (LEGAL_TIME if self.legal else OFFICE_TIME)

    def instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.calendar.tz).astimezone(UTC)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.calendar.tz).date()


@dataclass(slots=True)
class Place:
    """Where a derivation stands: a day, perhaps with a time, and whether that instant is exact."""

    day: date
    instant: datetime | None = None
    exact: bool = False
    at: time | None = None
    parts: list[Part] = field(default_factory=list)


def from_field(facts: Facts, term: Field) -> Place:
    """Start from a date of the case: a day, or an instant when the field has a time.

    :raises Stuck: when it is empty, or no date
    """
    value = facts.fields.get(term.owner, {}).get(term.name)
    if value is None or value == "":
        raise Stuck(Reason.FIELD_MISSING, field=str(term))
    try:
        when = _read(value)
    except (TypeError, ValueError):
        raise Stuck(Reason.FIELD_UNUSABLE, field=str(term)) from None
    if isinstance(when, datetime):
        if when.tzinfo is None:  # what somebody typed, by the clock on their wall
            when = when.replace(tzinfo=facts.calendar.tz)
        return at_instant(facts, "field", str(term), when)
    place = Place(when)
    place.parts.append(Part("field", str(term), when, {"field": str(term)}))
    return place


def _read(value: object) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    try:
        return date.fromisoformat(value)
    except ValueError:
        return datetime.fromisoformat(value)


def at_instant(facts: Facts, kind: str, label: str, instant: datetime) -> Place:
    """Start from an exact instant."""
    moment = instant.astimezone(UTC)
    place = Place(facts.day(moment), moment, exact=True)
    params = {"at": instant_text(moment)} | ({"field": label} if kind == "field" else {})
    place.parts.append(Part(kind, label, place.day, params))
    return place


def number(facts: Facts, name: Field) -> int:
    """Give the whole number a span takes from the case.

    :raises Stuck: when it is empty, or no whole number
    """
    value = facts.fields.get(name.owner, {}).get(name.name)
    if value is None or value == "":
        raise Stuck(Reason.FIELD_MISSING, field=str(name))
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Stuck(Reason.FIELD_UNUSABLE, field=str(name))
    return value
