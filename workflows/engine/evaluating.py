"""Values of the expressions in a diagram, over the case's data and the facts of this run."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workflows.errors import Invalid

try:
    from workflows.expressions import Expression, ExpressionError, compile_expression, evaluate
except ImportError:  # replaced as soon as the expressions are there
    from workflows.engine.no_expressions import (  # type: ignore
        Expression,
        ExpressionError,
        compile_expression,
        evaluate,
    )

if TYPE_CHECKING:
    from workflows.engine.running import Run

_compiled = lru_cache(maxsize=4096)(compile_expression)


class Failure(Exception):
    """A step cannot be taken; becomes an error event if somebody listens, else an incident."""

    def __init__(self, code: str, cause: str, keys: tuple[str, ...] = ()) -> None:
        self.code = code
        self.cause = cause
        self.keys = keys
        super().__init__(cause)


def value(run: "Run", text: str, frame: int, local: Mapping[str, Any] | None = None) -> Any:
    """What an expression is worth now.

    :raises Failure: if it cannot be evaluated
    """
    keys: tuple[str, ...] = ()
    try:
        expression: Expression = _compiled(text)
        keys = tuple(sorted(expression.names))
        return evaluate(expression, Names(run, frame, local), run.facts.functions)
    except ExpressionError as error:
        raise Failure("expression_failed", str(error), keys) from error


def truth(run: "Run", text: str, frame: int, local: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds now."""
    return bool(value(run, text, frame, local))


class Names(Mapping[str, Any]):
    """What may be named where a token stands: its own things, its scopes', the case's, the facts.

    Looked up one by one, so that a condition costs what it asks for and not what the case knows.
    """

    def __init__(self, run: "Run", frame: int, local: Mapping[str, Any] | None) -> None:
        self.run = run
        self.layers: list[Mapping[str, Any]] = [] if local is None else [local]
        self.layers += [f.local for f in run.around(frame) if f.local is not None]
        self.layers.append(run.state.data)

    def __getitem__(self, name: str) -> Any:
        for layer in self.layers:
            if name in layer:
                return layer[name]
        facts = self.run.facts
        match name:
            case "case":
                return {**facts.case, **self.run.state.data}
            case "unit":
                return dict(facts.unit)
            case "year":
                return facts.year
            case "today" if facts.today is not None:
                return facts.today.isoformat()
        raise KeyError(name)

    def __iter__(self) -> Any:
        seen = dict.fromkeys(name for layer in self.layers for name in layer)
        yield from {**seen, **dict.fromkeys(("case", "unit", "year", "today"))}

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def plain(self) -> dict[str, Any]:
        """Everything nameable as one dict, for scripts."""
        return {name: self[name] for name in self if name in self}


def own(values: Any, depth: int = 0) -> Any:
    """A copy of plain data that shares nothing with what it was made from.

    :raises Invalid: for a float or anything else that has no place in stored data
    """
    if values is None or isinstance(values, str | bool | int):
        return values
    if isinstance(values, Decimal) and values.is_finite():
        return values
    if depth > 50:
        raise Invalid("data_too_deep")
    if isinstance(values, Mapping):
        if not all(isinstance(key, str) for key in values):
            raise Invalid("data_key_not_text")
        return {key: own(item, depth + 1) for key, item in values.items()}
    if isinstance(values, list | tuple):
        return [own(item, depth + 1) for item in values]
    raise Invalid("data_not_plain", type=type(values).__name__)
