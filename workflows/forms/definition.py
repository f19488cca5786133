"""What a form is, once its definition has been read: frozen values."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from workflows.expressions import Expression
from workflows.language import N_, ZONE


class Kind(StrEnum):
    """How a field is asked and read."""

    TEXT = "text"
    RICH = "rich"
    EMAIL = "email"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    TICK = "tick"
    UNKNOWN = "unknown"  # the tick that stands in for the answer of the field before it
    CHOICE = "choice"
    CHOICES = "choices"
    REFERENCE = "reference"
    FILE = "file"
    GROUP = "group"
    ROWS = "rows"


class Strength(StrEnum):
    """What a rule that does not hold means (practice: three strengths)."""

    STOP = "stop"
    JUSTIFY = "justify"
    HINT = "hint"


TIERS = ("min", "standard", "full")
# What a raw row is called that came from last time, beside its columns.
WAS = "_was"
DO_NOT_KNOW = N_("I do not know")


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    sv: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.sv


@dataclass(frozen=True)
class Option:
    value: str
    label: Words


@dataclass(frozen=True)
class Field:
    """One thing the form asks for, or a group or list of such things."""

    name: str
    path: str
    kind: Kind
    label: Words
    hint: Words | None = None
    required: bool = False
    read_only: bool = False
    fresh: bool = False
    tier: str = "min"
    autocomplete: str = ""
    options: tuple[Option, ...] = ()
    reference: str = ""
    whole_reference: bool = False
    fields: tuple["Field", ...] = ()
    key: str = ""
    row_label: str = ""
    fixed_rows: bool = False
    as_table: bool = False
    row_word: Words | None = None
    may_be_unknown: bool = False
    asks_on: bool = False  # what is not known becomes an action to find out

    def column(self, name: str) -> "Field":
        """The field called `name` inside this group or list."""
        return next(each for each in self.fields if each.name == name)

    @property
    def typed(self) -> tuple["Field", ...]:
        """The fields inside that a person may answer."""
        return tuple(each for each in self.fields if not each.read_only)


@dataclass(frozen=True)
class Section:
    id: str
    fields: tuple[Field, ...]
    heading: Words | None = None
    help: Words | None = None
    visible: Expression | None = None


@dataclass(frozen=True)
class Rule:
    """A claim about several answers together; `each` names the list it is asked for row by row."""

    id: str
    holds: Expression
    message: Words
    fields: tuple[str, ...]
    strength: Strength
    each: str = ""


@dataclass(frozen=True)
class Register:
    """Which answers become rows of a register, and what makes two rows the same row.

    `field` is a list, a group, or `.` for the plain answers of the whole form as one row.
    `renamed` says which column of the register holds a column of the form, where the names differ;
    `values` what every row gets besides.
    """

    register: str
    field: str
    key: tuple[str, ...]
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def column(self, name: str) -> str:
        """The register's name for a column of the form."""
        return self.renamed.get(name, name)


@dataclass(frozen=True)
class Form:
    title: Words
    intro: Words | None
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...]
    registers: tuple[Register, ...]
    carry_over: tuple[str, ...]
    attest: Words | None
    schema: Mapping[str, object] = field(compare=False)

    @property
    def fields(self) -> Iterator[Field]:
        return (each for section in self.sections for each in section.fields)

    def find(self, name: str) -> Field | None:
        """The top-level field called `name`."""
        return next((each for each in self.fields if each.name == name), None)

    def list_called(self, name: str) -> Field | None:
        """The list called `name`, if people may change its answers."""
        one = self.find(name)
        return one if one and one.kind is Kind.ROWS and not one.read_only else None

    def identity(self, one: Field) -> tuple[str, ...]:
        """The columns that say whether two rows are the same row, this year and last."""
        columns = {each.name for each in one.fields}
        of_registers = (each.key for each in self.registers if each.field == one.name)
        for names in (*of_registers, (one.key or one.row_label,)):
            if names and set(names) <= columns:
                return names
        return tuple(each.name for each in one.fields)

    def columns(self, into: Register) -> tuple[Field, ...]:
        """The fields of which a row of a register is made."""
        if (holder := self.find(into.field)) is not None:
            return holder.fields
        return tuple(each for each in self.fields if not each.fields)

    @property
    def has_files(self) -> bool:
        """Whether an upload may come with an answer."""
        return any(each.kind is Kind.FILE for top in self.fields for each in (top, *top.fields))


@dataclass(frozen=True)
class Facts:
    """All that a form may know besides the answers, loaded beforehand.

    `names` holds case data by name and `case`, `unit`, `year`, `today`; `choices` what a reference
    may point at, by kind; `known` the names of what answers point at that cannot be chosen any
    more; `previous` the answers of last time, and `since` which time that was. In a `secret` case
    nothing may be written that looks like the marking of a class.
    """

    names: Mapping[str, object] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    previous: Mapping[str, object] = field(default_factory=dict)
    since: str = ""
    secret: bool = False
    tier: str = "standard"
    zone: ZoneInfo = ZONE

    def among(self, reference: str) -> Mapping[str, str]:
        """What a reference may point at: one of its kind, or as `risks.title` a row of the case."""
        name, dot, column = reference.partition(".")
        if not dot or name == "register":
            return self.choices.get(reference, {})
        rows = self.names.get(name)
        named = (
            [row.get(column) for row in rows if isinstance(row, dict)]
            if isinstance(rows, list)
            else []
        )
        return {str(each): str(each) for each in named if each}

    def offers(self, one: Field) -> bool:
        """Whether this unit's chosen level includes the field."""
        return TIERS.index(one.tier) <= TIERS.index(self.tier)
