"""What a register is: the columns of one row, and which of them say its name, status and owner.

A register is a form of one row in `forms/registers/`, with a part of its own called `register`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from workflows.canonical import parse
from workflows.errors import Invalid
from workflows.forms.definition import Field, Form, Kind, Register, Words
from workflows.forms.reading import read_form

FOLDER = Path(__file__).resolve().parents[2] / "forms" / "registers"
# Kinds that are kept alike; a column of a form and of its register must be of one family.
FAMILIES = {
    Kind.RICH: Kind.TEXT,
    Kind.EMAIL: Kind.TEXT,
    Kind.CHOICE: Kind.TEXT,
    Kind.FILE: Kind.TEXT,
    Kind.TICK: Kind.BOOLEAN,
    Kind.NUMBER: Kind.INTEGER,
}


Misfit = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Definition:
    """One register; the columns named here are names of its fields."""

    id: str
    form: Form
    word: Words  # what one row is called
    name: str
    key: tuple[str, ...]
    status: str
    initial: str
    closed: frozenset[str]
    owner: str
    due: str
    change: tuple[str, ...]  # what may be changed by hand
    shown: tuple[str, ...]  # what a list shows besides name, unit, status, owner and day
    matrix: tuple[str, ...]  # likelihood and consequence
    grade: str  # a choice that says how grave it is
    counts: Mapping[str, str]  # a register of numbers: where the number and the month stand
    restated: bool  # made anew each year, so that what is left out has ended
    yearly: bool  # the same key another year is another row
    secret: bool  # only cases that are secret write it

    @property
    def title(self) -> Words:
        return self.form.title

    def column(self, name: str) -> Field | None:
        return self.form.find(name)


@cache
def names() -> tuple[str, ...]:
    """The registers there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def definition(name: str) -> Definition:
    """Read a register.

    :raises Invalid: if there is none of that name
    """
    if name not in names():
        raise Invalid("unknown_register", register=name)
    content = (FOLDER / f"{name}.json").read_bytes()
    source = parse(content)
    assert isinstance(source, dict)  # noqa: S101 (`read_form` says where a file is broken)
    form, own = read_form(content), source["register"]
    status = own.get("status", {})
    return Definition(
        id=name,
        form=form,
        word=Words(**own["word"]),
        name=own["name"],
        key=tuple(own["key"]),
        status=status.get("field", ""),
        initial=status.get("initial", ""),
        closed=frozenset(status.get("closed", ())),
        owner=own.get("owner", ""),
        due=own.get("due", ""),
        change=tuple(own.get("change", ())),
        shown=tuple(own.get("shown", ())),
        matrix=tuple(own.get("matrix", ())),
        grade=own.get("grade", ""),
        counts=own.get("counts", {}),
        restated=own.get("restated", False),
        yearly=own.get("yearly", False),
        secret=own.get("secret", False),
    )


def problems(form: Form) -> Iterator[Misfit]:
    """Find where a form writes to a register what does not fit it: path, code and parameters."""
    for number, into in enumerate(form.registers):
        where = f"/registers/{number}"
        if into.register not in names():
            known = {"register": into.register, "known": list(names())}
            yield f"{where}/register", "unknown_register", known
            continue
        yield from _misfits(definition(into.register), into, form.columns(into), where)


def _misfits(
    register: Definition, into: Register, columns: tuple[Field, ...], where: str
) -> Iterator[Misfit]:
    told = {"register": register.id}
    for name in (*into.values, *into.renamed.values()):
        if register.column(name) is None:
            yield where, "register_lacks_column", told | {"column": name}
    key = tuple(into.column(name) for name in into.key)
    if set(key) != set(register.key):
        yield f"{where}/key", "register_key_differs", {**told, "key": list(register.key)}
    for column in columns:
        wanted = register.column(into.column(column.name))
        if wanted is not None and not _fits(column, wanted):
            yield f"{where}/field", "register_column_differs", told | {"column": column.name}


def _fits(column: Field, wanted: Field) -> bool:
    """Tell whether what the column holds may stand in the register's."""
    given, kind = (FAMILIES.get(each, each) for each in (_stored(column), wanted.kind))
    options = {one.value for one in wanted.options}
    return given == kind and (
        not options
        or column.read_only
        or (bool(column.options) and {one.value for one in column.options} <= options)
    )


def _stored(column: Field) -> Kind:
    if column.kind is Kind.REFERENCE:
        return Kind.INTEGER if column.whole_reference else Kind.TEXT
    return column.kind
