"""The pages of a year that ends: what is proposed, what was said, done and taken back; what lies
ahead and how each step went."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.operations.book import Books, book, risk
from tests.webapp.test_overview import letter
from webapp import clock
from workflows import work
from workflows.operations import cases
from workflows.organisation.models import Unit
from workflows.processes.rows import find
from workflows.queries import cases as case_queries
from workflows.queries import last_year, workload
from workflows.registers.models import Entry, EntryState
from workflows.tasks.models import Task

AHEAD = ("/follow-up/workload", "/follow-up/workload/near")
SPRING = NOON.replace(year=2028)


@pytest.fixture
def books(database, session, city, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: SPRING)
    made = Books(database, session, city)
    made.publish(book())
    made.finish(made.list(made.begin(), risk("El borta"), actions=[{"title": "Köp reservkraft"}]))
    return made


def unit(books, code="FARSTA"):
    found = books.session.get_one(Unit, books.city.units[code].id, populate_existing=True)
    books.session.commit()  # who reads holds the right to write
    return found


def years_of_rows(books):
    rows = sa.select(Entry.year).where(Entry.state == EntryState.APPROVED)
    found = books.session.scalars(rows).all()
    books.session.commit()
    return found


def test_a_body_looks_says_carries_over_and_takes_back(books, client_for):
    farsta = unit(books)
    alva, disa = client_for("Alva"), client_for("Disa")
    path = f"/follow-up/year/2027/{farsta.id}"
    assert "year/2027" in disa.get("/calendar/2028").text.replace("?year=", "/")
    assert "Farsta" in alva.get("/follow-up/year?year=2027").text
    assert "Bromma" not in alva.get("/follow-up/year?year=2027").text
    place = alva.post(f"{path}/carrying").location
    page = alva.get(place).text
    assert "Köp reservkraft" in page
    assert "El borta" in page
    field = re.search(r'name="verdict-(\d+)"', page)[1]
    wrong = alva.post(place, {f"verdict-{field}": "dropped", "do": "apply"})
    assert wrong.status_code == 422
    assert 'value="dropped" selected' in wrong.text
    why = {f"verdict-{field}": "dropped", f"why-{field}": "Ersatt", "do": "apply"}
    assert alva.post(place, why).location == place
    assert "Ersatt" in alva.get(place).text
    assert alva.post(place, why).status_code == 409
    assert years_of_rows(books) == [2028]
    assert alva.post(f"{place}/undoing", {"why": "Fel"}).status_code == 403
    assert disa.post(f"{place}/undoing", {"why": "Fel"}).location == path
    assert years_of_rows(books) == [2027, 2027]


def test_central_security_opens_closes_and_merges(books, client_for):
    farsta, bromma, disa = unit(books), unit(books, "BROMMA"), client_for("Disa")
    path = f"/follow-up/year/2027/{farsta.id}"
    preview = "/follow-up/year/2027/rehearsal"
    page = disa.get(preview).text
    assert ">2</" in re.search(r"Farsta.*?</tr>", page, re.DOTALL)[0]  # its two rows go on
    assert client_for("Jon").get(preview).status_code == 404
    assert years_of_rows(books) == [2027, 2027]
    for _ in range(2):
        assert disa.post("/follow-up/year/2028/opening").status_code == 302
        undo = "/follow-up/year/2028/opening/undoing"
        assert disa.post(undo, {"why": ""}).status_code == 422
        assert disa.post(undo, {"why": "För tidigt"}).status_code == 302
        assert disa.post(undo, {"why": "För tidigt"}).status_code == 409
    assert disa.post("/follow-up/year/2028/opening").status_code == 302
    assert disa.post(f"{path}/freezing").status_code == 409  # not carried over
    disa.post("/follow-up/year/2027/carrying")
    assert "väntar på sin tur" in disa.get("/follow-up/year?year=2027").text.lower()
    work.run_due(books.database, now=SPRING)
    for deed, told in (
        ("freezing", "Låst"), ("thawing", "Lås året"), ("freezing", "Låst"), ("sealing", "Förs"),
    ):  # fmt: skip
        assert disa.post(f"{path}/{deed}", {"why": "Prov"}).location == path
        assert told in disa.get(path).text
    late = f"/follow-up/year/2028/{farsta.id}"
    form = {"on": "2028-06-30", "to": [str(bromma.id)]}
    place = disa.post(f"{late}/merging", form).location
    assert "Bromma" in disa.get(place).text
    disa.post(place, {"do": "apply"})
    assert unit(books).successor_id == bromma.id
    assert "upphör" in disa.get("/follow-up/year?year=2028").text


def test_a_step_stands_beside_its_years_and_on_the_page_of_the_task(session, city, client_for):
    process = letter(session, city, ("FARSTA", 2026), ("BROMMA", 2026), ("FARSTA", 2027))
    farsta, bromma = city.units["FARSTA"], city.units["BROMMA"]
    wanted = sa.select(Task).order_by(Task.id.desc())
    task_id = session.scalars(wanted).first().id
    alva = city.actor("Alva")
    found = last_year.of_task(session, case_queries.task(session, task_id, by=alva))
    session.commit()
    assert (found.year, found.late) == (2026, 3)  # five days, of which two a weekend
    page = client_for("Alva").get(f"/tasks/{task_id}").text
    assert "Förra året:" in page
    assert "3 arbetsdagar sen" in page
    told = last_year.steps(session, process, farsta, None, by=alva)
    assert [(one[0], list(one[2])) for one in told.rows] == [("write", [2026])]
    assert told.rows[0][2][2026][0].roles == ("security_coordinator",)
    session.get_one(Unit, farsta.id).successor_id = bromma.id  # merged: both are told
    session.commit()
    told = last_year.steps(session, process, session.get_one(Unit, bromma.id), None, by=SYSTEM)
    session.commit()
    assert told.units[farsta.id] == farsta.name
    assert len(told.rows[0][2][2026]) == 1
    text = client_for("Cleo").get(f"/follow-up/steps?unit={bromma.id}&process=letter").text
    assert farsta.name in text
    assert "<svg" in text


def test_what_lies_ahead_is_counted_by_role_and_week_and_warned_of(
    session, city, client_for, monkeypatch
):
    letter(session, city, *(("FARSTA", year) for year in (2026, 2027)))
    process = find(session, "letter")
    for number in range(3):
        cases.start(
            session, process, city.units["FARSTA"], 2027, occasion=f"nr {number}",
            by=SYSTEM, now=NOON,
        )  # fmt: skip
    session.commit()
    found = workload.ahead(session, by=city.actor("Disa"), now=NOON)
    week = {(one.role, one.monday.isoformat()): one for one in found.loads}
    load = week["security_coordinator", "2027-05-10"]
    assert (load.open, load.people, load.before) == (4, 2, "")
    assert {one.role for one in found.loads if one.expected} == {"director"}
    assert found.last.isoformat() == "2027-08-31"
    assert workload.ahead(session, by=city.actor("Jon"), now=NOON).loads == ()
    assert [(one.role, one.due, one.before) for one in found.warnings] == [("director", 4, "T1")]
    near = workload.ahead(session, weeks=4, by=SYSTEM, now=NOON + timedelta(weeks=8))
    assert {one.due for one in near.loads}
    assert len(near.mondays) == 4
    session.commit()
    assert "<svg" in client_for("Alva").get("/follow-up/workload").text
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(weeks=8))
    assert "/follow-up/workload/near" in client_for("Disa").get("/").text
    assert 'id="too-much"' in client_for("Disa").get("/follow-up/workload/near").text


def test_the_pages_cost_few_statements(books, database, client_for):
    disa, statements = client_for("Disa"), []
    farsta = unit(books)
    place = disa.post(f"/follow-up/year/2027/{farsta.id}/carrying").location
    listen = (database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    sa.event.listen(*listen)
    try:
        rehearsal = "/follow-up/year/2027/rehearsal"
        pages = ("/follow-up/year?year=2027", rehearsal, place)
        for path in (*pages, *AHEAD, "/follow-up/steps"):
            statements.clear()
            assert disa.get(path).status_code == 200
            assert len(statements) <= 25, path
    finally:
        sa.event.remove(*listen)
