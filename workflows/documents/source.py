"""What a document may say of a case: its answers in words, and which of them are open.

A row is open when somebody has marked it so, or when the whole case has been found open. In an open
document all others are left out and counted, and so is whatever names one of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from workflows.documents.paper import (
    Block,
    Bullets,
    Heading,
    Inline,
    Paragraph,
    Table,
    from_rich,
    plain,
)
from workflows.forms import Facts, Field, Form, Kind
from workflows.forms.telling import Reader
from workflows.language import N_, Language, translator
from workflows.language.rich import Span, rich

Row = Mapping[str, Any]
OPEN, UNASSESSED = "open", "unassessed"
NUMBERS = ("registry_number", "own_number", "report_reference", "evaluation_reference", "dnr")
FEW = 5  # fewer are not told apart
SHORTEST_NAME = 4  # a shorter one would be found in any text


@dataclass(frozen=True)
class Source:
    """A case as a document sees it; `marks` says what registers know of rows, by list and name."""

    name: str
    unit: str
    process: str
    forms: Sequence[Form]
    data: Mapping[str, Any]
    facts: Facts
    marks: Mapping[tuple[str, str], str]
    is_open: bool

    @staticmethod
    def say(text: str, **params: object) -> str:
        """A text of ours in Swedish, the language of the archive."""
        said = translator(Language.SV).gettext(text)
        return said.format(**params) if params else said

    # what the case knows

    def words(self, name: str) -> str:
        """One answer as a person would say it."""
        field, value = self.field(name), self.data.get(name)
        if field is None or value in (None, "", []):
            return ""
        return self._reader.words(field, value)

    def answered(self, *names: str) -> str:
        """The first of some fields that somebody has answered."""
        return next((name for name in names if self.data.get(name) not in (None, "", [])), "")

    def field(self, name: str) -> Field | None:
        """A field as the forms together tell of it: all columns that any of them knows."""
        known = [found for form in self.forms if (found := form.find(name))]
        if not known:
            return None
        first = next((each for each in known if not each.read_only), known[0])
        columns: dict[str, Field] = {}
        for each in (first, *known):
            for column in each.fields:
                columns.setdefault(column.name, column)
        label = next((each.row_label for each in (first, *known) if each.row_label), "")
        return replace(first, fields=tuple(columns.values()), row_label=label)

    @property
    def number(self) -> str:
        """The number of the case in the records, when it has one."""
        return self.words(self.answered(*NUMBERS))

    @property
    def marking(self) -> str:
        """The marking as it is stored: open, unassessed, or the sections that may apply."""
        given = self.data.get("marking")
        return " ".join(given) if isinstance(given, list) and given else UNASSESSED

    @property
    def marking_words(self) -> str:
        if self.is_open or self.marking == OPEN:
            return self.say(N_("Public"))
        if self.marking == UNASSESSED:
            return self.say(N_("Secrecy not assessed"))
        return self.say(N_("May be secret: {sections}"), sections=self.words("marking"))

    # which rows may be told

    def rows(self, name: str) -> list[Row]:
        """All rows of a list."""
        held = self.data.get(name)
        return [row for row in held if isinstance(row, dict)] if isinstance(held, list) else []

    def told(self, name: str) -> list[Row]:
        """The rows of a list that this document may tell of."""
        return [row for row in self.rows(name) if not self.is_open or self._is_open(name, row)]

    @cached_property
    def withheld(self) -> frozenset[str]:
        """The names of all rows that an open document must not tell of."""
        if not self.is_open:
            return frozenset()
        names = {
            self._row_name(name, row).casefold()
            for name in self.data
            for row in self.rows(name)
            if not self._is_open(name, row)
        }
        return frozenset(name for name in names if len(name) >= SHORTEST_NAME)

    def _is_open(self, name: str, row: Row) -> bool:
        if "public" in row:
            return row["public"] is True
        said = row.get("secrecy") or self.marks.get((name, self._row_name(name, row).casefold()))
        return said == OPEN or (said in (None, UNASSESSED) and self.marking == OPEN)

    def _names_hidden(self, row: Row, columns: Iterable[str]) -> bool:
        said = [str(row.get(column) or "").casefold() for column in columns]
        return any(name in text for name in self.withheld for text in said)

    def _row_name(self, name: str, row: Row) -> str:
        field = self.field(name)
        column = field.row_label if field and field.row_label else next(iter(row), "")
        value = row.get(column)
        return value if isinstance(value, str) else ""

    # blocks

    def text(self, heading: str, *names: str, level: int = 1) -> Iterator[Block]:
        """A heading and the text of the first of some fields that is answered."""
        if name := self.answered(*names):
            yield Heading(self.say(heading), level)
            yield from from_rich(str(self.data[name]))

    def labelled(self, *names: str) -> Iterator[Block]:
        """Each answered text under its own label."""
        for name in names:
            field = self.field(name)
            if field is not None and self.answered(name):
                yield Heading(field.label["sv"])
                yield from from_rich(self.words(name))

    def clauses(self, heading: str, *names: str, otherwise: str = "") -> Iterator[Block]:
        """What is proposed, a numbered clause for each line."""
        lines = str(self.data.get(self.answered(*names)) or otherwise).splitlines()
        items = tuple((Span(line.strip()),) for line in lines if line.strip())
        if items:
            yield Heading(self.say(heading))
            yield Bullets(items, numbered=True)

    def facts_of(self, heading: str, *names: str) -> Iterator[Block]:
        """Short answers as a list of labels and values."""
        items: list[Inline] = []
        for name in names:
            field = self.field(name)
            if field is not None and (said := self.words(name)):
                label = field.label["sv"]
                label = label if label.endswith("?") else f"{label}:"
                items.append((Span(f"{label} ", bold=True), Span(said)))
        if items:
            yield Heading(self.say(heading))
            yield Bullets(tuple(items))

    def table(
        self,
        heading: str,
        name: str,
        *columns: str,
        where: Callable[[Row], bool] = lambda _row: True,
    ) -> Iterator[Block]:
        """A heading and a table of the rows that may be told of; how many others there are."""
        field = self.field(name)
        told = [
            row for row in self.told(name) if where(row) and not self._names_hidden(row, columns)
        ]
        hidden = sum(map(where, self.rows(name))) - len(told)
        if field is None or not (told or hidden):
            return
        yield Heading(self.say(heading))
        if told:
            yield self._table(field, columns, told)
        if hidden:
            yield self.counted(hidden)

    def counted(self, hidden: int) -> Paragraph:
        """How many rows are left out, and no more of them."""
        few = self.say(N_("fewer than {count}"), count=FEW)
        count = few if hidden < FEW else str(hidden)
        said = self.say(N_("Left out because it is not, or not yet, public: {count}."), count=count)
        return Paragraph((Span(said),))

    def _table(self, field: Field, columns: Iterable[str], rows: Sequence[Row]) -> Table:
        known = {each.name: each for each in field.fields}
        shown = [
            known[name]
            for name in columns
            if name in known and any(row.get(name) not in (None, "", []) for row in rows)
        ]
        return Table(
            tuple(each.label["sv"] for each in shown),
            tuple(tuple(self._cell(each, row.get(each.name)) for each in shown) for row in rows),
        )

    def _cell(self, column: Field, value: object) -> str:
        said = self._reader.words(column, value)
        if column.kind is not Kind.RICH:
            return said
        return "\n".join(plain(line) for block in rich(said) for line in block.lines)

    @property
    def _reader(self) -> Reader:
        return Reader(self.facts, Language.SV)
