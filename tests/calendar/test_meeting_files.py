from datetime import date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from tests.calendar.days import on
from workflows.calendar.meeting_files import RowProblem, UnreadableMeetings, read_meetings
from workflows.calendar.meetings import Meeting
from workflows.calendar.names import ROWS, row_said
from workflows.language import Language

TABLE = "Sammanträdesdatum;Plats;Manusstopp;Handlingar ut\n2027-09-23;Rådhuset;2027-08-30;\n"


def refused(name: str, content: bytes) -> list[tuple[str, int]]:
    with pytest.raises(UnreadableMeetings) as unreadable:
        read_meetings(name, content)
    problems = unreadable.value.problems
    assert isinstance(problems, tuple)
    return [(one.code, one.row) for one in problems]


def test_a_csv_is_read_with_the_columns_one_knows_and_in_order():
    content = (TABLE + "2027-05-20;;;2027-05-12\n\n").encode()
    assert read_meetings("möten.csv", content) == (
        Meeting(on("2027-05-20"), documents_out=on("2027-05-12")),
        Meeting(on("2027-09-23"), draft_stop=on("2027-08-30")),
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_a_csv_saved_by_a_swedish_excel_is_read_too(encoding: str):
    assert len(read_meetings("a.csv", TABLE.encode(encoding))) == 1


@pytest.mark.parametrize(
    "written", ["2027-05-20", "20270520", "20/5 2027", "20/5/2027", "20.5.2027"]
)
def test_a_date_may_be_written_in_the_ways_people_do(written: str):
    assert read_meetings("a.csv", f"Datum\n{written}\n".encode())[0].on == on("2027-05-20")


def test_a_sheet_with_true_dates_is_read():
    book = Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(["Datum", "Justering"])
    sheet.append([datetime(2027, 5, 20), date(2027, 6, 3)])  # noqa: DTZ001 - as a sheet has it
    out = BytesIO()
    book.save(out)
    assert read_meetings("Möten 2027.XLSX", out.getvalue()) == (
        Meeting(on("2027-05-20"), adjusted=on("2027-06-03")),
    )


def test_a_calendar_is_read_on_the_day_it_is_in_stockholm():
    lines = [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "DTSTART:20270520T223000Z",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART;VALUE=DATE:20270923",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    found = read_meetings("möten.ics", "\r\n".join(lines).encode())
    assert [one.on for one in found] == [on("2027-05-21"), on("2027-09-23")]


def an_ics(*events: str) -> bytes:
    said = "".join(f"BEGIN:VEVENT\r\n{one}\r\nEND:VEVENT\r\n" for one in events)
    return f"BEGIN:VCALENDAR\r\n{said}END:VCALENDAR\r\n".encode()


def test_a_cancelled_meeting_is_none_and_a_series_is_not_taken_for_its_first_day():
    once, cancelled = "DTSTART;VALUE=DATE:20270923", "DTSTART;VALUE=DATE:20271014"
    found = read_meetings("a.ics", an_ics(once, f"{cancelled}\r\nSTATUS:CANCELLED"))
    assert [one.on for one in found] == [on("2027-09-23")]
    series = an_ics(once, f"{cancelled}\r\nRRULE:FREQ=MONTHLY;COUNT=3")
    assert refused("a.ics", series) == [("meeting_repeats", 2)]


def test_two_date_formats_in_one_file_are_pointed_at_and_nothing_is_taken():
    content = b"Datum;Manusstopp\n2027-05-20;2027-04-29\n23/9 2027;\n2027-10-21;30.9.2027\n"
    assert refused("a.csv", content) == [("two_date_formats", 3), ("two_date_formats", 4)]


def test_every_row_that_is_wrong_is_named():
    content = b"Datum;Manusstopp\n2027-02-30;\n2027-05-20;snart\n;2027-01-01\n2027-05-20;\n"
    assert refused("a.csv", content) == [
        ("not_a_date", 2),
        ("not_a_date", 3),
        ("no_meeting_date", 4),
        ("meeting_twice", 5),
    ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "no_date_column"),
        ("a.csv", b"Plats;Tid\nx;y\n", "no_date_column"),
        ("a.csv", b"Datum\n", "no_meetings"),
        ("a.csv", b"Datum\n" + b'"' + b"x" * 200_000, "not_a_table"),
        ("a.xlsx", b"not a sheet", "not_a_table"),
        ("a.ics", b"not a calendar", "not_a_calendar"),
        ("a.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no_meetings"),
    ],
)
def test_a_file_that_is_no_list_of_meetings_is_refused(name: str, content: bytes, code: str):
    assert refused(name, content) == [(code, 1)]


def test_what_is_wrong_in_a_row_is_said_with_the_row():
    problem = RowProblem("two_date_formats", 3, {"value": "23/9 2027", "first": "2027-05-20"})
    assert row_said(problem, Language.SV) == (
        "Rad 3: ”23/9 2027” är inte skrivet som filens första datum, 2027-05-20"
    )
    for code in ROWS:
        assert row_said(RowProblem(code, 1), Language.EN).startswith("Row 1: ")
