"""Read a body's meetings from a CSV, XLSX or iCal file: all, or none with the reasons by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar as ICalendar

from workflows.calendar.meetings import Meeting
from workflows.calendar.years import ZONE
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

# What a column may be called, without case, spaces and marks; secretaries name them as they like.
COLUMNS = {
    "on": ("datum", "sammanträde", "sammanträdesdatum", "möte", "date", "meeting", "on"),
    "draft_stop": ("manusstopp", "draftstop"),
    "chair_prep": ("ordförandeberedning", "beredning", "chairprep"),
    "union_coop": ("facklig samverkan", "samverkan", "fsg", "unioncoop"),
    "documents_out": ("handlingar", "handlingar ut", "utskick", "kallelse", "documentsout"),
    "adjusted": ("justering", "adjusted"),
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
        self.dates = Dates()

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
        value = cell.value
        if isinstance(value, datetime) and value.tzinfo:
            value = value.astimezone(ZoneInfo(ZONE))
        if isinstance(value, Formula):
            self.refuse("formula", cell.row)
            return None
        try:
            return self.dates.read(value)
        except UnreadableDate as refusal:
            self.refuse(refusal.code, cell.row, **refusal.params)
            return None

    def refuse(self, code: str, row: int, **params: object) -> None:
        self.problems.append(RowProblem(code, row, params))


def _rows(name: str, content: bytes) -> Iterator[list[_Cell]]:
    """Give the filled cells of every row, of the columns that are known."""
    if name.lower().endswith(".ics"):
        yield from _calendar_rows(content)
        return
    header, *rest = _table(name, content) or [[]]
    columns = [column(title, COLUMNS) for title in header]
    if "on" not in columns:
        raise UnreadableMeetings(problems=(RowProblem("no_date_column", 1),))
    for number, row in enumerate(rest, start=2):
        cells = [
            _Cell(number, known, value)
            for known, value in zip(columns, row, strict=False)
            if known and value not in (None, "")
        ]
        if cells:
            yield cells


def _calendar_rows(content: bytes) -> Iterator[list[_Cell]]:
    """Give the meetings of a calendar but the cancelled ones; none may stand for a whole series."""
    try:
        found = ICalendar.from_ical(content)
    except ValueError:
        raise UnreadableMeetings(problems=(RowProblem("not_a_calendar", 1),)) from None
    for number, event in enumerate(found.walk("VEVENT"), start=1):
        if "RRULE" in event or "RDATE" in event:
            raise UnreadableMeetings(problems=(RowProblem("meeting_repeats", number),))
        if "DTSTART" in event and str(event.get("STATUS")).upper() != "CANCELLED":
            yield [_Cell(number, "on", event.decoded("DTSTART"))]


def _table(name: str, content: bytes) -> Table:
    """Read the first sheet, or the text; a file that goes on for ever is none."""
    try:
        table = next((table for _, table in tables(name, content)), [])
    except NotATable as refusal:
        raise UnreadableMeetings(problems=(RowProblem(refusal.code, 1),)) from None
    if len(table) > MOST_ROWS:
        raise UnreadableMeetings(problems=(RowProblem("too_many_rows", 1),))
    return table
