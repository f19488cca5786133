"""A compiled expression and one evaluation of it, with an allowance of work that ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from workflows.errors import Refused
from workflows.expressions.failures import ExpressionFailed
from workflows.expressions.values import SCALARS, admit, plain

# Steps, list items and 64 characters of text are one each: well under a second in all.
ALLOWANCE = 500_000
NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType({})


class Run:
    """One evaluation: what may be named, what may be called, and how much work is left."""

    __slots__ = ("functions", "left", "local", "names")

    def __init__(
        self, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.names = names
        self.functions = functions
        self.left = ALLOWANCE
        self.local: dict[str, Any] = {}

    def charge(self, amount: int) -> None:
        """Take work from the allowance; counted, not timed, so that it ends the same everywhere.

        :raises ExpressionFailed: when it is used up
        """
        self.left -= amount
        if self.left < 0:
            raise ExpressionFailed("too_much_work")

    def weigh(self, value: Any) -> None:
        """Charge for looking through a value."""
        if type(value) is str:
            self.charge(1 + (len(value) >> 6))
            return
        pending = [value]
        while pending:
            one = pending.pop()
            if isinstance(one, list):
                self.charge(1 + len(one))
                pending.extend(one)
            elif isinstance(one, Mapping):
                self.charge(1 + len(one))
                pending.extend(one.values())
            elif type(one) is str and len(one) > 64:
                self.charge(len(one) >> 6)

    def call(self, name: str, arguments: list[Any]) -> Any:
        """Call a function of the caller's; data can never be called."""
        function = self.functions.get(name)
        if function is None:
            raise ExpressionFailed("no_function", function=name)
        self.charge(100)
        try:
            return admit(function(*arguments))
        except ExpressionFailed:
            raise
        except Refused as refusal:
            raise ExpressionFailed("function_failed", function=name, cause=refusal.code) from None
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            cause = type(error).__name__
            raise ExpressionFailed("function_failed", function=name, cause=cause) from None


Node = Callable[[Run], Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression; equal to another of the same text, and free to share.

    `names` are the data it asks for; `calls` the functions of the caller's with their first
    argument where that is written out, so that what they need can be loaded beforehand.
    """

    text: str
    names: frozenset[str] = field(compare=False)
    calls: frozenset[tuple[str, str | None]] = field(compare=False)
    node: Node = field(compare=False, repr=False)


def evaluate(
    expression: Expression,
    names: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]] = NO_FUNCTIONS,
) -> Any:
    """Work out an expression; names are looked up only when asked for.

    :raises ExpressionFailed: if it cannot be worked out, with `names` it uses and never a value
    """
    try:
        value = expression.node(Run(names, functions))
        return value if type(value) in SCALARS else plain(value)
    except ExpressionFailed as failure:
        failure.params.setdefault("names", tuple(sorted(expression.names)))
        raise
    except (ArithmeticError, TypeError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionFailed(
            "failed", cause=type(error).__name__, names=tuple(sorted(expression.names))
        ) from None
