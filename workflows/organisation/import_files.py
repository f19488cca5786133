"""Reading units, people and roles from CSV and XLSX as tidy texts, with every problem located."""

import csv
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO, StringIO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from workflows.errors import Invalid

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 60 * 1024 * 1024
MOST_ROWS = 20_000

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

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "januari", "january"), ("feb", "februari", "february"),
            ("mar", "mars", "march"), ("apr", "april"), ("maj", "may"),
            ("jun", "juni", "june"), ("jul", "juli", "july"),
            ("aug", "augusti", "august"), ("sep", "sept", "september"),
            ("okt", "oct", "oktober", "october"), ("nov", "november"), ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
FORMATS = {
    "2027-05-20": re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"),
    "20270520": re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"),
    "20/5 2027": re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})[ /](?P<year>\d{4})"),
    "20.5.2027": re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"),
    "20 maj 2027": re.compile(r"(?P<day>\d{1,2}) (?P<month>[a-z]+)\.? (?P<year>\d{4})"),
}


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
        if len(content) > LARGEST_FILE:
            self.refuse(name, 1, "", "file_too_large")
            return
        try:
            tables = _workbook(content) if content[:4] == b"PK\x03\x04" else _csv(name, content)
            for title, table in tables:
                self.table(title, table)
        except (zipfile.BadZipFile, KeyError, ValueError, csv.Error, ParseError, OSError):
            self.refuse(name, 1, "", "not_a_table")

    def table(self, title: str, table: list[list[object]]) -> None:
        header = [_bare(str(cell or "")) for cell in table[0]] if table else []
        if not any(header):
            return
        sheet = _sheet(title, header)
        if sheet is None:
            self.refuse(title, 1, "", "unknown_sheet")
            return
        columns = [_known(cell, COLUMNS[sheet]) for cell in header]
        for column in sorted(NEEDED[sheet] - set(columns)):
            self.refuse(sheet, 1, column, "column_missing")
        for column in sorted({each for each in columns if each and columns.count(each) > 1}):
            self.refuse(sheet, 1, column, "column_twice")
        if sheet in self.sheets:
            self.refuse(title, 1, "", "sheet_twice")
        if len(table) - 1 > MOST_ROWS:
            self.refuse(sheet, MOST_ROWS + 1, "", "too_many_rows", most=MOST_ROWS)
            return
        self.sheets[sheet] = list(self.lines(sheet, columns, table[1:]))

    def lines(self, sheet: str, columns: list[str], rows: list[list[object]]) -> Iterator[Line]:
        dates = _Dates(self.refuse, sheet)
        for number, row in enumerate(rows, start=2):
            cells = dict.fromkeys((column for column in columns if column), "")
            for column, value in zip(columns, row, strict=False):
                if column and value not in (None, ""):
                    cells[column] = self.cell(sheet, number, column, value, dates)
            if any(cells.values()):
                yield Line(number, cells)

    def cell(self, sheet: str, number: int, column: str, value: object, dates: "_Dates") -> str:
        if isinstance(value, _Formula):
            self.refuse(sheet, number, column, "formula")
            return ""
        if column in DATES:
            return dates.read(number, column, value)
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


class _Formula:
    """Stands in a cell that a spreadsheet works out; we never do."""


_FORMULA = ("=", "+", "@")


class _Dates:
    """Reads dates; all in one sheet must be written like the first one."""

    def __init__(self, refuse: Callable[..., None], sheet: str) -> None:
        self._refuse, self._sheet = refuse, sheet
        self._format = ""

    def read(self, line: int, column: str, value: object) -> str:
        if isinstance(value, datetime):
            return value.date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        text = " ".join(str(value).lower().split())
        for name, pattern in FORMATS.items():
            if found := pattern.fullmatch(text):
                self._format = self._format or name
                if name != self._format:
                    self._refuse(
                        self._sheet, line, column, "two_date_formats", value=text,
                        first=self._format,
                    )  # fmt: skip
                    return ""
                if day := _day(found):
                    return day.isoformat()
                break
        self._refuse(self._sheet, line, column, "not_a_date", value=text)
        return ""


def _day(found: re.Match[str]) -> date | None:
    month = found["month"]
    number = int(month) if month.isdecimal() else MONTHS.get(month, 0)
    try:
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None


def _workbook(content: bytes) -> Iterator[tuple[str, list[list[object]]]]:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        if sum(member.file_size for member in packed.infolist()) > LARGEST_UNPACKED:
            raise ValueError("a workbook that unpacks to more than it should")
    book = load_workbook(BytesIO(content), read_only=True, data_only=False)
    try:
        for sheet in book.worksheets:
            rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=50)
            table: list[list[object]] = [
                [_Formula() if cell.data_type == "f" else cell.value for cell in row]
                for row in rows
            ]
            yield sheet.title, table
    finally:
        book.close()


def _csv(name: str, content: bytes) -> Iterator[tuple[str, list[list[object]]]]:
    if b"\0" in content:
        raise ValueError("not a text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what a Swedish Excel saves
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    yield name.rpartition(".")[0] or name, [list(row) for row in rows]


def _sheet(title: str, header: list[str]) -> str | None:
    """Tell which sheet it is by its name, else by its columns."""
    named = _known(_bare(title), SHEETS)
    if named:
        return named
    fitting = [
        sheet
        for sheet, needed in NEEDED.items()
        if needed <= {_known(cell, COLUMNS[sheet]) for cell in header}
    ]
    return fitting[-1] if fitting else None


def _known(text: str, names: Mapping[str, tuple[str, ...]]) -> str:
    return next((known for known, said in names.items() if text in said), "")


def _bare(title: str) -> str:
    return re.sub(r"[\W_]", "", title.casefold())
