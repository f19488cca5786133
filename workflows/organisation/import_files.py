"""Reading units, people and roles from CSV and XLSX as tidy texts, with every problem located."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.errors import Invalid
from workflows.spreadsheets import (
    MOST_ROWS,
    Dates,
    Formula,
    NotATable,
    Table,
    UnreadableDate,
    column,
    tables,
)

Row = dict[str, str]  # column -> text; a column the file lacks is absent

# What a sheet and its columns may be called, without case, spaces and marks.
SHEETS = {
    "units": ("units", "unit", "enheter", "enhet", "organisation", "nämnder"),
    "people": ("people", "persons", "users", "personer", "användare", "anställda"),
    "roles": ("roles", "role", "roller", "roll", "uppdrag"),
}
COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    "units": {
        "code": ("code", "kod", "enhetskod"),
        "name": ("name", "namn", "benämning"),
        "kind": ("kind", "type", "slag", "typ"),
        "parent": ("parent", "överordnad", "överenhet", "under"),
        "valid_from": ("validfrom", "from", "från", "gällerfrån", "fom"),
        "valid_to": ("validto", "to", "till", "gällertill", "tom"),
        "successor": ("successor", "efterträdare", "ersättsav"),
        "has_geographic_area": ("hasgeographicarea", "geographicarea", "områdesansvar"),
    },
    "people": {
        "email": ("email", "mail", "epost", "epostadress", "mejl"),
        "name": ("name", "namn"),
        "unit": ("unit", "enhet", "enhetskod", "anställdi"),
        "language": ("language", "språk"),
        "external_id": ("externalid", "id", "anställningsnummer", "katalogid"),
    },
    "roles": {
        "email": ("email", "mail", "epost", "epostadress", "mejl"),
        "same_as_role": ("sameasrole", "sammasomroll"),
        "same_as_unit": ("sameasunit", "sammasomenhet"),
        "role": ("role", "roll"),
        "unit": ("unit", "enhet", "enhetskod"),
        "from": ("from", "från", "fom", "validfrom"),
        "to": ("to", "till", "tom", "validto"),
    },
}
NEEDED = {"units": {"code", "name", "kind"}, "people": {"email", "name"}, "roles": {"role", "unit"}}
DATES = {"valid_from", "valid_to", "from", "to"}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong where, counted as the file shows it."""

    sheet: str
    line: int
    column: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        said = ", ".join(f"{name} {value}" for name, value in self.params.items())
        return f"{self.sheet} {self.line} {self.column}: {self.code} {said}".rstrip()


class UnreadableImport(Invalid):
    """Nothing was taken; `problems` says what is wrong and where."""

    code = "import_unreadable"
    problems: tuple[RowProblem, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet, with its number in the file."""

    number: int
    cells: Row


Sheets = dict[str, list[Line]]  # a sheet that no file holds is absent, and nothing of it is touched


def read(files: Sequence[tuple[str, bytes]]) -> Sheets:
    """Read the sheets of some files.

    :raises UnreadableImport: with every problem, when there is one
    """
    reader = _Reader()
    for name, content in files:
        reader.file(name, content)
    if not reader.sheets and not reader.problems:
        reader.refuse("", 1, "", "no_sheet")
    if reader.problems:
        raise UnreadableImport(problems=tuple(reader.problems))
    return reader.sheets


class _Reader:
    """What was read so far, and what was wrong."""

    def __init__(self) -> None:
        self.sheets: Sheets = {}
        self.problems: list[RowProblem] = []

    def refuse(self, sheet: str, line: int, column: str, code: str, **params: object) -> None:
        self.problems.append(RowProblem(sheet, line, column, code, params))

    def file(self, name: str, content: bytes) -> None:
        try:
            found = tables(name, content)
        except NotATable as refusal:
            self.refuse(name, 1, "", refusal.code)
            return
        for title, table in found:
            self.table(title, table)

    def table(self, title: str, table: Table) -> None:
        header = table[0] if table else []
        if not any(header):
            return
        sheet = _sheet(title, header)
        if sheet is None:
            self.refuse(title, 1, "", "unknown_sheet")
            return
        columns = [column(cell, COLUMNS[sheet]) for cell in header]
        for missing in sorted(NEEDED[sheet] - set(columns)):
            self.refuse(sheet, 1, missing, "column_missing")
        for twice in sorted({each for each in columns if each and columns.count(each) > 1}):
            self.refuse(sheet, 1, twice, "column_twice")
        if sheet in self.sheets:
            self.refuse(title, 1, "", "sheet_twice")
        if len(table) - 1 > MOST_ROWS:
            self.refuse(sheet, MOST_ROWS + 1, "", "too_many_rows", most=MOST_ROWS)
            return
        self.sheets[sheet] = list(self.lines(sheet, columns, table[1:]))

    def lines(self, sheet: str, columns: list[str], rows: Table) -> Iterator[Line]:
        dates = Dates()
        for number, row in enumerate(rows, start=2):
            cells = dict.fromkeys((each for each in columns if each), "")
            for each, value in zip(columns, row, strict=False):
                if each and value not in (None, ""):
                    cells[each] = self.cell(sheet, number, each, value, dates)
            if any(cells.values()):
                yield Line(number, cells)

    def cell(self, sheet: str, number: int, column: str, value: object, dates: Dates) -> str:
        if isinstance(value, Formula):
            self.refuse(sheet, number, column, "formula")
            return ""
        if column in DATES:
            try:
                return dates.read(value).isoformat()
            except UnreadableDate as refusal:
                self.refuse(sheet, number, column, refusal.code, **refusal.params)
                return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = " ".join(str(value).split())
        if text[:1] == "'" and text[1:].startswith(_FORMULA):
            text = text[1:]  # as our own lists are written
        elif text.startswith(_FORMULA):
            self.refuse(sheet, number, column, "formula")
            return ""
        if "\ufffd" in text or not text.isprintable():
            self.refuse(sheet, number, column, "unreadable_text")
        return text


_FORMULA = ("=", "+", "@")


def _sheet(title: str, header: Sequence[object]) -> str | None:
    """Tell which sheet it is by its name, else by its columns."""
    if named := column(title, SHEETS):
        return named
    fitting = [
        sheet
        for sheet, needed in NEEDED.items()
        if needed <= {column(cell, COLUMNS[sheet]) for cell in header}
    ]
    return fitting[-1] if fitting else None
