"""The page where a year is rehearsed for one unit; nothing of it is kept."""

import re

import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from webapp.workload_page import PITCH
from workflows.cases.models import Case
from workflows.history.models import Event
from workflows.operations import publishing


def test_a_process_owner_rehearses_a_year_of_a_unit(session, database, client_for, city):
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    session.commit()
    client = client_for("Gun")
    assert 'href="/rehearsal/"' in client.get("/processes/").text
    page = client.get("/rehearsal/").text
    unit = re.search(r'value="(\d+)">Farsta', page)[1]
    before = _count(database)
    page = client.post("/rehearsal/", {"year": "2027", "unit": unit}).text
    assert "Skriva brev" in page
    assert "Förfaller varje vecka" in page
    assert f'viewBox="-34 -34 {52 * PITCH + 40} ' in page  # weeks of 2027
    assert '<rect class="weeks__bar is-open"' in page
    assert _count(database) == before


def test_what_cannot_be_rehearsed_is_refused(client_for, city):
    client = client_for("Disa")
    unit = str(city.units["FARSTA"].id)
    for year, which in (("x", unit), ("3027", unit), ("2027", ""), ("2027", "9" * 30)):
        assert client.post("/rehearsal/", {"year": year, "unit": which}).status_code == 400
    assert client.post("/rehearsal/", {"year": "2027", "unit": "99999"}).status_code == 404


def _count(database):
    with database.reading() as session:
        return [session.scalar(sa.select(sa.func.count(one.id))) for one in (Case, Event)]
