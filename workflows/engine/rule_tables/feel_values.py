"""The values of FEEL, and what comparing and calculating with them means."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from workflows.expressions import operators as arithmetic


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration in years and months, which no number of days equals."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """Everything between two ends, each belonging to it or not."""

    low: Any
    high: Any
    low_closed: bool = True
    high_closed: bool = True

    def holds(self, value: Any) -> bool:
        above = compare(">=" if self.low_closed else ">", value, self.low)
        return (
            above is True and compare("<=" if self.high_closed else "<", value, self.high) is True
        )


def found_in(value: Any, there: Any) -> bool:
    """Whether a value is what is there, or one of it."""
    if isinstance(there, Range):
        return there.holds(value)
    if isinstance(there, list) and not isinstance(value, list):
        return any(found_in(value, one) for one in there)
    return compare("=", value, there) is True


def kind(value: Any) -> str:
    """What sort of value it is, in FEEL's words."""
    type_ = type(value)
    if type_ not in _known:
        _known[type_] = next((word for types, word in _KINDS if isinstance(value, types)), "any")
    return _known[type_]


_known: dict[type, str] = {}
_KINDS: tuple[tuple[Any, str], ...] = (
    (bool, "boolean"), ((int, Decimal), "number"), (str, "string"), (datetime, "date and time"),
    (date, "date"), (time, "time"), (timedelta, "days and time duration"),
    (Months, "years and months duration"), (list, "list"), (Mapping, "context"),
    (Range, "range"), (type(None), "null"),
)  # fmt: skip
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_ORDERED = frozenset(word for _, word in _KINDS) - {"boolean", "list", "context", "range", "null"}


def compare(sign: str, left: Any, right: Any) -> bool | None:
    """Compare two values; null when they have nothing to do with each other."""
    if left is None or right is None:
        if sign in ("=", "!="):
            return (left is right) is (sign == "=")
        return None
    one = kind(left)
    if one != kind(right) or (sign not in ("=", "!=") and one not in _ORDERED):
        return None
    try:
        return bool(_SIGNS[sign](left, right))
    except TypeError:  # a time with a zone and one without
        return None


_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "+": arithmetic.add, "-": arithmetic.subtract, "*": arithmetic.multiply,
    "/": arithmetic.divide, "**": arithmetic.power,
}  # fmt: skip


def calculate(sign: str, left: Any, right: Any) -> Any:
    """Calculate with numbers, texts, dates and durations."""
    if isinstance(left, str) != isinstance(right, str):
        raise TypeError
    if type(left) in arithmetic.NUMBERS or isinstance(left, str | list):
        if isinstance(right, timedelta | Months) and sign == "*":
            return calculate(sign, right, left)
        return _PLAIN[sign](left, right)
    if isinstance(right, Months) and isinstance(left, date) and sign in "+-":
        return _months_later(left, right.months if sign == "+" else -right.months)
    if isinstance(left, Months):
        if isinstance(right, Months) and sign in "+-":
            return Months(_PLAIN[sign](left.months, right.months))
        return Months(int(_PLAIN[sign](left.months, right)))
    if type(left) is date and type(right) is date and sign == "-":
        return left - right
    if sign in "+-" and isinstance(right, timedelta | datetime):
        return left + right if sign == "+" else left - right
    if isinstance(left, timedelta) and type(right) in arithmetic.NUMBERS and sign in "*/":
        seconds = Decimal(left.days * 86400 + left.seconds)
        return timedelta(seconds=int(_PLAIN[sign](seconds, right)))
    raise TypeError


def _months_later(day: date, months: int) -> date:
    """The same day of another month, or its last: 31 January and a month is 28 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=min(day.day, last))
        except ValueError:
            if not 1 <= year <= 9999:
                raise
    raise ValueError
