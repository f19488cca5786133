"""The functions every expression has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.expressions.evaluating import Run
from workflows.expressions.failures import ExpressionFailed
from workflows.expressions.operators import EXACT, NUMBERS, add, as_date, greater, less, refused
from workflows.expressions.values import STRING_MADE, number


@dataclass(frozen=True, slots=True)
class Function:
    """One function, and how many arguments it takes."""

    call: Callable[..., Any]
    least: int = 1
    most: int = 1


def _list(run: Run, value: Any) -> list[Any]:
    if type(value) is not list:
        raise ExpressionFailed("not_a_list", type=type(value).__name__)
    run.charge(len(value))
    return value


def _count(run: Run, values: Any) -> int:
    return len(_list(run, values))


def _len(run: Run, value: Any) -> int:
    if isinstance(value, str | dict):
        return len(value)
    return len(_list(run, value))


def _sum(run: Run, values: Any) -> Any:
    total: Any = 0
    for value in _list(run, values):
        if type(value) not in NUMBERS:
            raise refused("not_computable", total, value)
        total = add(total, value)
    return total


def _any(run: Run, values: Any) -> bool:
    return any(_list(run, values))


def _all(run: Run, values: Any) -> bool:
    return all(_list(run, values))


def _all_different(run: Run, values: Any) -> bool:
    """Whether no value stands twice; comparing each with each would be too much for a long list."""
    among = _list(run, values)
    run.weigh(among)
    return len({repr(value) for value in among}) == len(among)


def _first(run: Run, comes_before: Callable[[Any, Any], Any], values: tuple[Any, ...]) -> Any:
    among = list(values) if len(values) > 1 else _list(run, values[0])
    run.weigh(among)
    if not among:
        raise ExpressionFailed("no_item")
    best = among[0]
    for value in among[1:]:
        if comes_before(value, best):
            best = value
    return best


def _min(run: Run, *values: Any) -> Any:
    return _first(run, less, values)


def _max(run: Run, *values: Any) -> Any:
    return _first(run, greater, values)


def _round(run: Run, value: Any, digits: Any = 0) -> Any:
    if type(value) not in NUMBERS or type(digits) is not int or not 0 <= digits <= 20:
        raise refused("not_computable", value, digits)
    if type(value) is int:
        return value
    rounded = number(value.quantize(Decimal(1).scaleb(-digits), context=EXACT))
    return rounded if digits else int(rounded)


def _lower(run: Run, value: Any) -> str:
    if type(value) is not str:
        raise refused("not_computable", value, value)
    if len(value) > STRING_MADE:
        raise ExpressionFailed("too_large")
    run.charge(len(value) >> 4)
    return value.lower()


def _date(run: Run, *parts: Any) -> date:
    if len(parts) == 1:
        return as_date(parts[0])
    if len(parts) != 3 or not all(type(part) is int for part in parts):
        raise ExpressionFailed("not_a_date", type=type(parts[0]).__name__)
    try:
        return date(*parts)
    except (ValueError, OverflowError):
        raise ExpressionFailed("not_a_date", type="int") from None


STANDARD = {
    "count": Function(_count),
    "len": Function(_len),
    "sum": Function(_sum),
    "any": Function(_any),
    "all": Function(_all),
    "all_different": Function(_all_different),
    "min": Function(_min, most=20),
    "max": Function(_max, most=20),
    "round": Function(_round, most=2),
    "lower": Function(_lower),
    "date": Function(_date, most=3),
}
