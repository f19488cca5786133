"""What an import would do: one change for each thing, as text, with the old and the new.

As text, so that a preview can be shown, hashed and carried out as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from workflows.organisation.import_files import Line, Row, RowProblem


@dataclass(frozen=True, slots=True)
class Known:
    """Something that is there: its id, whether an import keeps it, and its fields as text."""

    id: int
    source: str
    cells: Row


@dataclass(frozen=True, slots=True)
class State:
    """The organisation as it is."""

    units: Mapping[str, Known]  # by code
    people: Mapping[str, Known]  # by address
    roles: tuple[Known, ...]
    today: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do: `add`, `change` or `close`; each field with the old and the new."""

    sheet: str
    deed: str
    label: str
    line: int
    fields: Mapping[str, tuple[str, str]]
    id: int | None = None


@dataclass(slots=True)
class Diff:
    """All that an import would do, and what is in the way of doing it."""

    changes: list[Change] = field(default_factory=list)
    unchanged: dict[str, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, sheet: str, line: int, column: str, code: str, **params: object) -> None:
        self.problems.append(RowProblem(sheet, line, column, code, params))

    def of(self, sheet: str, deed: str) -> list[Change]:
        """List the changes of one kind."""
        return [each for each in self.changes if (each.sheet, each.deed) == (sheet, deed)]

    def compare(self, sheet: str, label: str, line: Line, known: Known | None, source: str) -> None:
        """Add what a row changes."""
        if known is None:
            fields = {name: ("", value) for name, value in line.cells.items() if value}
            self.changes.append(Change(sheet, "add", label, line.number, fields))
            return
        wanted = line.cells | {"source": source}
        fields = {
            name: (known.cells.get(name, ""), value)
            for name, value in wanted.items()
            if known.cells.get(name, "") != value
        }
        if fields:
            self.changes.append(Change(sheet, "change", label, line.number, fields, known.id))
        else:
            self.unchanged[sheet] = self.unchanged.get(sheet, 0) + 1


def refuse_days(sheet: str, line: int, cells: Row, first: str, last: str, found: Diff) -> None:
    """Refuse days that end before they begin."""
    if cells.get(first) and cells.get(last) and cells[last] < cells[first]:
        found.refuse(sheet, line, last, "ends_before_it_begins")


def text_of(day: date | None) -> str:
    """Write a day as the sheets do."""
    return day.isoformat() if day else ""
