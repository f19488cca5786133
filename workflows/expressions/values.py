"""Which values may come in and go out: plain data, of bounded size, never a float."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from workflows.expressions.failures import ExpressionFailed

INSTANT = frozenset({bool, int, str, date, datetime, type(None), dict, list})
SCALARS = frozenset({bool, str, date, datetime, type(None)})
CONTAINERS = frozenset({dict, list})
NUMBER_BITS = 512
DECIMAL_EXPONENT = 100
STRING_MADE = 100_000
ITEMS_OUT = 200_000
CHARACTERS_OUT = 10_000_000
DEPTH_OUT = 60
_INTEGERS_BELOW: int = 2**NUMBER_BITS


def admit(value: Any) -> Any:
    """The value, if it is plain data at its top; what it holds is looked at when asked for.

    :raises ExpressionFailed: if it is a float, not a number, or an object with a life of its own
    """
    kind = type(value)
    if kind in INSTANT:
        return value
    if kind is Decimal:
        return number(value)
    if isinstance(value, Mapping):
        return value
    if kind is tuple:
        return list(value)
    if isinstance(value, str):  # a StrEnum of ours
        return str.__str__(value)
    raise ExpressionFailed("not_plain", type=kind.__name__)


def number(value: int | Decimal) -> int | Decimal:
    """The number, if it is one people use: finite, and short enough to work with.

    :raises ExpressionFailed: otherwise
    """
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ExpressionFailed("not_plain", type="Decimal")
        if value and abs(value.adjusted()) > DECIMAL_EXPONENT:
            raise ExpressionFailed("too_large")
    elif not -_INTEGERS_BELOW < value < _INTEGERS_BELOW:
        raise ExpressionFailed("too_large")
    return value


def plain(value: Any, otherwise: Callable[[Any], Any] = admit) -> Any:
    """A copy that holds plain data all the way down and shares nothing with what it came from.

    What is not plain becomes what `otherwise` makes of it, which refuses unless told.

    :raises ExpressionFailed: if it holds anything else, or is too large to store
    """
    if type(value) in SCALARS:
        return value
    return _Copying(otherwise).copy(value, 0)


class _Copying:
    """Counts while it copies, so that a small list of large lists is as large as it is."""

    def __init__(self, otherwise: Callable[[Any], Any]) -> None:
        self.otherwise = otherwise
        self.items = ITEMS_OUT
        self.characters = CHARACTERS_OUT

    def copy(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in SCALARS:
            if kind is str:
                self.characters -= len(value)
                if self.characters < 0:
                    raise ExpressionFailed("too_large")
        elif kind is int or kind is Decimal:
            return number(value)
        elif kind in CONTAINERS or isinstance(value, Mapping | tuple):
            self.items -= len(value)
            if self.items < 0 or depth > DEPTH_OUT:
                raise ExpressionFailed("too_large")
            if isinstance(value, Mapping):
                return {_key(key): self.copy(item, depth + 1) for key, item in value.items()}
            return [self.copy(item, depth + 1) for item in value]
        else:
            return self.otherwise(value)
        return value


def _key(key: object) -> str:
    if type(key) is str:
        return key
    raise ExpressionFailed("not_plain", type=f"{type(key).__name__} as a key")
