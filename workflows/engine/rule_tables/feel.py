"""What FEEL means here: nodes of a parsed expression or test, each able to say what it is worth.

The part of FEEL that rule tables are made of. As in FEEL, comparing unlike kinds or null gives
null, which no rule matches; arithmetic over them is an error of ours, never a guess.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, Protocol

from workflows.engine.rule_tables.feel_values import (
    Months,
    Range,
    calculate,
    compare,
    found_in,
    kind,
)
from workflows.errors import Refused
from workflows.expressions import Allowance, ExpressionFailed
from workflows.expressions import operators as arithmetic


class DecisionFailed(Refused):
    """A decision gives no answer with these data; tells names and places, never values."""

    code = "decision_failed"


@dataclass(slots=True)  # not frozen: one is made for every cell's column, and freezing costs
class Scope:
    """What a cell may see: the names of its decision, today, and the input it tests."""

    names: Mapping[str, Any]
    today: date | None = None
    tested: Any = None
    allowance: Allowance = field(default_factory=Allowance, compare=False)

    def testing(self, value: Any) -> "Scope":
        """The same, testing a value."""
        return Scope(self.names, self.today, value, self.allowance)

    def weighed(self, *values: Any) -> None:
        """Pay for looking through values that may be large."""
        for value in values:
            if isinstance(value, str | list | Mapping):
                self.allowance.weigh(value)


class Node(Protocol):
    """One part of an expression."""

    def worth(self, scope: Scope) -> Any:
        """Its value.

        :raises DecisionFailed: if it has none
        """
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written."""

    value: Any

    def worth(self, scope: Scope) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Name:
    """A name from outside, or the result of a required decision."""

    name: str

    def worth(self, scope: Scope) -> Any:
        try:
            return scope.names[self.name]
        except KeyError:
            raise DecisionFailed("no_value", name=self.name) from None


@dataclass(frozen=True, slots=True)
class Tested:
    """`?`: the input this cell tests."""

    def worth(self, scope: Scope) -> Any:
        return scope.tested


@dataclass(frozen=True, slots=True)
class Path:
    """A key of a mapping, or a part of a date; null has only nulls."""

    holder: Node
    key: str

    def worth(self, scope: Scope) -> Any:
        holder = self.holder.worth(scope)
        if isinstance(holder, Mapping):
            if self.key not in holder:
                raise DecisionFailed("no_value", name=self.key)
            return holder[self.key]
        if isinstance(holder, date | time) and self.key in _PARTS:
            return getattr(holder, self.key, None)
        if isinstance(holder, date) and self.key == "weekday":
            return holder.isoweekday()
        if holder is None:
            return None
        raise DecisionFailed("no_value", name=self.key)


_PARTS = frozenset({"year", "month", "day", "hour", "minute", "second"})


@dataclass(frozen=True, slots=True)
class Item:
    """The n-th of a list, from 1, or from the end when negative."""

    holder: Node
    place: Node

    def worth(self, scope: Scope) -> Any:
        holder, place = self.holder.worth(scope), self.place.worth(scope)
        if not isinstance(holder, list) or type(place) is not int:
            raise DecisionFailed("not_computable", left=kind(holder), right=kind(place))
        if not place or abs(place) > len(holder):
            return None
        return holder[place - 1 if place > 0 else place]


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    items: tuple[Node, ...]

    def worth(self, scope: Scope) -> Any:
        return [item.worth(scope) for item in self.items]


@dataclass(frozen=True, slots=True)
class Interval:
    """A range whose ends have to be worked out."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool

    def worth(self, scope: Scope) -> Any:
        low, high = self.low.worth(scope), self.high.worth(scope)
        return Range(low, high, self.low_closed, self.high_closed)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two values and a sign between them."""

    sign: str
    left: Node
    right: Node

    def worth(self, scope: Scope) -> Any:
        left, right = self.left.worth(scope), self.right.worth(scope)
        try:
            found = calculate(self.sign, left, right)
        except (ExpressionFailed, TypeError, ArithmeticError, ValueError):
            raise DecisionFailed("not_computable", left=kind(left), right=kind(right)) from None
        scope.weighed(found)
        return found


@dataclass(frozen=True, slots=True)
class Negative:
    """A value with the other sign."""

    value: Node

    def worth(self, scope: Scope) -> Any:
        value = self.value.worth(scope)
        if type(value) in arithmetic.NUMBERS or isinstance(value, timedelta):
            return -value
        if isinstance(value, Months):
            return Months(-value.months)
        raise DecisionFailed("not_computable", left=kind(value), right=kind(value))


@dataclass(frozen=True, slots=True)
class Comparison:
    """True, false, or null when the two have no order."""

    sign: str
    left: Node
    right: Node

    def worth(self, scope: Scope) -> Any:
        left, right = self.left.worth(scope), self.right.worth(scope)
        scope.weighed(left, right)
        return compare(self.sign, left, right)


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` and `or` over true, false and unknown."""

    decisive: bool  # what settles it: False for `and`, True for `or`
    parts: tuple[Node, ...]

    def worth(self, scope: Scope) -> Any:
        certain = True
        for part in self.parts:
            value = part.worth(scope)
            if value is self.decisive:
                return self.decisive
            certain = certain and value is (not self.decisive)
        return (not self.decisive) if certain else None


@dataclass(frozen=True, slots=True)
class Choice:
    """`if … then … else …`: what is not true is else."""

    test: Node
    body: Node
    otherwise: Node

    def worth(self, scope: Scope) -> Any:
        return (self.body if self.test.worth(scope) is True else self.otherwise).worth(scope)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of ours over values."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Node, ...]

    def worth(self, scope: Scope) -> Any:
        values = [argument.worth(scope) for argument in self.arguments]
        scope.weighed(*values)
        try:
            return self.function(scope, *values)
        except (ExpressionFailed, TypeError, ArithmeticError, ValueError, AttributeError):
            raise DecisionFailed("function_failed", function=self.name) from None


@dataclass(frozen=True, slots=True)
class Against:
    """`< 5`: the input against a value."""

    sign: str
    value: Node

    def worth(self, scope: Scope) -> Any:
        value = self.value.worth(scope)
        scope.weighed(scope.tested, value)
        return compare(self.sign, scope.tested, value)


@dataclass(frozen=True, slots=True)
class Matches:
    """A value as a test: the input is it, or is in it; a claim about `?` is as true as it is."""

    value: Node
    is_claim: bool = False

    def worth(self, scope: Scope) -> Any:
        value = self.value.worth(scope)
        if self.is_claim:
            return value is True
        scope.weighed(scope.tested, value)
        return found_in(scope.tested, value)


@dataclass(frozen=True, slots=True)
class Tests:
    """A cell: any of its tests, or with `not` none of them; without tests, anything."""

    any_of: tuple[Node, ...] = ()
    negated: bool = False
    text: str = field(default="-", compare=False)

    def worth(self, scope: Scope) -> Any:
        if not self.any_of:
            return True
        return any(test.worth(scope) is True for test in self.any_of) is not self.negated


@dataclass(frozen=True, slots=True)
class In:
    """`x in (…)`: a value against tests."""

    value: Node
    tests: Tests

    def worth(self, scope: Scope) -> Any:
        return self.tests.worth(scope.testing(self.value.worth(scope)))
