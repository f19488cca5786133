"""What a service task may ask for: the catalogue, by the names that diagrams use.

An action gets typed parameters and says what comes of it: answers, which become case data, and
what is to be sent. It does nothing itself, so that asking twice does nothing twice. Adding one is
a function with a docstring and the types of its parameters; those with a default may be left out.
The check of a diagram reads them from here.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.engine import Compiled, Problem, Thrown
from workflows.errors import Invalid
from workflows.expressions import ExpressionError, compile_expression, evaluate
from workflows.forms.registers import names as known_registers

Plain = None | bool | int | Decimal | str | date | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Starts:
    """Cases to start: of one process, in some units."""

    process: str
    units: tuple[str, ...]  # kinds of units, or their codes; none means the unit of the case
    year: int | None
    occasion: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Writes:
    """Rows for a register."""

    register: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of an action."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    starts: Starts | None = None
    sends: Thrown | None = None
    writes: Writes | None = None
    closes: tuple[str, ...] = ()  # registers in which what the case has proposed is to stand
    makes: str = ""  # a document
    is_told_figures: bool = False  # those of its report become its data
    seals_report: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One action: its parameters by name, and what it does."""

    params: Mapping[str, type[object] | tuple[type[object], ...]]
    run: Callable[..., Outcome]

    @property
    def required(self) -> set[str]:
        """The parameters that may not be left out."""
        wanted = inspect.signature(self.run).parameters.values()
        return {one.name for one in wanted if one.default is one.empty}


def set_fact(*, name: str, value: Plain) -> Outcome:
    """Keep a named date or value with the case."""
    return Outcome({name: value.isoformat() if isinstance(value, date) else value})


def start_cases(
    *,
    process: str,
    units: str | list[Any] = "",
    year: int | None = None,
    occasion: str = "",
    data: dict[str, Any] | None = None,
) -> Outcome:
    """Start a case of a process in each of some units; where there is one already it stays."""
    words = units.split() if isinstance(units, str) else units
    if not all(isinstance(word, str) for word in words):
        raise Invalid("wrong_parameter", action="start_cases", parameter="units")
    return Outcome(starts=Starts(process, tuple(words), year, occasion, data or {}))


def send_message(*, name: str, key: str = "", payload: dict[str, Any] | None = None) -> Outcome:
    """Send a message to the case that waits for its name and key, now or later."""
    return Outcome(sends=Thrown("message", name, "", key, payload or {}))


def write_register(*, name: str, rows: list[Any] | dict[str, Any]) -> Outcome:
    """Propose rows of a register, by the names of its columns; `entry` says which one a row is."""
    given = rows if isinstance(rows, list) else [rows]
    if name not in known_registers() or not all(isinstance(row, dict) for row in given):
        wrong = "rows" if name in known_registers() else "name"
        raise Invalid("wrong_parameter", action="write_register", parameter=wrong)
    return Outcome(writes=Writes(name, tuple(given)))


def close_register(*, registers: str) -> Outcome:
    """Let what the case has proposed in some registers stand."""
    words = registers.split()
    if not words or not set(words) <= set(known_registers()):
        raise Invalid("wrong_parameter", action="close_register", parameter="registers")
    return Outcome(closes=tuple(words))


# The documents that can be made from what a case knows (`workflows/documents/kinds.py`).
DOCUMENTS = (
    "statement",
    "rsa_report",
    "open_extract",
    "action_plan",
    "exercise_plan",
    "evaluation_report",
    "follow_up_paragraph",
    "presentation",
    "management_brief",
    "sua_cover",
)


def make_document(*, kind: str) -> Outcome:
    """Have a document made from what the case knows now; asked for again it is a new version."""
    if kind not in DOCUMENTS:
        raise Invalid("wrong_parameter", action="make_document", parameter="kind")
    return Outcome(makes=kind)


def compile_report() -> Outcome:
    """Give the case the figures of its report, its indicators and a draft of its paragraph."""
    return Outcome(is_told_figures=True)


def seal_report() -> Outcome:
    """Seal the report of the case with all that it rests on, as it stands now."""
    return Outcome(seals_report=True)


CATALOGUE: dict[str, Kind] = {
    "set_fact": Kind({"name": str, "value": object}, set_fact),
    "start_cases": Kind(
        {"process": str, "units": (str, list), "year": int, "occasion": str, "data": dict},
        start_cases,
    ),
    "send_message": Kind({"name": str, "key": str, "payload": dict}, send_message),
    "write_register": Kind({"name": str, "rows": (list, dict)}, write_register),
    "close_register": Kind({"registers": str}, close_register),
    "make_document": Kind({"kind": str}, make_document),
    "compile_report": Kind({}, compile_report),
    "seal_report": Kind({}, seal_report),
}


# The parameters that name registers.
NAMING_REGISTERS = {("write_register", "name"), ("close_register", "registers")}


def carry_out(name: str, params: Mapping[str, Any]) -> Outcome:
    """Say what comes of what a service task asks for.

    :raises Invalid: if there is no such action, or its parameters are not the ones it takes
    """
    for code, more in _wrong(name, params.keys()):
        raise Invalid(code, action=name, **more)
    kind = CATALOGUE[name]
    for key, value in params.items():
        if not _fits(value, kind.params[key]):
            raise Invalid("wrong_parameter", action=name, parameter=key)
    return kind.run(**params)


def problems(compiled: Compiled) -> Iterator[Problem]:
    """Find the service tasks of a diagram that ask for what there is not, or in the wrong way."""
    for called in compiled.description.actions:
        wrong = list(_wrong(called.name, set(called.params)))
        if not wrong:
            wrong += _wrong_values(called.name, compiled.plan.nodes[called.element].params)
        for code, more in wrong:
            yield Problem("error", code, called.element, None, None, {"action": called.name} | more)


def _wrong(name: str, given: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = CATALOGUE.get(name)
    if kind is None:
        yield "unknown_action", {"known": sorted(CATALOGUE)}
        return
    missing, unknown = kind.required - set(given), set(given) - kind.params.keys()
    if missing or unknown:
        wanted = [key if key in kind.required else f"({key})" for key in kind.params]
        told = {"wanted": wanted, "missing": sorted(missing), "unknown": sorted(unknown)}
        yield "wrong_parameters", told


def _wrong_values(name: str, written: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Look at the values that are written out; what a case will know is seen when it runs."""
    for key, text in written.items():
        try:
            value = evaluate(compile_expression(text), {}, {})
        except ExpressionError:
            continue
        if not _fits(value, CATALOGUE[name].params[key]):
            yield "wrong_parameter", {"parameter": key}
        elif (name, key) in NAMING_REGISTERS:
            for word in set(str(value).split()) - set(known_registers()):
                yield "unknown_register", {"register": word, "known": list(known_registers())}
        elif (name, key) == ("make_document", "kind") and value not in DOCUMENTS:
            yield "wrong_parameter", {"parameter": key}


def _fits(value: object, wanted: type[object] | tuple[type[object], ...]) -> bool:
    is_number = wanted is int
    return isinstance(value, wanted) and not (is_number and isinstance(value, bool))
