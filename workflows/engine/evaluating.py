"""Values of the expressions in a diagram, over the case's data and the facts of this run."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.engine.problems import Failure
from workflows.engine.spiff import Place
from workflows.errors import Invalid
from workflows.expressions import OFFERED, Expression, ExpressionError, compile_expression, evaluate
from workflows.expressions.scripts import run_script

LARGEST = 2**63 - 1  # what JSON and both databases hold as a number


def value(place: Place, text: str, more: Mapping[str, Any] | None = None) -> Any:
    """What an expression is worth where a token stands.

    :raises Failure: if it cannot be evaluated
    """
    functions = place.case.facts.functions
    offered = OFFERED if functions.keys() <= OFFERED else OFFERED.union(functions)
    keys: tuple[str, ...] = ()
    try:
        expression: Expression = compile_expression(text, functions=offered)
        keys = tuple(sorted(expression.names))
        return evaluate(expression, Names(place, more), functions)
    except ExpressionError as error:
        raise Failure(error.code, text, keys) from error


def given(place: Place) -> dict[str, Any]:
    """What an element gives to the action, case or message that it names: plain data.

    :raises Failure: if it cannot be evaluated
    :raises Invalid: if it is nothing one can store
    """
    params = place.node.params
    found: dict[str, Any] = own({name: value(place, text) for name, text in params.items()})
    return found


def truth(place: Place, text: str, more: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds now."""
    return bool(value(place, text, more))


class Names(Mapping[str, Any]):
    """What may be named where a token stands: its own things, those around it, facts, the case's.

    Looked up one by one, so that a condition costs what it asks for and not what the case knows.
    What a message brings cannot stand before `case`, `unit`, `year` and `today`.
    """

    def __init__(self, place: Place, more: Mapping[str, Any] | None = None) -> None:
        self.case = place.case
        self.layers: list[Mapping[str, Any]] = [] if more is None else [more]
        self.layers += [p.local for p in place.around() if p.local is not None]

    def __getitem__(self, name: str) -> Any:
        for layer in self.layers:
            if name in layer:
                return layer[name]
        facts = self.case.facts
        match name:
            case "case":
                return {**facts.case, **self.case.known}
            case "unit":
                return dict(facts.unit)
            case "year":
                return facts.year
            case "today":
                return facts.today
        return self.case.known[name]

    def __iter__(self) -> Iterator[str]:
        layers = (*self.layers, self.case.known)
        known = dict.fromkeys(name for layer in layers for name in layer)
        yield from known | dict.fromkeys(("case", "unit", "year", "today"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class SafeEngine:
    """What SpiffWorkflow asks to evaluate and run: the one gate, never Python's eval or exec."""

    def evaluate(self, task: Place, expression: str, external_context: Any = None) -> Any:
        """The value of a condition."""
        return value(task, expression)

    def execute(self, task: Place, script: str, external_context: Any = None) -> bool:
        """Run a script task; what it gives new values becomes known to the case."""
        try:
            found = run_script(script, Names(task), task.case.facts.functions)
        except ExpressionError as error:
            names = error.params.get("names")
            keys = names if isinstance(names, tuple) else ()
            cause = error.params.get("cause") or task.node.id
            raise Failure(error.code, str(cause), keys) from error
        assign(task, found)
        return True


def assign(place: Place, values: Mapping[str, Any]) -> None:
    """Let values become known: to the round of a loop that gathers answers, else to the case."""
    fresh = own(values)
    for around in place.around():
        if around.internal_data.get("gathers") and around.local is not None:
            around.local.update(fresh)
            return
    place.case.known.update(fresh)


def own(values: Any, depth: int = 0) -> Any:
    """A copy of plain data that shares nothing with what it was made from.

    :raises Invalid: for a float or anything else that has no place in stored data
    """
    if values is None or (isinstance(values, bool | int) and -LARGEST <= values <= LARGEST):
        return values
    if isinstance(values, str):
        return _text(values)
    if isinstance(values, Decimal) and values.is_finite():
        return values
    if isinstance(values, date):  # a date is data as text, ours as everybody's
        return values.isoformat()
    if depth > 50:
        raise Invalid("data_too_deep")
    if isinstance(values, Mapping):
        if not all(isinstance(key, str) for key in values):
            raise Invalid("data_key_not_text")
        return {_text(key): own(item, depth + 1) for key, item in values.items()}
    if isinstance(values, list | tuple):
        return [own(item, depth + 1) for item in values]
    raise Invalid("data_not_plain", type=type(values).__name__)


def _text(text: str) -> str:
    if "\0" in text:  # no database takes it, and our own mark for decimals is made of it
        raise Invalid("data_not_plain", type="NUL")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:  # half of a pair, which is no character
            raise Invalid("data_not_plain", type="surrogate") from None
    return text
