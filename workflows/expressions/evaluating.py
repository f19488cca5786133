"""A compiled expression and one evaluation of it, with an allowance of work that ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from workflows.errors import Refused
from workflows.expressions.allowance import Allowance
from workflows.expressions.failures import ExpressionFailed
from workflows.expressions.values import SCALARS, admit, plain

NO_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType({})


class Run(Allowance):
    """One evaluation: what may be named, what may be called, and how much work is left."""

    __slots__ = ("functions", "local", "names")

    def __init__(
        self, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        super().__init__()
        self.names = names
        self.functions = functions
        self.local: dict[str, Any] = {}

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
