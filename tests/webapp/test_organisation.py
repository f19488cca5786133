import csv
from io import BytesIO, StringIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from workflows.history.models import Event
from workflows.organisation.models import Holding, OrganisationImport, Person, Unit

PAGES = (
    "/admin/", "/admin/units/new", "/admin/units/{farsta}", "/admin/people", "/admin/people.csv",
    "/admin/people.xlsx", "/admin/people/new", "/admin/people/{bo}", "/admin/role-check",
    "/admin/import",
)  # fmt: skip


@pytest.fixture
def egil(client_for):
    return client_for("Egil")


@pytest.fixture
def ids(city):
    return {"farsta": city.units["FARSTA"].id, "bo": city.people["Bo"].id}


def _count(database, table):
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table))


@pytest.mark.parametrize("path", PAGES)
def test_an_administrator_sees_every_page_and_nobody_else_does(client_for, ids, path):
    assert client_for("Egil").get(path.format(**ids)).status_code == 200
    assert client_for("Alva").get(path.format(**ids)).status_code in (403, 404)


def test_a_person_is_added_given_a_role_closed_and_opened_again(egil, ids, database):
    answer = egil.post("/admin/people", {"name": "Åsa Öst", "email": "Asa@example.test"})
    assert answer.status_code == 302
    page = answer.location
    given = {
        "role": "controller", "unit_id": ids["farsta"], "person_id": page.rsplit("/", 1)[-1],
    }  # fmt: skip
    assert egil.post("/admin/roles", given).status_code == 302
    assert "asa@example.test" in egil.get(page).text
    assert egil.post(page + "/closing").status_code == 302
    assert egil.post(page + "/closing").status_code == 409
    assert egil.post(page + "/reopening").status_code == 302
    with database.reading() as session:
        kinds = session.scalars(sa.select(Event.kind).order_by(Event.id)).all()
    assert kinds[-5:] == [
        "person_added", "role_given", "role_ended", "person_closed", "person_reopened",
    ]  # fmt: skip


def test_what_is_wrong_is_shown_beside_the_field_with_all_that_was_typed(egil, ids, database):
    before = _count(database, Person)
    answer = egil.post("/admin/people", {"name": "Åsa", "email": "bo@example.test"})
    assert answer.status_code == 422
    assert 'id="e-email"' in answer.text
    assert 'value="Åsa"' in answer.text
    assert _count(database, Person) == before
    bad_day = {"name": "X", "code": "X", "kind": "office", "valid_to": "i morgon"}
    answer = egil.post("/admin/units", bad_day)
    assert answer.status_code == 422
    assert 'id="e-valid_to"' in answer.text
    shared = {"role": "dpo", "unit_id": ids["farsta"], "same_as_role": "dpo",
              "same_as_unit_id": ids["farsta"]}  # fmt: skip
    assert egil.post("/admin/roles", shared).status_code == 422


def test_a_page_that_was_open_too_long_overwrites_nothing(egil, ids, database):
    path = f"/admin/units/{ids['farsta']}"
    said = {"name": "Ett", "code": "FARSTA", "kind": "district_board", "seen": "1"}
    assert egil.post(path, said).status_code == 302
    assert egil.post(path, said | {"name": "Två"}).status_code == 409
    with database.reading() as session:
        assert session.get(Unit, ids["farsta"]).name == "Ett"


def test_what_does_not_exist_is_not_found(egil):
    for path in (
        "/admin/units/999",
        "/admin/people/999",
        "/admin/import/none",
        "/admin/people.doc",
    ):
        assert egil.get(path).status_code == 404
    assert egil.post("/admin/roles/999/ending").status_code == 404
    assert egil.get("/admin/people?unit=x").status_code == 400
    assert egil.get("/admin/people?state=gone").status_code == 400


def test_the_list_is_searched_filtered_and_taken_away_as_it_is_shown(egil, ids, database):
    egil.post("/admin/people", {"name": "=HYPERLINK(1)", "email": "x@example.test"})
    page = egil.get("/admin/people?text=al").text
    assert "Alva" in page
    assert "Anton" not in page
    assert "Bo<" in egil.get(f"/admin/people?unit={ids['farsta']}&role=director").text
    answer = egil.get("/admin/people.csv?text=hyper")
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)"]
    sheet = load_workbook(BytesIO(egil.get("/admin/people.xlsx?text=hyper").data)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=HYPERLINK(1)", "s")
    with database.reading() as session:
        kinds = session.scalars(sa.select(Event.kind).order_by(Event.id)).all()
    assert kinds[-2:] == ["exported", "exported"]


def _send(client, **files):
    sent = [(BytesIO(text.encode()), f"{name}.csv") for name, text in files.items()]
    return client.post("/admin/import", {"files": sent}, content_type="multipart/form-data")


def test_a_file_is_looked_at_before_it_changes_anything(egil, client_for, database):
    before = _count(database, Person)
    answer = _send(
        egil,
        people="e-post;namn;enhet\nny@example.test;Ny Person;FARSTA\n",
        roles="e-post;roll;enhet\nny@example.test;controller;FARSTA\n",
    )
    assert answer.status_code == 302
    page = egil.get(answer.location)
    assert "ny@example.test" in page.text
    assert _count(database, Person) == before
    assert client_for("Alva").get(answer.location).status_code == 403
    seen = page.text.split('name="seen" value="')[1].split('"')[0]
    assert egil.post(answer.location + "/application", {"seen": "x"}).status_code == 409
    assert egil.post(answer.location + "/application", {"seen": seen}).status_code == 302
    assert _count(database, Person) == before + 1
    assert egil.post(answer.location + "/application", {"seen": seen}).status_code == 404


def test_a_file_that_cannot_be_read_says_where(egil, database):
    answer = _send(egil, people="e-post;namn\nfel;\n", roles="roll;enhet;från\na;b;31/2 2027\n")
    assert answer.status_code == 422
    assert "31/2 2027" in answer.text
    assert _send(egil).status_code == 422
    assert _count(database, OrganisationImport) == 0
    assert _count(database, Holding) == 9
