"""What the signs of an expression mean: exact numbers, days, texts; refused, never guessed.

Arithmetic is over int and Decimal (half-even, 28 digits), dates count in whole days. A date that
is stored as ISO text may be compared with a date; otherwise unlike kinds have no order.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from workflows.expressions.failures import ExpressionFailed
from workflows.expressions.values import INSTANT, NUMBER_BITS, STRING_MADE, admit, number

EXACT = Context(
    prec=28, rounding=ROUND_HALF_EVEN, Emax=200, Emin=-200,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)  # fmt: skip
LARGEST_TOLD = 10**15  # the largest number that may become a part of a text
NUMBERS = frozenset({int, Decimal})
ORDERED = frozenset({int, Decimal, str, date, datetime})
Binary = Callable[[Any, Any], Any]


def refused(code: str, left: Any, right: Any) -> ExpressionFailed:
    """Why two values do not go together: their kinds, not the values."""
    return ExpressionFailed(code, left=type(left).__name__, right=type(right).__name__)


def ordering(compare: Binary) -> Binary:
    """An order between values of one kind."""

    def ordered(left: Any, right: Any) -> Any:
        kind = type(left)
        other = type(right)
        if (kind is other and kind in ORDERED) or (kind in NUMBERS and other in NUMBERS):
            try:
                return compare(left, right)
            except TypeError:  # a moment with a zone and one without
                raise refused("not_comparable", left, right) from None
        pair = _as_dates(left, right)
        if pair is None:
            raise refused("not_comparable", left, right)
        return compare(*pair)

    return ordered


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same; unlike kinds are not."""
    if left == right:
        return True
    pair = _as_dates(left, right) if type(left) is not type(right) else None
    return pair is not None and pair[0] == pair[1]


def unequal(left: Any, right: Any) -> bool:
    """Whether two values differ."""
    return not equal(left, right)


def holds(item: Any, container: Any) -> bool:
    """Whether a list has the item, a mapping the key, or a text the part."""
    if isinstance(container, list):
        return item in container or any(equal(item, one) for one in container)
    if isinstance(container, Mapping):
        return type(item) is str and item in container
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    raise refused("not_a_list", item, container)


def lacks(item: Any, container: Any) -> bool:
    """The opposite of `holds`."""
    return not holds(item, container)


def _as_dates(left: Any, right: Any) -> tuple[date, date] | None:
    """Both as dates, when one is a date and the other is ISO text or a moment."""
    if type(left) is date and type(right) is str:
        found = _read(right)
        return None if found is None else (left, found)
    if type(right) is date and type(left) is str:
        found = _read(left)
        return None if found is None else (found, right)
    return None


def _read(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def as_date(value: Any) -> date:
    """The day of a date, a moment or an ISO text.

    :raises ExpressionFailed: if it is none of them
    """
    if isinstance(value, datetime):
        return value.date()
    found = value if isinstance(value, date) else _read(value) if isinstance(value, str) else None
    if found is None:
        raise ExpressionFailed("not_a_date", type=type(value).__name__)
    return found


def _numbers(left: Any, right: Any) -> bool:
    return type(left) in NUMBERS and type(right) in NUMBERS


def add(left: Any, right: Any) -> Any:
    """Numbers added, texts and lists joined, days counted on; a year or a number may end a text."""
    if type(left) is int and type(right) is int:
        return number(left + right)
    if _numbers(left, right):
        return number(EXACT.add(left, right))
    if type(left) is str and type(right) is int and abs(right) < LARGEST_TOLD:
        right = str(right)
    if type(left) is str and type(right) is str:
        if len(left) + len(right) > STRING_MADE:
            raise ExpressionFailed("too_large")
        return left + right
    if type(left) is list and type(right) is list:
        return left + right
    if type(left) is date and type(right) is int:
        return left + timedelta(days=right)
    raise refused("not_computable", left, right)


def subtract(left: Any, right: Any) -> Any:
    """Numbers subtracted, days counted back, or the days between two dates."""
    if type(left) is int and type(right) is int:
        return number(left - right)
    if _numbers(left, right):
        return number(EXACT.subtract(left, right))
    if type(left) is date and type(right) is int:
        return left - timedelta(days=right)
    pair = (left, right) if type(left) is type(right) is date else _as_dates(left, right)
    if pair is None:
        raise refused("not_computable", left, right)
    return (pair[0] - pair[1]).days


def multiply(left: Any, right: Any) -> Any:
    """The product of two numbers; nothing else is repeated."""
    if not _numbers(left, right):
        raise refused("not_computable", left, right)
    if type(left) is int and type(right) is int:
        if left.bit_length() + right.bit_length() > NUMBER_BITS:
            raise ExpressionFailed("too_large")
        return left * right
    return number(EXACT.multiply(left, right))


def divide(left: Any, right: Any) -> Any:
    """The quotient, exact to 28 digits; a whole one of whole numbers stays whole."""
    if not _numbers(left, right) or not right:
        raise refused("not_computable", left, right)
    if type(left) is int and type(right) is int and not left % right:
        return left // right
    return number(EXACT.divide(left, right))


def floor_divide(left: Any, right: Any) -> Any:
    """The whole part downwards, for negative numbers too."""
    if not _numbers(left, right) or not right:
        raise refused("not_computable", left, right)
    if type(left) is int and type(right) is int:
        return left // right
    return int(EXACT.divide(left, right).to_integral_value("ROUND_FLOOR"))


def modulo(left: Any, right: Any) -> Any:
    """What is left over; it has the sign of the divisor."""
    whole = floor_divide(left, right)
    return subtract(left, multiply(whole, right))


def power(left: Any, right: Any) -> Any:
    """A number to a small whole power."""
    if not _numbers(left, right):
        raise refused("not_computable", left, right)
    if type(right) is not int or not 0 <= right <= 100:
        raise ExpressionFailed("too_large")
    if type(left) is int:
        if left.bit_length() * right > NUMBER_BITS:
            raise ExpressionFailed("too_large")
        return left**right
    return number(EXACT.power(left, right))


def negative(value: Any) -> Any:
    """A number with the other sign."""
    if type(value) not in NUMBERS:
        raise refused("not_computable", value, value)
    return -value if type(value) is int else EXACT.minus(value)


def positive(value: Any) -> Any:
    """A number as it is."""
    return admit(value) if type(value) in NUMBERS else negative(value)


def item_of(holder: Any, key: Any) -> Any:
    """What a mapping holds under a key, or a list at a place; nothing has other attributes.

    :raises ExpressionFailed: if there is nothing there
    """
    if type(key) is str:
        if type(holder) is not dict and not isinstance(holder, Mapping):
            raise ExpressionFailed("not_a_mapping", key=key, type=type(holder).__name__)
        try:
            value = holder[key]
        except KeyError:
            raise ExpressionFailed("no_key", key=key) from None
        return value if type(value) in INSTANT else admit(value)
    if type(key) is int and type(holder) is list:
        if -len(holder) <= key < len(holder):
            return admit(holder[key])
        raise ExpressionFailed("no_item")
    raise refused("not_a_list", holder, key)


less = ordering(operator.lt)
at_most = ordering(operator.le)
greater = ordering(operator.gt)
at_least = ordering(operator.ge)
