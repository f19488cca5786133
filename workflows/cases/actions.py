"""What a service task may ask for: the catalogue, by the names that diagrams use.

An action gets typed parameters and gives answers, which become case data. Adding one is a function
with a docstring and the types of its parameters; the check of a diagram reads them from here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.errors import Invalid

Plain = None | bool | int | Decimal | str | date | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One action: its parameters by name, and what it does."""

    params: Mapping[str, type[object] | tuple[type[object], ...]]
    run: Callable[..., dict[str, Any]]


def set_fact(*, name: str, value: Plain) -> dict[str, Any]:
    """Keep a named date or value with the case."""
    return {name: value.isoformat() if isinstance(value, date) else value}


CATALOGUE: dict[str, Kind] = {
    "set_fact": Kind({"name": str, "value": object}, set_fact),
}


def carry_out(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Do what a service task asks for.

    :raises Invalid: if there is no such action, or its parameters are not the ones it takes
    """
    kind = CATALOGUE.get(name)
    if kind is None:
        raise Invalid("unknown_action", action=name)
    if params.keys() != kind.params.keys():
        raise Invalid("wrong_parameters", action=name, wanted=sorted(kind.params))
    for key, wanted in kind.params.items():
        if not isinstance(params[key], wanted):
            raise Invalid("wrong_parameter", action=name, parameter=key)
    return kind.run(**params)
