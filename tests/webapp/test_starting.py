"""Starting a case by hand, as a coordinator does when something happens."""

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.cases.models import Case
from workflows.operations import publishing
from workflows.processes.rows import find


@pytest.fixture(autouse=True)
def ids(session, city):
    """Two processes, one of them secret; the ids of all that can be chosen."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    publishing.publish(session, packages.letter("sec", key="hidden"), by=SYSTEM, now=NOON)
    found = {key: find(session, key).id for key in ("letter", "hidden")}
    found |= {code: unit.id for code, unit in city.units.items()}
    session.commit()  # whoever writes holds the one turn to write
    return found


def _post(client, ids, process="letter", unit="FARSTA", **more):
    given = {"process": ids[process], "unit": ids[unit], "year": "2027"} | more
    return client.post("/cases", data=given)


def _cases(database):
    with database.reading() as session:
        return [tuple(row) for row in session.execute(sa.select(Case.key, Case.occasion))]


def test_a_coordinator_starts_one_for_their_unit_and_comes_to_its_page(client_for, ids, database):
    client = client_for("Alva")
    page = client.get("/cases/new").text
    assert "Farsta" in page
    assert "Bromma" not in page
    answer = _post(client, ids, occasion="  vattenläckan   i juni ")
    assert answer.status_code == 302
    assert client.get(answer.location).status_code == 200
    assert _cases(database) == [("LETTER-FARSTA-2027-1", "vattenläckan i juni")]


def test_the_same_one_is_not_started_twice(client_for, ids, database):
    client = client_for("Alva")
    assert [_post(client, ids).status_code for _ in range(2)] == [302, 409]
    assert len(_cases(database)) == 1


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Alva", {"unit": "BROMMA"}),
        ("Alva", {"process": "hidden"}),
        ("Jon", {}),
    ],
)
def test_nothing_is_started_where_one_may_not_or_may_not_see(
    client_for, ids, database, name, given
):
    client = client_for(name)
    assert _post(client, ids, **given).status_code == 404
    assert _cases(database) == []


def test_the_head_of_protective_security_starts_what_is_secret(client_for, ids, database):
    client = client_for("Hedda")
    assert 'href="/cases/new"' in client.get("/tasks/").text
    answer = _post(client, ids, "hidden")
    assert client.get(answer.location).status_code == 200
    assert len(_cases(database)) == 1


def test_who_can_start_nothing_is_told_so(client_for):
    assert '<form class="stack read"' not in client_for("Jon").get("/cases/new").text
