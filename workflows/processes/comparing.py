"""What differs between two versions of a process: elements, form fields and rows of rule tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.engine import Drawn, Rejected, drawn
from workflows.processes.form_pieces import of_form
from workflows.processes.packages import Package
from workflows.processes.pieces import Piece, Pieces, kind_of, names_of, told, whole
from workflows.processes.table_pieces import of_table


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
            apart = {Where.TABLE: of_table, Where.FORM: of_form}.get(where, whole)
            yield from _parts(where, name, apart(old[name]), apart(new[name]))
    for name in old:
        if name not in new:
            yield Difference(where, How.REMOVED, name, where, {"sv": name}, file=name)


def _parts(where: Where, file: str, before: Pieces, after: Pieces) -> Iterator[Difference]:
    """What differs in a form or in a file of rule tables, piece by piece."""
    for own, piece in after.items():
        was = before.get(own)
        if was is None:
            yield _piece(where, How.ADDED, own, piece, (), file)
            continue
        facts = _facts(told(own, was), told(own, piece))
        if not own and (moved := _moved(before, after)):
            facts.append(moved)
        if facts or was != piece:
            yield _piece(where, How.CHANGED, own, piece, tuple(facts), file)
    for own, piece in before.items():
        if own not in after:
            yield _piece(where, How.REMOVED, own, piece, (), file)


def _piece(
    where: Where, how: How, own: str, piece: Piece, facts: tuple[Fact, ...], file: str
) -> Difference:
    kind = kind_of(own) if own else where
    names = names_of(own, piece)
    return Difference(where, how, own or file, kind, names if any(names.values()) else {"sv": file},
                      facts, file)  # fmt: skip


def _moved(before: Pieces, after: Pieces) -> Fact | None:
    """The order, where what is in both stands in another one."""
    orders = [
        [own for own in one if own in other] for one, other in ((before, after), (after, before))
    ]
    if orders[0] == orders[1]:
        return None
    said = (", ".join(names_of(own, after[own])["sv"] for own in one if own) for one in orders)
    return Fact("order", *said)
