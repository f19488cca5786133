"""The functions a rule table may call, by their FEEL names, and the reading of written values."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

from workflows.engine.rule_tables.feel import DecisionFailed, Scope
from workflows.engine.rule_tables.feel_values import Months, compare, found_in
from workflows.expressions import operators as arithmetic

_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?"
)


def read_date(text: str) -> date:
    """A day as ISO writes it."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError
    return date.fromisoformat(text)


def read_moment(text: str) -> datetime:
    """A day and a time of day."""
    if "T" not in text:
        raise ValueError
    return datetime.fromisoformat(text)


def read_time(text: str) -> time:
    """A time of day."""
    if not re.match(r"\d\d:\d\d:\d\d", text):
        raise ValueError
    return time.fromisoformat(text)


def read_duration(text: str) -> timedelta | Months:
    """A duration: in years and months, or in days and less, never both."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()[1:]) or text.endswith("T") or len(text) > 40:
        raise ValueError
    sign = -1 if found[1] else 1
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    if found[2] or found[3]:
        if any(found.groups()[3:]):
            raise ValueError
        return Months(sign * (years * 12 + months))
    return sign * timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def read_at(text: str) -> Any:
    """What `@"…"` stands for."""
    for reader in (read_date, read_moment, read_time, read_duration):
        try:
            return reader(text)
        except ValueError:
            continue
    raise ValueError


def duration_text(value: timedelta | Months) -> str:
    """A duration as ISO writes it."""
    if isinstance(value, Months):
        years, months = divmod(abs(value.months), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if value.months < 0 else ''}P{parts}"
    sign, span = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    days = f"{span.days}D" if span.days or not clock else ""
    return f"{sign}P{days}{'T' + clock if clock else ''}"


def _date(scope: Scope, *parts: Any) -> date:
    if len(parts) == 3:
        return date(*parts)
    [only] = parts
    if isinstance(only, datetime):
        return only.date()
    return only if isinstance(only, date) else read_date(only)


def _moment(scope: Scope, *parts: Any) -> datetime:
    if len(parts) == 2:
        return datetime.combine(*parts)
    return read_moment(parts[0])


def _today(scope: Scope) -> date:
    if scope.today is None:
        raise DecisionFailed("no_value", name="today")
    return scope.today


def _flat(values: tuple[Any, ...]) -> list[Any]:
    among = values[0] if len(values) == 1 and isinstance(values[0], list) else list(values)
    if len(among) > 100_000:
        raise DecisionFailed("too_large")
    return among


def _extreme(sign: str) -> Callable[..., Any]:
    def extreme(scope: Scope, *values: Any) -> Any:
        among = _flat(values)
        best = among[0] if among else None
        for value in among[1:]:
            before = compare(sign, value, best)
            if before is None:
                raise TypeError
            best = value if before else best
        return best

    return extreme


def _sum(scope: Scope, *values: Any) -> Any:
    among = _flat(values)
    total = among[0] if among else None
    for value in among[1:]:
        total = arithmetic.add(total, value)
    return total


def _mean(scope: Scope, *values: Any) -> Any:
    among = _flat(values)
    return arithmetic.divide(_sum(scope, among), len(among))


def _rounding(how: str) -> Callable[..., Any]:
    def rounded(scope: Scope, value: Any, digits: int = 0) -> Any:
        if type(value) is int and digits >= 0:
            return value
        if type(value) not in arithmetic.NUMBERS or not -20 <= digits <= 20:
            raise TypeError
        unit = Decimal(1).scaleb(-digits)
        found = Decimal(value).quantize(unit, rounding=how, context=arithmetic.EXACT)
        return int(found) if digits <= 0 else found

    return rounded


def _not(scope: Scope, value: Any) -> bool | None:
    return None if type(value) is not bool else not value


def _text(scope: Scope, value: Any) -> str | None:
    if isinstance(value, timedelta | Months):
        return duration_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def _number(scope: Scope, value: Any) -> Any:
    if not re.fullmatch(r"-?\d{1,40}(\.\d{1,40})?", value):
        raise ValueError
    return Decimal(value) if "." in value else int(value)


def _substring(scope: Scope, text: str, start: int, length: int | None = None) -> str:
    first = start - 1 if start > 0 else max(len(text) + start, 0)
    return text[first:] if length is None else text[first : first + max(length, 0)]


def _logic(decisive: bool) -> Callable[..., Any]:  # noqa: FBT001  # any() and all() are one thing
    def settle(scope: Scope, *values: Any) -> bool | None:
        among = _flat(values)
        if any(value is decisive for value in among):
            return decisive
        return None if any(value is None for value in among) else not decisive

    return settle


# name -> function, least and most arguments
FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "abs": (lambda scope, value: abs(value), 1, 1),
    "all": (_logic(decisive=False), 1, 100),
    "any": (_logic(decisive=True), 1, 100),
    "ceiling": (_rounding(ROUND_CEILING), 1, 2),
    "contains": (lambda scope, text, part: part in text, 2, 2),
    "count": (lambda scope, *values: len(_flat(values)), 1, 100),
    "date": (_date, 1, 3),
    "date and time": (_moment, 1, 2),
    "decimal": (_rounding(ROUND_HALF_EVEN), 2, 2),
    "duration": (lambda scope, text: read_duration(text), 1, 1),
    "ends with": (lambda scope, text, part: text.endswith(part), 2, 2),
    "floor": (_rounding(ROUND_FLOOR), 1, 2),
    "list contains": (lambda scope, among, value: found_in(value, among), 2, 2),
    "lower case": (lambda scope, text: text.lower(), 1, 1),
    "max": (_extreme(">"), 1, 100),
    "mean": (_mean, 1, 100),
    "min": (_extreme("<"), 1, 100),
    "modulo": (lambda scope, value, by: arithmetic.modulo(value, by), 2, 2),
    "not": (_not, 1, 1),
    "number": (_number, 1, 1),
    "starts with": (lambda scope, text, part: text.startswith(part), 2, 2),
    "string": (_text, 1, 1),
    "string length": (lambda scope, text: len(text), 1, 1),
    "substring": (_substring, 2, 3),
    "sum": (_sum, 1, 100),
    "time": (lambda scope, text: read_time(text), 1, 1),
    "today": (_today, 0, 0),
    "upper case": (lambda scope, text: text.upper(), 1, 1),
}
