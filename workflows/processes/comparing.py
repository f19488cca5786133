"""What differs between two versions of a process: elements, form fields and rows of rule tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflows.canonical import canonical_text, parse
from workflows.engine import Drawn, Rejected, drawn, table
from workflows.processes.packages import Package


class How(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # on the paper only


class Where(StrEnum):
    DIAGRAM = "diagram"
    FORM = "form"
    TABLE = "table"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said in another way: what, as it was, as it is."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One element, field or row that differs; `file` is the form or the table it lies in."""

    where: Where
    how: How
    id: str
    kind: str
    names: Mapping[str, str]
    facts: tuple[Fact, ...] = ()
    file: str = ""


def differences(old: Package, new: Package) -> list[Difference]:
    """List everything that differs, in the order of the newer one; what was removed comes last."""
    return [
        *_diagram(old.source, new.source),
        *_files(Where.FORM, old.forms, new.forms),
        *_files(Where.TABLE, old.tables, new.tables),
        *_files(Where.TEST, old.tests, new.tests),
    ]


# --- the diagram ----------------------------------------------------------------------------


def _diagram(old: bytes, new: bytes) -> Iterator[Difference]:
    before, after = _drawn(old), _drawn(new)
    for key, element in after.items():
        was = before.get(key)
        if was is None:
            yield _element(How.ADDED, key, element)
        elif was.facts != element.facts or was.kind != element.kind:
            facts = [Fact("kind", was.kind, element.kind)] if was.kind != element.kind else []
            facts += _facts(was.facts, element.facts)
            yield _element(How.CHANGED, key, element, tuple(facts))
        elif was.place != element.place:
            yield _element(How.MOVED, key, element)
    for key, element in before.items():
        if key not in after:
            yield _element(How.REMOVED, key, element)


def _drawn(source: bytes) -> Mapping[str, Drawn]:
    try:
        return drawn(source)
    except Rejected:
        return {}  # the problems say why it cannot be read


def _element(how: How, key: str, element: Drawn, facts: tuple[Fact, ...] = ()) -> Difference:
    return Difference(Where.DIAGRAM, how, key, element.kind, element.names, facts)


def _facts(old: Mapping[str, str], new: Mapping[str, str]) -> list[Fact]:
    return [
        Fact(name, old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys([*new, *old])
        if old.get(name) != new.get(name)
    ]


# --- forms, tables and tests ----------------------------------------------------------------


def _files(
    where: Where, old: Mapping[str, bytes], new: Mapping[str, bytes]
) -> Iterator[Difference]:
    for name in new:
        if name not in old:
            yield Difference(where, How.ADDED, name, where, {"sv": name}, file=name)
        elif old[name] != new[name]:
            if where is Where.TABLE:
                yield from _table(name, old[name], new[name])
            elif where is Where.FORM:
                yield from _form(name, old[name], new[name])
            else:
                yield Difference(where, How.CHANGED, name, where, {"sv": name}, file=name)
    for name in old:
        if name not in new:
            yield Difference(where, How.REMOVED, name, where, {"sv": name}, file=name)


def _form(name: str, old: bytes, new: bytes) -> Iterator[Difference]:
    try:
        before, after = _fields(parse(old)), _fields(parse(new))
    except (ValueError, AttributeError, TypeError):
        yield Difference(Where.FORM, How.CHANGED, name, "form", {"sv": name}, file=name)
        return
    for path, (names, facts) in after.items():
        if path not in before:
            yield Difference(Where.FORM, How.ADDED, path, "field", names, file=name)
        elif changed := _facts(before[path][1], facts):
            kind = "field" if path else "form"
            yield Difference(
                Where.FORM, How.CHANGED, path or name, kind, names, tuple(changed), name
            )
    for path, (names, _) in before.items():
        if path not in after:
            yield Difference(Where.FORM, How.REMOVED, path, "field", names, file=name)


Fields = dict[str, tuple[Mapping[str, str], Mapping[str, str]]]


def _fields(form: Any) -> Fields:
    """Give each field with its label and all that is said of it; "" is the form itself."""
    labels, tiers = form.get("labels", {}), form.get("tiers", {})
    apart = ("schema", "labels", "tiers")
    own = {key: _text(value) for key, value in form.items() if key not in apart}
    found: Fields = {"": (form.get("title", {}), own)}

    def look(schema: Any, prefix: str) -> None:
        wanted = schema.get("required", ())
        for key, inner in schema.get("properties", {}).items():
            path = f"{prefix}{key}"
            rows = inner.get("items", {}) if inner.get("type") == "array" else inner
            nested = rows.get("properties") is not None
            said = labels.get(path, {})
            facts = {
                name: _text(value)
                for name, value in {**inner, **said}.items()
                if not (nested and name in ("properties", "items", "required"))
            }
            facts |= {"required": _text(key in wanted), "tier": _text(tiers.get(path, "min"))}
            found[path] = (said.get("label") or {"sv": path}, facts)
            if nested:
                look(rows, f"{path}.")

    look(form.get("schema", {}), "")
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value and value.keys() <= {"sv", "en"}:
        return " / ".join(str(value[key]) for key in sorted(value, reverse=True))
    return canonical_text(value)


def _table(name: str, old: bytes, new: bytes) -> Iterator[Difference]:
    try:
        before, after = table(old, name), table(new, name)
    except Rejected:
        yield Difference(Where.TABLE, How.CHANGED, name, "table", {"sv": name}, file=name)
        return
    if facts := _facts(before.facts, after.facts):
        said = {"sv": after.name}
        yield Difference(Where.TABLE, How.CHANGED, name, "table", said, tuple(facts), name)
    for key, cells in after.rows.items():
        row = _row(cells)
        if key not in before.rows:
            yield Difference(Where.TABLE, How.ADDED, key, "row", {"sv": row}, file=name)
        elif cells != before.rows[key]:
            fact = Fact("row", _row(before.rows[key]), row)
            yield Difference(Where.TABLE, How.CHANGED, key, "row", {"sv": row}, (fact,), name)
    for key, cells in before.rows.items():
        if key not in after.rows:
            yield Difference(Where.TABLE, How.REMOVED, key, "row", {"sv": _row(cells)}, file=name)


def _row(cells: tuple[str, ...]) -> str:
    return " | ".join(cells)
