"""The page on which a unit chooses how much its forms ask."""

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.packages import listing
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.tasks.models import Task


@pytest.fixture
def places(session, city):
    """The task of a case in Farsta, and the pages of the levels of Farsta and the city."""
    publishing.publish(session, listing(), by=SYSTEM, now=NOON)
    process = find(session, "listing")
    cases.start(session, process, city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
    task_id = session.scalars(sa.select(Task.id)).one()
    session.commit()
    pages = [f"/units/{city.units[code].id}/forms" for code in ("FARSTA", "STAD")]
    return f"/tasks/{task_id}", *pages, f"level-{process.id}"


def test_more_is_asked_when_a_unit_or_the_city_says_so(places, client_for):
    task, farsta, stad, name = places
    alva, disa = client_for("Alva"), client_for("Disa")
    assert f'href="{farsta}"' in alva.get(task).get_data(as_text=True)
    assert "Minsta" in alva.get(farsta).get_data(as_text=True)
    alva.post(f"{task}/draft", {"seen": "0", "row": "add-risks"})
    assert "risks-0-deep" not in alva.get(task).get_data(as_text=True)
    assert alva.post(farsta, {name: "full"}).status_code == 302
    assert "risks-0-deep" in alva.get(task).get_data(as_text=True)
    assert disa.post(stad, {name: "standard"}).status_code == 302
    page = alva.get(farsta).get_data(as_text=True)
    assert "Staden kräver minst ”vanlig”" in page
    assert page.count("disabled") == 1
    refused = alva.post(farsta, {name: "min"})
    assert refused.status_code == 422
    assert "minst nivån ”vanlig”" in refused.get_data(as_text=True)
    assert alva.post(farsta, {name: "none"}).status_code == 422
    assert alva.get(stad).status_code in (403, 404)
    assert alva.get("/units/999999/forms").status_code == 404
