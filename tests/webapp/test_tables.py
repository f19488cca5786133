"""A list of a form goes out as a sheet, comes back, is looked at, and ends in the draft."""

import html
import re
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from tests.cast import NOON, SYSTEM
from tests.packages import listing
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.tasks.models import Draft, Task

ROWS = [("El borta", "nature", 9), ("Brand", "other", 4)]


@pytest.fixture
def alva(session, city, client_for):
    """Alva, with a draft of two risks in the first step of a case."""
    publishing.publish(session, listing(), by=SYSTEM, now=NOON)
    process = find(session, "listing")
    by = city.actor("Alva")
    cases.start(session, process, city.units["FARSTA"], 2027, by=by, now=NOON)
    task_id = session.scalars(sa.select(Task.id)).one()
    session.commit()
    client = client_for("Alva")
    posted = {"seen": "0", "risks": ["0", "1"]}
    for index, (title, kind, value) in enumerate(ROWS):
        posted |= {f"risks-{index}-title": title, f"risks-{index}-kind": kind}
        posted |= {f"risks-{index}-value": str(value)}
    assert client.post(f"/tasks/{task_id}/draft", posted).status_code == 302
    return client, f"/tasks/{task_id}"


def _rows(database):
    with database.reading() as session:
        return session.scalars(sa.select(Draft)).one().answers["risks"]


def test_a_list_is_taken_away_changed_sent_back_looked_at_and_taken_in(database, alva):
    client, task = alva
    assert "Hämta som XLSX" in client.get(f"{task}/tables/risks").get_data(as_text=True)
    book = load_workbook(BytesIO(client.get(f"{task}/tables/risks/sheet.xlsx").data))
    [sheet] = book.worksheets
    assert [cell.value for cell in sheet[1]][:3] == ["Risk", "Slag", "Värde"]
    assert [cell.value for cell in sheet[2]][:3] == ["El borta", "Natur", 9]
    asked = sheet.data_validations.dataValidation
    assert [str(one.sqref) for one in asked] == ["B2:B501", "D2:D501"]
    sheet["C2"] = 10
    sheet.delete_rows(3)
    for row in range(3, 203):
        sheet.cell(row, 1).value = f"Risk {row}"
        sheet.cell(row, 2).value = "Annat"
        sheet.cell(row, 3).value = 99 if row == 3 else 1
    sheet["A4"].value, sheet["A4"].data_type = "=cmd()", "s"
    content = BytesIO()
    book.save(content)
    answer = client.post(
        f"{task}/tables/risks",
        {"file": (BytesIO(content.getvalue()), "risker.xlsx")},
        content_type="multipart/form-data",
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Risk 3: Värde" in page  # 99 is more than 25
    assert len(_rows(database)) == 2  # nothing happens before it is taken in
    posted = _hidden(page)
    taken = client.post(f"{task}/tables/risks/draft", posted)
    assert taken.status_code == 302
    rows = _rows(database)
    assert len(rows) == 201
    assert rows[0] == {"title": "El borta", "kind": "nature", "value": "10", "lead": ""}
    assert rows[2]["title"] == "=cmd()"
    shown = client.get(taken.location).get_data(as_text=True)
    assert "Det finns 201 rader" in shown
    assert client.post(f"{task}/tables/risks/draft", posted).status_code == 409


def _hidden(page):
    """The hidden inputs of the form that takes the rows in."""
    form = page[page.index("/tables/risks/draft") :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="(.*?)">', form, re.DOTALL)
    return {name: html.unescape(value) for name, value in found if name != "csrf_token"}


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (None, "Välj en fil först"),
        ((b"%PDF-1.4", "a.xlsx"), "inte gå"),
        ((b"x;y\n1;2", "a.csv"), "rubriker"),
    ],
)
def test_a_file_that_is_no_such_table_is_told_of(database, alva, file, told):
    client, task = alva
    data = {"file": (BytesIO(file[0]), file[1])} if file else {}
    answer = client.post(f"{task}/tables/risks", data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert len(_rows(database)) == 2


@pytest.mark.parametrize("name", ["text", "none", "risks-0"])
def test_there_is_a_sheet_of_lists_only(alva, name):
    client, task = alva
    assert client.get(f"{task}/tables/{name}").status_code == 404


def test_rows_are_pasted_moved_and_undone_by_plain_posts(database, alva):
    client, task = alva
    posted = {"seen": "1", "risks": ["0", "1"], "risks-0-title": "a", "risks-1-title": "b"}
    text = "\n".join(f"Risk {n}\tNatur\t3" for n in range(300))
    pasted = client.post(
        f"{task}/draft", posted | {"row": "paste-risks-1-title", "paste:risks": text}
    )
    assert pasted.location.endswith("?row=paste-risks-1#f-risks")
    rows = _rows(database)
    assert (len(rows), rows[0]["title"], rows[300]) == (
        301, "a", {"title": "Risk 299", "kind": "nature", "value": "3"}
    )  # fmt: skip
    moved = client.post(f"{task}/draft", posted | {"seen": "2", "row": "down-risks-0"})
    assert moved.location.endswith("?row=down-risks-1#up-risks-1")
    assert [row["title"] for row in _rows(database)] == ["b", "a"]
    removed = client.post(f"{task}/draft", posted | {"seen": "3", "row": "remove-risks-0"})
    page = client.get(removed.location).get_data(as_text=True)
    assert "Raden är borttagen" in page
    undo = '{"at":0,"row":{"title":"a"}}'
    back = {"seen": "4", "risks": "0", "risks-0-title": "b", "undo:risks": undo}
    client.post(f"{task}/draft", back | {"row": "undo-risks"})
    assert [row["title"] for row in _rows(database)] == ["a", "b"]
    again = client.post(
        f"{task}/draft",
        posted | {"seen": "5", "row": "paste-risks", "paste:risks": "x\n" * 501},
    )
    assert again.status_code == 422
