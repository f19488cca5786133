from io import BytesIO

import pytest
import xlsxwriter

from workflows import spreadsheets
from workflows.organisation import import_files
from workflows.organisation.import_files import UnreadableImport, read


def _cells(text, name="people.csv", encoding="utf-8"):
    (lines,) = read([(name, text.encode(encoding))]).values()
    return [line.cells for line in lines]


def _problems(*files):
    with pytest.raises(UnreadableImport) as refused:
        read([(name, text.encode() if isinstance(text, str) else text) for name, text in files])
    return [(each.sheet, each.line, each.column, each.code) for each in refused.value.problems]


def _book(sheets):
    out = BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_file_is_read_however_a_spreadsheet_saves_it(encoding, delimiter):
    text = "E-post;Namn;Språk\r\nasa@example.test;Åsa  Öst;Svenska\r\n".replace(";", delimiter)
    assert _cells(text, encoding=encoding) == [
        {"email": "asa@example.test", "name": "Åsa Öst", "language": "Svenska"}
    ]


@pytest.mark.parametrize(
    "written", ["2027-05-20", "20270520", "20/5 2027", "20/5/2027", "20.5.2027", "20 maj 2027"]
)
def test_a_date_may_be_written_as_swedes_write_them(written):
    (cells,) = _cells(f"e-post;roll;enhet;från\na@b.se;dpo;X;{written}\n", "roller.csv")
    assert cells["from"] == "2027-05-20"


def test_two_ways_of_writing_dates_in_one_file_is_a_problem_where_the_second_begins():
    text = "epost;roll;enhet;från;till\na@b.se;dpo;X;2027-01-02;\nb@b.se;dpo;X;;3/4 2027\n"
    assert _problems(("roles.csv", text)) == [("roles", 3, "to", "two_date_formats")]


def test_what_is_no_date_says_so():
    text = "epost;roll;enhet;från\na@b.se;dpo;X;31/2 2027\nb@b.se;dpo;X;snart\n"
    assert _problems(("roles.csv", text)) == [
        ("roles", 2, "from", "not_a_date"),
        ("roles", 3, "from", "not_a_date"),
    ]


def test_a_workbook_has_a_sheet_for_each_and_a_file_may_be_known_by_its_columns():
    book = _book({"Enheter": [["Kod", "Namn", "Slag"], ["A", "Ett", "bolag"]],
                  "Roller": [["Roll", "Enhet", "E-post"], ["dpo", "A", "a@b.se"]]})  # fmt: skip
    assert set(read([("alla.xlsx", book)])) == {"units", "roles"}
    assert set(read([("lista.csv", b"namn;e-post\nA;a@b.se\n")])) == {"people"}


def test_a_formula_is_refused_and_never_worked_out():
    book = _book({"people": [["email", "name"], ["a@b.se", "=1+1"]]})
    assert _problems(("a.xlsx", book)) == [("people", 2, "name", "formula")]
    assert _problems(("people.csv", "email,name\na@b.se,=1+1\n")) == [
        ("people", 2, "name", "formula")
    ]


def test_a_list_we_wrote_ourselves_can_be_read_back():
    assert _cells("email;name\na@b.se;'=Karl\n") == [{"email": "a@b.se", "name": "=Karl"}]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ([], ("", 1, "", "no_sheet")),
        ([("people.csv", "email\na@b.se\n")], ("people", 1, "name", "column_missing")),
        ([("people.csv", "email;name;mail\n")], ("people", 1, "email", "column_twice")),
        ([("vad.csv", "a;b\n1;2\n")], ("vad", 1, "", "unknown_sheet")),
        ([("people.csv", b"email;name\n\0\n")], ("people.csv", 1, "", "not_a_table")),
        ([("people.xlsx", b"PK\x03\x04hej")], ("people.xlsx", 1, "", "not_a_table")),
        ([("people.csv", 'email;name\n"a')], ("people.csv", 1, "", "not_a_table")),
        ([("people.csv", "email;name\na@b.se;A\x07\n")], ("people", 2, "name", "unreadable_text")),
    ],
)
def test_a_file_that_cannot_be_used_says_why(files, problem):
    assert _problems(*files) == [problem]


def test_a_file_too_large_is_not_even_read(monkeypatch):
    monkeypatch.setattr(spreadsheets, "LARGEST", 10)
    assert _problems(("people.csv", "email;name\na@b.se;A\n")) == [
        ("people.csv", 1, "", "file_too_large")
    ]


def test_more_rows_than_there_may_be_is_a_problem(monkeypatch):
    monkeypatch.setattr(import_files, "MOST_ROWS", 1)
    text = "email;name\na@b.se;A\nb@b.se;B\n"
    assert _problems(("people.csv", text)) == [("people", 2, "", "too_many_rows")]


def test_empty_rows_are_passed_by_and_lines_are_counted_as_in_the_file():
    (lines,) = read([("people.csv", b"email;name\n;\n\na@b.se;A\n")]).values()
    assert [line.number for line in lines] == [4]
