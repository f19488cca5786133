import re

import pytest

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.operations.test_migrations import FIRST, RENAMED, changed, publish, start
from workflows.cases.models import Case
from workflows.operations import publishing
from workflows.work import run_due


@pytest.fixture
def older(session, city):
    """One case on an older version, seen by few, and a secret one of another process."""
    publish(session, FIRST)
    made = start(session, city)
    publish(session, changed(RENAMED, (b'name="Skriv brevet"', b'name="Ny text"')))
    publishing.publish(session, packages.letter("sec", key="secret"), by=SYSTEM, now=NOON)
    session.commit()
    return made


def go(client, answer):
    return client.get(answer.headers["Location"])


def test_a_process_owner_moves_cases_and_takes_them_back(session, database, client_for, older):
    client = client_for("Gun")
    page = client.get("/processes/").text
    assert 'href="/processes/letter/migration"' in page
    page = client.get("/processes/letter/migration").text
    field = re.search(r'name="(is:\d+:write)"', page)[1]
    assert '<option value="compose" selected>' in page
    answer = client.post("/processes/letter/migration", {"which": "all", field: "compose"})
    page = go(client, answer).text
    assert "blir ”Ny text”" in page
    assert re.search(r"11 maj\b.*→.*18 maj\b", page.replace("\xa0", " "))
    here = answer.headers["Location"]
    assert client.post(f"{here}/application").status_code == 302
    assert "0 av 1" in client.get(here).text
    run_due(database, now=NOON)
    page = client.get(here).text
    assert "Flyttat" in page
    assert client.post(f"{here}/cases/{older.id}/reversal").status_code == 302
    session.expire_all()
    assert session.get_one(Case, older.id).version.number == 1
    session.rollback()
    assert client.post(f"{here}/reversal").status_code == 409


def test_only_the_cases_that_were_ticked_are_looked_at(session, city, client_for, older):
    client = client_for("Gun")
    data = {"which": "some", "case": str(older.id + 1)}
    assert client.post("/processes/letter/migration", data).status_code == 409
    data["case"] = str(older.id)
    assert client.post("/processes/letter/migration", data).status_code == 302


def test_many_cases_are_looked_at_by_the_clock_before_they_can_be_moved(
    session, database, city, client_for
):
    first = publish(session, FIRST)
    for number in range(31):
        start(session, city, occasion=str(number))
    publish(session, RENAMED)
    session.commit()
    client = client_for("Gun")
    assert "Alla 31" in client.get("/processes/letter/migration").text
    narrowed = client.get(f"/processes/letter/migration?version={first.id}&step=approve").text
    assert "Alla 0" in narrowed
    answer = client.post("/processes/letter/migration", {"which": "all"})
    here, page = answer.headers["Location"], go(client, answer).text
    assert "0 av 31 ärenden har setts på" in page
    assert 'id="so-far" data-again' in page  # it renews itself until all are seen to
    assert client.post(f"{here}/application").status_code == 409
    run_due(database, now=NOON)
    page = client.get(here).text
    assert "data-again" not in page
    assert "Flytta 31 ärenden" in page


def test_what_was_looked_at_can_be_thrown_away(client_for, older):
    client = client_for("Gun")
    answer = client.post("/processes/letter/migration", {"which": "all"})
    here = answer.headers["Location"]
    assert client.post(f"{here}/discarding").headers["Location"] == "/processes/letter/migration"
    assert client.get(here).status_code == 404


def test_a_mapping_that_cannot_be_is_refused_in_words(client_for, older):
    client = client_for("Gun")
    field = f"is:{older.version_id}:write"
    answer = client.post("/processes/letter/migration", {"which": "all", field: "good"})
    assert answer.status_code == 422
    assert "Ett steg kan inte vara det andra" in answer.text
    answer = client.post("/processes/letter/migration", {"which": "all", "is:x:write": "good"})
    assert answer.status_code == 400


def test_a_secret_case_is_counted_and_not_named(session, city, client_for, older):
    from workflows.operations import cases
    from workflows.processes.rows import find

    package = packages.letter("sec", key="secret")
    cases.start(session, find(session, "secret"), city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
    publish(session, changed(package, (b"T1 - 10wd", b"T1 - 5wd")))
    session.commit()
    client = client_for("Gun")
    page = client.get("/processes/secret/migration").text
    assert "FARSTA" not in page
    assert "Farsta" not in page
    page = go(client, client.post("/processes/secret/migration", {"which": "all"})).text
    assert "Farsta" not in page
    assert "Ett ärende till får du inte se" in page
