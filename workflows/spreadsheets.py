"""Tables out of CSV and XLSX files that somebody sends: no formula is worked out, nothing unpacks
without end, and all dates of a table are written alike."""

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from io import BytesIO, StringIO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

LARGEST = 5 * 1024 * 1024
LARGEST_UNPACKED = 60 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 50

Table = list[list[object]]

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


class NotATable(Exception):
    """The file cannot be read as a table; `code` says why."""

    def __init__(self, code: str = "not_a_table") -> None:
        self.code = code
        super().__init__(code)


class UnreadableDate(Exception):
    """A cell is no date, or one written in another way than those before it."""

    def __init__(self, code: str, **params: object) -> None:
        self.code, self.params = code, params
        super().__init__(code)


class Formula:
    """Stands in a cell that a spreadsheet would work out; we never do."""


def tables(name: str, content: bytes) -> list[tuple[str, Table]]:
    """Read every sheet of a workbook, or the one table of a text, each with its title.

    A table is cut one row after the most that is read, so that who asks can say it is too long.

    :raises NotATable: if it is neither, or too large
    """
    if len(content) > LARGEST:
        raise NotATable("file_too_large")
    try:
        is_packed = content[:4] == b"PK\x03\x04" or name.lower().endswith(".xlsx")
        return list(_workbook(content) if is_packed else _csv(name, content))
    except (zipfile.BadZipFile, KeyError, ValueError, csv.Error, ParseError, OSError):
        raise NotATable from None


class Dates:
    """Reads the dates of one table; all that are typed must be written like the first one."""

    def __init__(self) -> None:
        self.format = self.first = ""

    def read(self, value: object) -> date:
        """Read the date in a cell.

        :raises UnreadableDate: if it is none, or written in another way than the first
        """
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        text = " ".join(str(value).lower().split())
        for name, pattern in FORMATS.items():
            if found := pattern.fullmatch(text):
                if not self.format:
                    self.format, self.first = name, text
                if name != self.format:
                    raise UnreadableDate("two_date_formats", value=text, first=self.first)
                if day := _day(found):
                    return day
                break
        raise UnreadableDate("not_a_date", value=text)


def column(title: object, names: Mapping[str, tuple[str, ...]]) -> str:
    """Tell which column (or sheet) a title means, without case, spaces and marks; empty if none."""
    wanted = bare(str(title or ""))
    return next((known for known, said in names.items() if wanted in map(bare, said)), "")


def bare(title: str) -> str:
    """Leave case, spaces and marks out of a title."""
    return re.sub(r"[\W_]", "", title.casefold())


def _day(found: re.Match[str]) -> date | None:
    month = found["month"]
    number = int(month) if month.isdecimal() else MONTHS.get(month, 0)
    try:
        return date(int(found["year"]), number, int(found["day"]))
    except ValueError:
        return None


def _workbook(content: bytes) -> Iterator[tuple[str, Table]]:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        if sum(member.file_size for member in packed.infolist()) > LARGEST_UNPACKED:
            raise NotATable("file_too_large")
    book = load_workbook(BytesIO(content), read_only=True, data_only=False)
    try:
        for sheet in book.worksheets:
            rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)
            table: Table = [
                [Formula() if cell.data_type == "f" else cell.value for cell in row] for row in rows
            ]
            yield sheet.title, table
    finally:
        book.close()


def _csv(name: str, content: bytes) -> Iterator[tuple[str, Table]]:
    if b"\0" in content:
        raise NotATable
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what a Swedish Excel saves
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    yield name.rpartition(".")[0] or name, [list(row) for row in rows]
