"""Lists as tables: pasted from a spreadsheet, taken away, sent back, held against what is there."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.forms.written import form, words
from workflows.errors import Invalid
from workflows.forms import Facts, RowChange, change_rows, check, sheets
from workflows.language import Language
from workflows.spreadsheets import Formula

COLUMNS = {
    "title": {"type": "string"},
    "kind": {"type": "string", "enum": ["nature", "other"]},
    "value": {"type": "integer", "minimum": 1, "maximum": 25},
    "on": {"type": "string", "format": "date"},
    "sure": {"type": "boolean"},
    "areas": {"type": "array", "items": {"type": "string", "enum": ["life", "work"]}},
    "lead": {"type": "integer", "x-ref": "person"},
    "hours": {"type": "number", "x-unknown": True},
    "deep": {"type": "string"},
}
LABELS = {
    "risks": {"label": words("Risker"), "rows": {"name": "title"}},
    "risks.title": {"label": words("Risk")},
    "risks.kind": {
        "label": words("Slag"), "enum": {"nature": words("Natur"), "other": words("Annat")}
    },
    "risks.value": {"label": words("Värde")},
    "risks.on": {"label": words("Dag")},
    "risks.sure": {"label": words("Säkert")},
    "risks.areas": {"label": words("Vad"), "enum": {"life": words("Liv"), "work": words("Arbete")}},
    "risks.lead": {"label": words("Ansvarig")},
    "risks.hours": {"label": words("Timmar")},
    "risks.deep": {"label": words("Djup")},
}  # fmt: skip
FORM = form(
    {"risks": {"type": "array", "items": {"type": "object", "properties": COLUMNS}}},
    labels=LABELS,
    tiers={"risks.deep": "full"},
)
ONE = FORM.find("risks")
FACTS = Facts(choices={"person": {"7": "A. Ek"}})
HEADS = ["Risk", "Slag", "Värde", "Dag", "Säkert", "Vad", "Ansvarig", "Timmar"]
ROW = {
    "title": "El borta", "kind": "nature", "value": "9", "on": "2027-05-20", "sure": "true",
    "areas": ["life", "work"], "lead": "7", "hours": "1,5",
}  # fmt: skip
CELLS = ["El borta", "Natur", "9", "2027-05-20", "Ja", "Liv; Arbete", "A. Ek", "1,5"]


def pasted(text, rows=(), index=-1, name=""):
    change = RowChange("paste", "risks", index, name, text)
    return change_rows(FORM, {"risks": list(rows)}, change, FACTS)["risks"]


def lines(*rows):
    return "\r\n".join("\t".join(row) for row in rows)


@pytest.mark.parametrize(
    ("text", "index", "name"),
    [
        (lines(CELLS), -1, ""),
        (lines(HEADS, CELLS), -1, ""),
        (lines(["Värde", "Risk"], ["9", "El borta"]), -1, ""),
        (lines(CELLS), 0, "title"),
    ],
)
def test_cells_are_pasted_by_place_or_by_their_headings(text, index, name):
    [row] = pasted(text, [{}], index, name)
    assert {key: row[key] for key in ("title", "value")} == {"title": "El borta", "value": "9"}
    if "Natur" in text:
        assert {key: row[key] for key in ROW} == ROW
        assert check(FORM, {"risks": [row]}, FACTS).stored["risks"][0]["hours"] == Decimal("1.5")


def test_three_hundred_rows_are_pasted_and_five_hundred_are_the_most():
    text = lines(*([f"Risk {n}", "Natur", str(n % 25 + 1)] for n in range(300)))
    rows = pasted(text)
    assert len(rows) == 300
    assert not hasattr(check(FORM, {"risks": rows}, FACTS), "errors")
    with pytest.raises(Invalid, match="too_many_rows"):
        pasted(text, rows)


def test_a_paste_in_the_middle_fills_what_is_there_and_goes_on_below():
    rows = [{"title": "a", "value": "1"}, {"title": "b", "value": "2"}]
    laid = pasted("7\n8", rows, 1, "value")
    assert [(row.get("title"), row["value"]) for row in laid] == [
        ("a", "1"), ("b", "7"), (None, "8")
    ]  # fmt: skip


def test_what_nobody_knows_is_kept_as_it_was_written_and_told_by_row_and_column():
    rows = pasted(lines(["=cmd()", "Storm", "många"], ["b", "natur", "26"]))
    assert rows[0] == {"title": "=cmd()", "kind": "Storm", "value": "många"}
    errors = check(FORM, {"risks": rows}, FACTS).errors
    assert [(each.name, each.code) for each in errors] == [
        ("risks-0-kind", "not_an_option"),
        ("risks-0-value", "not_a_whole_number"),
        ("risks-1-value", "too_big"),
    ]


@pytest.mark.parametrize("text", ["", " \n\t ", "Risk\tSlag"])
def test_nothing_is_no_paste(text):
    with pytest.raises(Invalid, match="nothing_pasted"):
        pasted(text)


@pytest.mark.parametrize(
    ("cell", "raw"),
    [
        (9, "9"),
        (9.0, "9"),
        (1.5, "1.5"),
        (True, "true"),
        (datetime(2027, 5, 20), "2027-05-20"),  # noqa: DTZ001 (as a workbook gives it)
        (datetime(2027, 5, 20, 14, 30), "2027-05-20 14:30"),  # noqa: DTZ001
        (date(2027, 5, 20), "2027-05-20"),
        (None, ""),
        ("  x ", "x"),
    ],
)
def test_a_cell_of_any_kind_is_read_as_it_would_be_typed(cell, raw):
    [row] = sheets.read_table(ONE, [["Risk"], ["x"], [cell]], FACTS).rows[1:] or ({"title": ""},)
    assert row["title"] == raw


def test_nobody_knows_goes_out_and_comes_back_as_words():
    row = {"title": "a", "hours": "", "hours_unknown": "true"}
    table = sheets.table(ONE, [row], FACTS, Language.SV)
    assert table.rows[0][-1] == "Vet inte"
    [read] = sheets.read_table(ONE, [table.heads, table.rows[0]], FACTS).rows
    assert (read["hours"], read["hours_unknown"]) == ("", "true")


@pytest.mark.parametrize("language", [Language.SV, Language.EN])
def test_what_is_taken_away_comes_back_the_same(language):
    table = sheets.table(ONE, [ROW], FACTS, language)
    assert table.rows[0][2] == Decimal(9)
    assert table.options[1] == (("Natur", "Annat") if language == "sv" else table.options[1])
    sheet = sheets.read_table(ONE, [table.heads, *table.rows], FACTS)
    found = sheets.difference(FORM, ONE, [ROW], sheet, FACTS, language)
    assert (found.kept, found.added, found.changed, found.removed) == (1, (), (), ())


def test_a_sheet_is_held_against_what_is_there():
    now = [ROW | {"deep": "kvar"}, {"title": "Brand"}, {"title": "Storm"}]
    cells = [
        ["Värde", "Risk", "Okänd"],
        ["10", "el borta", "x"],
        ["", "Brand", ""],
        ["4", "Ny", ""],
    ]
    sheet = sheets.read_table(ONE, cells, FACTS)
    found = sheets.difference(FORM, ONE, now, sheet, FACTS, Language.SV)
    assert (found.added, found.removed, found.kept) == (("Ny",), ("Storm",), 1)
    [change] = found.changed
    assert change.cells == (("Risk", "El borta", "el borta"), ("Värde", "9", "10"))
    assert found.rows[0]["deep"] == "kvar"


def test_a_formula_is_not_worked_out_and_a_sheet_needs_its_headings():
    sheet = sheets.read_table(ONE, [["Risk", "Värde"], ["a", Formula()]], FACTS)
    assert [(cell.row, cell.head, cell.code) for cell in sheet.wrong] == [(2, "Värde", "formula")]
    for cells in ([], [["x", "y"]]):
        with pytest.raises(Invalid, match="no_headings"):
            sheets.read_table(ONE, cells, FACTS)
