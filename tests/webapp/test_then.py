"""How it stood at a moment: a case, the overview, a register and the roles, as pages tell it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from workflows.history.guards import lifted
from workflows.history.models import Event
from workflows.history.rows import record_run
from workflows.operations import cases, mandates, people, publishing, stating, tasks
from workflows.operations.mandates import Terms
from workflows.organisation.models import Unit, UnitKind
from workflows.organisation.rows import Grant
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries.rights_then import folded
from workflows.tasks.models import Task

DONE = NOON + timedelta(days=10)


@pytest.fixture(autouse=True)
def letter(session, city):
    """A letter in Farsta: begun, ten days later written, ten days later taken by Bo."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    case = cases.start(
        session, find(session, "letter"), city.units["FARSTA"], 2027, by=SYSTEM, now=NOON
    )
    wanted = sa.select(Task.id).where(Task.case_id == case.id, Task.closed_at.is_(None))
    alva, bo = city.actor("Alva"), city.actor("Bo")
    task = case_queries.task(session, session.scalars(wanted).one(), by=alva, to_change=True)
    tasks.complete(session, task, {"text": "Gårdagens ord"}, command="1", by=alva, now=DONE)
    task = case_queries.task(session, session.scalars(wanted).one(), by=bo, to_change=True)
    tasks.claim(session, task, by=bo, now=DONE + timedelta(days=10))
    session.commit()
    return case


def seen(client, case, at):
    answer = client.get(f"/then/cases/{case.id}", query_string={"at": at})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("at", "there", "not_there"),
    [
        ("2027-03-02T13:00", ["Skriv brevet", "Öppen"], ["Gårdagens ord", "Godkänn brevet"]),
        ("2027-03-12", ["Gårdagens ord", "Klar", "Godkänn brevet", "Ingen än"], [">Bo<"]),
        ("2027-04-01", ["Försenad", "Bo"], ["Ingen än"]),
        ("2027-03-01", ["Det hade inte börjat: det började tis 2 mar 2027"], ["Skriv brevet"]),
    ],
)
def test_a_case_is_shown_as_it_stood(client_for, letter, at, there, not_there):
    page = seen(client_for("Frida"), letter, at)
    assert [text for text in there if text not in page] == []
    assert [text for text in not_there if text in page] == []


def test_the_slider_leads_to_a_moment_that_stands_in_the_address(client_for, letter):
    client = client_for("Frida")
    answer = client.get(f"/then/cases/{letter.id}?n=2")
    assert answer.location.endswith("at=2027-03-12T12:00:00%2B00:00")
    assert "Efter 2 av de 3 gånger" in client.get(answer.location).text
    assert client.get(f"/then/cases/{letter.id}?n=9").status_code == 400
    assert client.get(f"/then/cases/{letter.id}?at=igår").status_code == 400


def test_what_history_does_not_tell_is_not_made_up(client_for, letter, session):
    """As events were before version 0.5, and as a purge leaves them."""
    for what in ('{"data":{},"opened":[],"process":"letter","version":1}', None):
        begun = sa.update(Event).where(Event.kind == "case_started")
        with lifted(session.connection()):
            session.execute(begun.values(what=what))
        session.commit()
        page = seen(client_for("Frida"), letter, "2027-04-01")
        assert "Det går inte att visa hur det såg ut då" in page
        assert "Skriv brevet</th>" not in page
        matrix = client_for("Frida").get("/then/overview?process=letter&year=2027&at=2027-04-01")
        assert "1 ärende går inte att visa" in matrix.text


def test_a_case_of_an_older_program_is_shown_from_when_it_was_written_down(
    client_for, letter, session
):
    with lifted(session.connection()):
        begun = sa.update(Event).where(Event.kind == "case_started")
        session.execute(begun.values(what='{"data":{},"process":"letter","version":1}'))
    assert stating.untold(session) == [letter.id]
    stating.state(session, letter.id, by=SYSTEM, now=DONE + timedelta(days=40))
    assert stating.untold(session) == []
    session.commit()
    page = seen(client_for("Frida"), letter, "2027-04-01")
    assert "Det går inte att visa hur det såg ut då" in page
    page = seen(client_for("Frida"), letter, "2027-05-01")
    assert "Gårdagens ord" in page
    assert "Försenad" in page


@pytest.mark.parametrize(
    ("at", "letters"), [("2027-03-02T13:00", "P·"), ("2027-03-12", "KP"), ("2027-04-01", "KI")]
)
def test_the_overview_is_shown_as_it_stood(client_for, at, letters):
    page = client_for("Frida").get(f"/then/overview?process=letter&year=2027&at={at}").text
    row = page[page.index("Farsta stadsdelsnämnd") :].split("</tr>")[0]
    assert [cell[0] for cell in row.split('<span aria-hidden="true">')[1:]] == list(letters)


def test_roles_are_shown_as_they_were_and_who_could_read(client_for, city, session, letter):
    egil, jon = city.actor("Egil"), city.people["Jon"]
    given = people.give_role(
        session, Grant("director", city.units["FARSTA"].id, person_id=jon.id), by=egil, now=NOON
    )
    people.end_role(session, given, by=egil, now=DONE)
    what = {"person": city.people["Bo"].id, "role": "director", "from_on": "2027-01-01"}
    record_run(session, [("role_given", city.units["FARSTA"].id, what)], by=SYSTEM, now=NOON)
    terms = Terms(date(2027, 3, 18), date(2027, 3, 19), why="Granskning")
    mandates.give(session, jon, terms, by=egil, now=NOON)
    session.commit()
    client = client_for("Frida")

    def page(at):
        return client.get("/then/roles", query_string={"at": at, "case": letter.key.lower()}).text

    assert "Jon" in page("2027-03-05").split("Vem som kunde läsa")[1].split("</section>")[0]
    assert "Jon" not in page("2027-03-20").split("</header>")[1]
    assert "<li>Revisor för en tid</li>" in page("2027-03-18")
    assert "Bo" in page("2027-03-20")
    assert "Ingen hade någon roll här då" in page("2027-03-01")


def test_an_earlier_release_is_followed_too(session, city):
    """An ending that names its holding ends what was given when events did not."""
    bo, unit = city.people["Bo"].id, city.units["FARSTA"].id
    told = {"person": bo, "role": "director", "from_on": "2027-01-01"}
    changed = {"changed": {"to_on": {"old": None, "new": "2027-03-04"}}, "to_on": "2027-03-04"}
    events = [("role_given", unit, told), ("role_ended", unit, told | changed | {"id": 77})]
    record_run(session, events, by=SYSTEM, now=NOON)
    kinds = ("role_given", "role_ended")
    found = folded(session.scalars(sa.select(Event).where(Event.kind.in_(kinds))))
    assert [one.to_on.isoformat() for one in found.given.values()] == ["2027-03-04"]
    assert found.held(datetime(2027, 3, 4, tzinfo=UTC).date()).keys() == {bo}
    assert found.held(datetime(2027, 3, 5, tzinfo=UTC).date()) == {}


def test_a_case_of_a_unit_without_a_row_is_left_out_of_the_overview(client_for, session, city):
    unit = Unit(code="F1", name="Enhet 1", sort_key="e", kind=UnitKind.SECTION,
                parent_id=city.units["FARSTA"].id)  # fmt: skip
    session.add(unit)
    session.flush()
    cases.start(session, find(session, "letter"), unit, 2027, by=SYSTEM, now=NOON)
    session.commit()
    page = client_for("Frida").get("/then/overview?process=letter&year=2027&at=2027-03-12")
    assert (page.status_code, "Enhet 1" in page.text) == (200, False)
