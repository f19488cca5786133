import io
import re
from datetime import date

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.webapp.pages import hidden
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.steering.models import MeetingRow, MilestoneRow, Replanning
from workflows.tasks.models import Task


@pytest.fixture
def letter(database, city):
    with database.writing() as session, session.begin():
        publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
        process, farsta = find(session, "letter"), city.units["FARSTA"]
        case = cases.start(session, process, session.merge(farsta), 2027, by=SYSTEM, now=NOON)
        return case.id


def due(database):
    with database.reading() as session:
        return session.scalars(sa.select(Task.due_at)).one().date()


def of(city, unit):
    return {"unit": city.units[unit].id}


def move_t1(client, on="2027-05-27", **more):
    data = {"state": "dated", "on": on} | more
    return client.post("/calendar/2027/milestones/T1", data)


def test_the_room_leads_to_this_year_of_ones_own_unit(client_for, city):
    assert re.fullmatch(r"/calendar/20\d\d", client_for("Jon").get("/calendar/").location)
    own = client_for("Alva").get("/calendar/").location
    assert own.endswith(f"?unit={city.units['FARSTA'].id}")


def test_a_year_with_a_date_of_ones_own_is_not_called_made_by_rule_alone(client_for, city):
    alva, farsta = client_for("Alva"), city.units["FARSTA"].id
    assert "Ingen har satt året" in alva.get(f"/calendar/2027?unit={farsta}").text
    move_t1(alva, unit=farsta)
    assert "Ingen har satt året" not in alva.get(f"/calendar/2027?unit={farsta}").text
    assert "Ingen har satt året" in alva.get("/calendar/2027").text


def test_everybody_reads_the_year_with_each_dates_source_and_state(client_for):
    page = client_for("Jon").get("/calendar/2027").text
    assert "Tis 25 maj 2027" in page
    assert "Lag: KL 11:20" in page
    assert "Stadens program" in page
    assert "preliminär" in page
    assert "/calendar/2027/milestones/T1" not in page


def test_the_year_is_told_in_english_too(client_for):
    client = client_for("Jon")
    client.post("/preferences/language", {"language": "en"})
    page = client.get("/calendar/2027").text
    assert "Nobody has set the year" in page
    assert "Tue 25 May 2027" in page


def test_a_change_is_shown_with_what_moves_then_given_a_reason_and_made(
    client_for, database, letter
):
    client = client_for("Disa")
    shown = move_t1(client)
    assert shown.status_code == 302
    page = client.get(shown.location)
    assert "Tis 11 maj 2027" in page.text
    assert "Tors 13 maj 2027" in page.text or "Tor 13 maj 2027" in page.text
    assert "Farsta stadsdelsnämnd" in page.text
    assert due(database) == date(2027, 5, 11)
    action = f"{shown.location}/application"
    hidden(page, action)
    assert client.post(action, {"why": "  "}).status_code == 422
    made = client.post(action, {"why": "Nämnden bytte dag"})
    assert made.location.startswith("/calendar/2027?unit=")
    assert due(database) == date(2027, 5, 13)
    assert "Nämnden bytte dag" in client.get(made.location).text


def test_a_made_change_is_undone_by_another(client_for, database, letter):
    client = client_for("Disa")
    shown = move_t1(client).location
    client.post(f"{shown}/application", {"why": "x"})
    back = client.post(f"{shown}/undoing").location
    client.post(f"{back}/application", {"why": "Fel dag"})
    assert due(database) == date(2027, 5, 11)


def test_a_change_looked_at_can_be_thrown_away(client_for, database, letter):
    client = client_for("Disa")
    shown = move_t1(client).location
    client.post(f"{shown}/discarding")
    assert client.get(shown).status_code == 404


def test_a_change_that_moves_nothing_is_made_at_once(client_for, database):
    made = move_t1(client_for("Disa"), confirmed="true")
    assert made.location.startswith("/calendar/2027?unit=")
    with database.reading() as session:
        row = session.scalars(sa.select(MilestoneRow).where(MilestoneRow.code == "T1")).one()
        assert (row.on, row.confirmed) == (date(2027, 5, 27), True)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"state": "dated", "on": "2027-12-24"}, "T1"),
        ({"state": "dated", "on": ""}, "datum saknas"),
        ({"state": "dated", "on": "27/5"}, "datum saknas"),
        ({"state": "dated", "on": "2027-05-25"}, "inget att ändra"),
    ],
)
def test_a_date_that_cannot_be_right_is_told_and_nothing_changes(client_for, database, data, words):
    answer = client_for("Disa").post("/calendar/2027/milestones/T1", data)
    assert answer.status_code == 422
    assert words in answer.text.casefold() or words in answer.text
    with database.reading() as session:
        assert session.scalars(sa.select(Replanning.id)).all() == []


@pytest.mark.parametrize("name", ["Alva", "Bo", "Jon", "Gun"])
def test_those_who_do_not_keep_the_citys_calendar_are_refused(client_for, name):
    client = client_for(name)
    assert move_t1(client).status_code == 403
    assert client.get("/calendar/2027/milestones/T1").status_code == 403


def test_a_coordinator_sets_the_units_own_date_and_goes_back_to_the_citys(
    client_for, city, database, letter
):
    client = client_for("Alva")
    shown = move_t1(client, **of(city, "FARSTA")).location
    client.post(f"{shown}/application", {"why": "x"})
    unit = city.units["FARSTA"].id
    assert "eget datum" in client.get(f"/calendar/2027?unit={unit}").text
    back = client.post("/calendar/2027/milestones/T1/city-date", of(city, "FARSTA")).location
    client.post(f"{back}/application", {"why": "x"})
    assert due(database) == date(2027, 5, 11)


def test_a_legal_date_has_no_form(client_for):
    client = client_for("Disa")
    assert "AR_SUBMIT/confirmation" not in client.get("/calendar/2027").text
    answer = client.post("/calendar/2027/milestones/AR_SUBMIT", {"state": "absent"})
    assert answer.status_code == 403
    assert "Datumet är fast" in answer.text


def test_meetings_are_typed_changed_and_taken_away(client_for, city, database):
    client, unit = client_for("Alva"), of(city, "FARSTA")
    client.post("/calendar/2027/meetings/new", {"on": "2027-05-20"} | unit)
    again = client.post("/calendar/2027/meetings/new", {"on": "2027-05-20"} | unit)
    assert again.status_code == 422
    client.post(
        "/calendar/2027/meetings/2027-05-20",
        {"on": "2027-05-21", "draft_stop": "2027-04-27"} | unit,
    )
    with database.reading() as session:
        (row,) = session.scalars(sa.select(MeetingRow)).all()
        assert (row.on, row.draft_stop) == (date(2027, 5, 21), date(2027, 4, 27))
    client.post("/calendar/2027/meetings/2027-05-21/cancellation", unit)
    with database.reading() as session:
        assert session.scalars(sa.select(MeetingRow)).all() == []


def test_meetings_are_read_from_a_file(client_for, city, database):
    content = "datum;manusstopp\n2027-05-20;2027-04-27\n2027-09-16;\n"
    assert send(client_for("Alva"), city, content).status_code == 302
    with database.reading() as session:
        assert len(session.scalars(sa.select(MeetingRow)).all()) == 2


def test_a_file_with_two_ways_of_writing_dates_is_told_row_by_row(client_for, city, database):
    answer = send(client_for("Alva"), city, "datum\n2027-05-20\n16/9 2027\n")
    assert answer.status_code == 422
    assert "Rad 3" in answer.text
    with database.reading() as session:
        assert session.scalars(sa.select(MeetingRow)).all() == []


def send(client, city, content):
    data = of(city, "FARSTA") | {"file": (io.BytesIO(content.encode()), "möten.csv")}
    return client.post("/calendar/2027/meetings/file", data, content_type="multipart/form-data")


def test_a_day_is_closed_and_opened_again(client_for, database, letter):
    client = client_for("Disa")
    data = {"on": "2027-05-18", "name": "Kompetensdag"}
    shown = client.post("/calendar/2027/closed-days", data).location
    client.post(f"{shown}/application", {"why": "x"})
    assert due(database) == date(2027, 5, 10)
    assert "Kompetensdag" in client.get("/calendar/2027").text
    back = client.post("/calendar/2027/closed-days/2027-05-18/opening").location
    client.post(f"{back}/application", {"why": "x"})
    assert due(database) == date(2027, 5, 11)


def test_the_quiet_period_is_the_bodys_own(client_for, city):
    client, unit = client_for("Alva"), of(city, "FARSTA")
    page = client.get(f"/calendar/2027/habits?unit={unit['unit']}")
    assert page.status_code == 200
    wrong = {"quiet": "own", "quiet_from": "2027-08-01", "quiet_to": "2027-07-01"} | unit
    assert client.post("/calendar/2027/habits", wrong).status_code == 422
    right = wrong | {"quiet_from": "2027-06-28", "quiet_to": "2027-08-06", "chair_prep": "12"}
    assert client.post("/calendar/2027/habits", right).status_code == 302
    assert "28 jun–6 aug" in client.get(f"/calendar/2027?unit={unit['unit']}").text


def test_a_new_year_is_drafted_with_one_click_and_confirmed_date_by_date(client_for, database):
    client = client_for("Disa")
    client.post("/calendar/2027/draft")
    assert "ingen kalender" in client.get("/calendar/2028").text
    client.post("/calendar/2028/draft")
    client.post("/calendar/2028/milestones/T2/confirmation")
    with database.reading() as session:
        rows = session.scalars(sa.select(MilestoneRow).where(MilestoneRow.year == 2028)).all()
        assert [row.code for row in rows if row.confirmed] == ["T2"]
        assert len(rows) == 18


@pytest.mark.parametrize(
    "path",
    [
        "/calendar/1989", "/calendar/2101", "/calendar/2027?unit=999999",
        "/calendar/2027/milestones/NONE", "/calendar/2027/meetings/2027-05-20",
        "/calendar/2027/meetings/yesterday", "/calendar/changes/9",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client_for, path):
    assert client_for("Disa").get(path).status_code == 404


def test_secret_cases_are_counted_and_not_named(client_for, database, city):
    with database.writing() as session, session.begin():
        publishing.publish(session, packages.letter("sec"), by=SYSTEM, now=NOON)
        process, farsta = find(session, "letter"), session.merge(city.units["FARSTA"])
        cases.start(session, process, farsta, 2027, by=SYSTEM, now=NOON)
    client = client_for("Disa")
    page = client.get(move_t1(client).location).text
    assert "Skriv brevet" not in page
    assert "1 uppgift" in page or "en uppgift" in page.casefold()


def test_the_citys_first_change_of_a_year_shows_only_what_becomes_another_date(client_for, letter):
    disa = client_for("Disa")
    shown = disa.post("/calendar/2027/milestones/T1", {"state": "dated", "on": "2027-05-27"})
    page = disa.get(shown.headers["Location"]).text
    assert "Tis 25 maj 2027" in page
    assert "nämndens verksamhetsplan" not in page
