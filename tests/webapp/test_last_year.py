"""Last year beside this year over HTTP: brought along, and read by whoever reviews the step."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.packages import listing
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.tasks.models import Draft, Task


@pytest.fixture
def task(session, city):
    """The first step of Farsta's case of 2027; that of 2026 had two risks and a method."""
    publishing.publish(session, listing(), by=SYSTEM, now=NOON)
    process = find(session, "listing")
    last = {
        "text": "**Workshop**",
        "risks": [{"title": "El borta", "value": 9}, {"title": "Brand"}],
    }
    for year, data in ((2026, last), (2027, {})):
        now = NOON + timedelta(days=year - 2027)
        farsta = city.units["FARSTA"]
        case = cases.start(session, process, farsta, year, data=data, by=SYSTEM, now=now)
    task_id = session.scalars(sa.select(Task.id).where(Task.case_id == case.id)).one()
    session.commit()
    return f"/tasks/{task_id}"


def test_the_reviewer_reads_what_became_of_last_year(database, task, client_for):
    alva, bo = client_for("Alva"), client_for("Bo")
    page = alva.get(task).get_data(as_text=True)
    assert "2 rader från 2026 är inte med här" in page
    assert "Svara likadant" in page
    alva.post(f"{task}/draft", {"seen": "0", "row": "bring-text"})
    alva.post(f"{task}/draft", {"seen": "1", "text": "Annan", "row": "bring-risks-0"})
    with database.reading() as session:
        kept = session.scalars(sa.select(Draft)).one().answers
    assert kept["risks"] == [{"title": "El borta", "value": "9", "_was": "el borta"}]
    row = {"risks": "0", "risks-0-title": "El borta länge", "risks-0-_was": "el borta"}
    done = {"text": "Annan", "risks-0-value": "9", "command": "c", "seen": "2"} | row
    refused = alva.post(f"{task}/completion", done)
    assert refused.status_code == 422
    assert "”Brand” fanns med 2026" in refused.get_data(as_text=True)
    answer = alva.post(f"{task}/completion", done | {"why:gone:risks": "Huset är rivet."})
    assert answer.status_code == 302
    with database.reading() as session:
        review = session.scalars(sa.select(Task.id).where(Task.element == "approve")).one()
    page = bo.get(f"/tasks/{review}").get_data(as_text=True)
    assert "Huset är rivet." in page
    assert "Vad som har ändrats sedan förra gången" in page
    assert "Oförändrade: 0. Ändrade: 1 (”El borta länge”). Nya: 0. Utgår: 1 (”Brand”)." in page


@pytest.mark.parametrize(
    "posted",
    [
        {"row": "bring-none"},
        {"row": "bring-text-x"},
        {"row": "paste-text"},
        {"row": "undo-text"},
        {"undo:risks": "[]"},
        {"undo:risks": "{"},
        {"undo:text": '{"rows": []}'},
        {"paste:none": "a"},
        {"why:gone:text": "x"},
    ],
)
def test_a_button_that_is_not_there_is_refused(task, client_for, posted):
    answer = client_for("Alva").post(f"{task}/draft", {"seen": "0"} | posted)
    assert answer.status_code == 422
