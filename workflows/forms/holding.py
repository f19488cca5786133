"""Hold answers against the closed schema of a form: what jsonschema would say, without its means.

A form is checked at every completion, and its schema is a small subset (`schema.py`): building the
validators took longer than the database. A property test holds this against jsonschema.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """Which keyword does not hold, where; its limit and what was given there."""

    path: Path
    keyword: str
    limit: Any
    given: Any


def faults(schema: Mapping[str, Any], given: Any, path: Path = ()) -> Iterator[Fault]:
    """List what does not hold, in the order of the schema."""
    for keyword, limit in schema.items():
        if (inside := _INSIDE.get(keyword)) is not None:
            yield from inside(schema, limit, given, path)
        elif (holds := _HOLDS.get(keyword)) is not None and not holds(limit, given):
            yield Fault(path, keyword, limit, given)


def _each_property(_: Mapping[str, Any], limit: Any, given: Any, path: Path) -> Iterator[Fault]:
    if isinstance(given, dict):
        for name, schema in limit.items():
            if name in given:
                yield from faults(schema, given[name], (*path, name))


def _each_item(_: Mapping[str, Any], limit: Any, given: Any, path: Path) -> Iterator[Fault]:
    if isinstance(given, list):
        for index, one in enumerate(given):
            yield from faults(limit, one, (*path, index))


def _nothing_else(schema: Mapping[str, Any], limit: Any, given: Any, path: Path) -> Iterator[Fault]:
    known = schema.get("properties", {})
    if isinstance(given, dict) and limit is False and not given.keys() <= known.keys():
        yield Fault(path, "additionalProperties", limit, given)


def _required(_: Mapping[str, Any], limit: Any, given: Any, path: Path) -> Iterator[Fault]:
    if isinstance(given, dict):
        for name in limit:
            if name not in given:
                yield Fault(path, "required", limit, given)


def _is_number(given: object) -> bool:
    return isinstance(given, int | Decimal) and not isinstance(given, bool)


_TYPES: dict[str, Callable[[object], bool]] = {
    "string": lambda given: isinstance(given, str),
    "integer": lambda given: isinstance(given, int) and not isinstance(given, bool),
    "number": _is_number,
    "boolean": lambda given: isinstance(given, bool),
    "array": lambda given: isinstance(given, list),
    "object": lambda given: isinstance(given, dict),
}
# A limit binds only what it is a limit of: text has no maximum, and a number no length.
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "type": lambda limit, given: _TYPES[limit](given),
    "enum": lambda limit, given: any(_is(one, given) for one in limit),
    "const": lambda limit, given: _is(limit, given),
    "minLength": lambda limit, given: not isinstance(given, str) or len(given) >= limit,
    "maxLength": lambda limit, given: not isinstance(given, str) or len(given) <= limit,
    "pattern": lambda limit, given: not isinstance(given, str) or bool(re.search(limit, given)),
    "minimum": lambda limit, given: not _is_number(given) or given >= limit,
    "maximum": lambda limit, given: not _is_number(given) or given <= limit,
    "exclusiveMinimum": lambda limit, given: not _is_number(given) or given > limit,
    "exclusiveMaximum": lambda limit, given: not _is_number(given) or given < limit,
    "minItems": lambda limit, given: not isinstance(given, list) or len(given) >= limit,
    "maxItems": lambda limit, given: not isinstance(given, list) or len(given) <= limit,
    "uniqueItems": lambda limit, given: not (limit and isinstance(given, list)) or _differ(given),
}
_INSIDE: dict[str, Callable[[Mapping[str, Any], Any, Any, Path], Iterator[Fault]]] = {
    "properties": _each_property,
    "items": _each_item,
    "required": _required,
    "additionalProperties": _nothing_else,
}


def _is(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _differ(given: list[object]) -> bool:
    return all(not _is(one, other) for n, one in enumerate(given) for other in given[:n])
