"""Read a body's meetings from a CSV, XLSX or iCal file: all, or none with the reasons by row."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO, StringIO
from zipfile import BadZipFile
from zoneinfo import ZoneInfo

from icalendar import Calendar as ICalendar
from openpyxl import load_workbook

from workflows.calendar.meetings import Meeting
from workflows.calendar.years import ZONE
from workflows.errors import Invalid

# What a column may be called, without case, spaces and marks; secretaries name them as they like.
COLUMNS = {
    "on": ("datum", "sammanträde", "sammanträdesdatum", "möte", "date", "meeting", "on"),
    "draft_stop": ("manusstopp", "draftstop"),
    "chair_prep": ("ordförandeberedning", "beredning", "chairprep"),
    "union_coop": ("facklig samverkan", "samverkan", "fsg", "unioncoop"),
    "documents_out": ("handlingar", "handlingar ut", "utskick", "kallelse", "documentsout"),
    "adjusted": ("justering", "adjusted"),
}
FORMATS = {
    "2027-05-20": re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"),
    "20270520": re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"),
    "20/5 2027": re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})[ /](?P<year>\d{4})"),
    "20.5.2027": re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"),
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one row, counted as the file shows it."""

    code: str
    row: int
    params: Mapping[str, object] = field(default_factory=dict)


class UnreadableMeetings(Invalid):
    """The file was not taken; `problems` says what is wrong, row by row."""

    code = "meetings_unreadable"


@dataclass(frozen=True, slots=True)
class _Cell:
    row: int
    column: str
    value: object


def read_meetings(name: str, content: bytes) -> tuple[Meeting, ...]:
    """Read the meetings in a file, in order of date.

    :raises UnreadableMeetings: with every problem, when there is one
    """
    reader = _Reader()
    for cells in _rows(name, content):
        reader.row(cells)
    if not reader.meetings:
        reader.problems.append(RowProblem("no_meetings", 1))
    if reader.problems:
        raise UnreadableMeetings(problems=tuple(reader.problems))
    return tuple(reader.meetings[on] for on in sorted(reader.meetings))


class _Reader:
    """What was read so far, what was wrong, and how the file writes its dates."""

    def __init__(self) -> None:
        self.meetings: dict[date, Meeting] = {}
        self.problems: list[RowProblem] = []
        self.format = ""

    def row(self, cells: list[_Cell]) -> None:
        dates = {cell.column: self.date(cell) for cell in cells}
        if "on" not in dates:
            self.refuse("no_meeting_date", cells[0].row)
        if (on := dates.pop("on", None)) is None:
            return
        if on in self.meetings:
            self.refuse("meeting_twice", cells[0].row, meeting=on)
        self.meetings[on] = Meeting(
            on,
            draft_stop=dates.get("draft_stop"),
            chair_prep=dates.get("chair_prep"),
            union_coop=dates.get("union_coop"),
            documents_out=dates.get("documents_out"),
            adjusted=dates.get("adjusted"),
        )

    def date(self, cell: _Cell) -> date | None:
        """Read one date; all that are written must be written like the first one in the file."""
        if isinstance(cell.value, datetime):
            zoned = cell.value.astimezone(ZoneInfo(ZONE)) if cell.value.tzinfo else cell.value
            return zoned.date()
        if isinstance(cell.value, date):
            return cell.value
        text = str(cell.value).strip()
        for name, pattern in FORMATS.items():
            if found := pattern.fullmatch(text):
                self.format = self.format or name
                if name != self.format:
                    self.refuse("two_date_formats", cell.row, value=text, first=self.format)
                    return None
                try:
                    return date(*(int(found[part]) for part in ("year", "month", "day")))
                except ValueError:
                    break
        self.refuse("not_a_date", cell.row, value=text)
        return None

    def refuse(self, code: str, row: int, **params: object) -> None:
        self.problems.append(RowProblem(code, row, params))


def _rows(name: str, content: bytes) -> Iterator[list[_Cell]]:
    """Give the filled cells of every row, of the columns that are known."""
    if name.lower().endswith(".ics"):
        yield from _calendar_rows(content)
        return
    table = _sheet(content) if name.lower().endswith(".xlsx") else _csv(content)
    header, *rest = table or [[]]
    columns = [_column(str(title or "")) for title in header]
    if "on" not in columns:
        raise UnreadableMeetings(problems=(RowProblem("no_date_column", 1),))
    for number, row in enumerate(rest, start=2):
        cells = [
            _Cell(number, column, value)
            for column, value in zip(columns, row, strict=False)
            if column and value not in (None, "")
        ]
        if cells:
            yield cells


def _calendar_rows(content: bytes) -> Iterator[list[_Cell]]:
    try:
        found = ICalendar.from_ical(content)
    except ValueError:
        raise UnreadableMeetings(problems=(RowProblem("not_a_calendar", 1),)) from None
    for number, event in enumerate(found.walk("VEVENT"), start=1):
        if "DTSTART" in event:
            yield [_Cell(number, "on", event.decoded("DTSTART"))]


def _sheet(content: bytes) -> list[list[object]]:
    try:
        sheet = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
    except (BadZipFile, KeyError, ValueError, IndexError):
        raise UnreadableMeetings(problems=(RowProblem("not_a_sheet", 1),)) from None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _csv(content: bytes) -> list[list[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what a Swedish Excel saves
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    try:
        return [list(row) for row in csv.reader(StringIO(text), delimiter=delimiter)]
    except csv.Error:
        raise UnreadableMeetings(problems=(RowProblem("not_a_table", 1),)) from None


def _column(title: str) -> str:
    wanted = _bare(title)
    for column, names in COLUMNS.items():
        if wanted in [_bare(name) for name in names]:
            return column
    return ""


def _bare(title: str) -> str:
    return re.sub(r"[\W_]", "", title.casefold())
