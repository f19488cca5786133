"""The room of follow-up: what each may see, the draft, what is sealed, and files out."""

import json
from datetime import date

import pytest
import sqlalchemy as sa

from tests.follow_up.shelf import DAY, NOW, YEAR, put
from tests.processes.test_action_followup import REVIEW, UPDATE
from tests.processes.walking import Walk
from webapp import clock
from webapp.cli import main
from workflows.follow_up.report_models import SealedReport
from workflows.history.models import Event
from workflows.registers.models import Marking
from workflows.steering.models import MilestoneRow
from workflows.steering.rows import touch
from workflows.tasks.models import Draft

KEY, T1 = "action_followup", f"/follow-up/FARSTA/{YEAR}/T1"
ACTION = {"title": "Larmlista", "source": "exercise", "responsible": "Samordnare",
          "due": "2027-04-15", "risk_band": "red"}  # fmt: skip
OTHER = ACTION | {"title": "Reservkraft", "due": "2028-05-31"}
TYPED = {"security_paragraph": "Två åtgärder pågår.", "indicators": []}


@pytest.fixture
def begun(session, city, monkeypatch):
    """Farsta's follow-up for T1, with what has been done told, and its report counted."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    farsta = city.units["FARSTA"]
    put(session, farsta, "risk", "Strömavbrott", value=20, band="red", secrecy=Marking.OPEN)
    at = Walk(session, city, KEY).begin(occasion="T1")
    at.do("p10_list", {"as_of": "2027-04-30", "actions": [ACTION, OTHER]}, on=date(2027, 5, 3))
    at.do("p10_upd", UPDATE)
    return at


@pytest.fixture
def walked(begun, session, city):
    """Farsta's follow-up for T1, with the text still to write."""
    begun.do("p10_rev", REVIEW)
    assert all(one.id for one in city.people.values())  # known, so that signing in reads nothing
    session.commit()
    return begun


def statements_of(database, client, path):
    seen = []
    listen = (database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
    sa.event.listen(*listen)
    answer = client.get(path)
    sa.event.remove(*listen)
    return len([one for one in seen if not one.startswith("BEGIN")]), answer


def test_the_case_is_given_its_figures_and_its_report_is_sealed_when_it_is_approved(begun, session):
    known = begun.case.data
    assert (known["analysis_state"], known["events"]) == ("missing", 0)
    assert "2 är öppna" in known["security_paragraph"]  # what the case itself has just told
    assert [row["outcome_value"] for row in known["indicators"] if row["name"].startswith("Förs")]
    begun.do("p10_rev", REVIEW).do("p10_txt", TYPED).do("p10_fc", {"approval": "approved"})
    sealed = session.scalars(sa.select(SealedReport)).one()
    assert (sealed.milestone, sealed.case_id) == ("T1", begun.case.id)
    assert sealed.content["text"] == TYPED["security_paragraph"]
    assert (sealed.totals["actions_open"], sealed.totals["actions_late"]) == (2, 0)
    event = session.scalars(sa.select(Event).where(Event.kind == "report_sealed")).one()
    assert (event.case_id, json.loads(event.what)["hash"]) == (begun.case.id, sealed.hash)


def test_every_page_is_for_those_of_the_body_and_costs_few_statements(
    walked, database, client_for, monkeypatch
):
    anton, disa = client_for("Anton"), client_for("Disa")
    assert anton.get("/follow-up/").location.endswith(T1)
    city = disa.get("/follow-up/").location
    assert city.endswith(f"/STAD/{YEAR}/T1")
    paths = [T1, f"{T1}/paste", f"{T1}/rows/actions_open", f"/follow-up/FARSTA/{YEAR}/VP"]
    for client, path in [*((anton, path) for path in paths), (disa, city)]:
        client.get(path)  # what is remembered from then on
        count, answer = statements_of(database, client, path)
        assert (answer.status_code, count <= 25) == (200, True), (path, count)
    monkeypatch.setattr("webapp.views.follow_up.AT_ONCE", 1)  # a large city
    assert "1 av 2 nämnder och bolag är räknade" in disa.get(city).text
    assert "Vilka har lämnat" in disa.get(city).text
    assert "Larmlista" in anton.get(f"{T1}/rows/actions_open").text
    assert client_for("Cleo").get(T1).status_code == 403
    assert anton.get(city).status_code == 403
    assert "Ingen rapport är för dig" in client_for("Jon").get("/follow-up/").text


def test_the_draft_never_goes_over_what_somebody_has_typed(walked, session, client_for):
    alva, anton = client_for("Alva"), client_for("Anton")
    answer = alva.post(f"{T1}/draft")
    task_id = walked.open["p10_txt"].id
    assert answer.location.endswith(f"/tasks/{task_id}")
    session.expire_all()
    kept = session.get_one(Draft, task_id)
    assert "2 är öppna" in kept.answers["security_paragraph"]
    session.rollback()
    answer = anton.post(f"{T1}/draft")
    assert answer.status_code == 409  # both texts, to choose from
    session.expire_all()
    assert session.get_one(Draft, task_id).revision == 1


def test_what_is_sealed_stays_and_what_changes_is_told_beside_it(
    walked, session, city, client_for, monkeypatch
):
    walked.do("p10_txt", TYPED).do("p10_fc", {"approval": "approved"})
    farsta = city.units["FARSTA"]
    put(session, farsta, "action", "Efteråt", at=NOW)
    row = sa.select(MilestoneRow).where(MilestoneRow.code == "T1", MilestoneRow.year == YEAR)
    assert session.scalars(row).first() is None
    session.add(
        MilestoneRow(unit_id=farsta.id, year=YEAR, code="T1", on=date(2027, 6, 1), kind="internal",
                     basis="", confirmed=True, exists=True)
    )  # fmt: skip
    session.flush()
    touch(session)  # the calendar is read anew
    session.commit()
    monkeypatch.setattr(clock, "now", lambda: NOW + DAY)
    page = client_for("Alva").get(T1).text
    assert "Godkänd och förseglad, version 1" in page
    assert "ändrats sedan rapporten förseglades" in page
    assert "Kalendern säger en annan dag nu" in page  # the milestone moved afterwards
    assert TYPED["security_paragraph"] in page


def test_a_number_is_corrected_on_the_page(walked, session, client_for):
    form = {"figure": "events", "value": "2", "why": "Två skrevs aldrig in"}
    alva = client_for("Alva")
    assert alva.post(f"{T1}/corrections", form | {"value": "två"}).status_code == 400
    assert alva.post(f"{T1}/corrections", form | {"why": ""}).status_code == 422
    assert alva.post(f"{T1}/corrections", form).location.endswith(T1)
    page = alva.get(T1).text
    assert "Två skrevs aldrig in" in page
    assert 'href="#table-corrections"' in page
    assert "Rätta ett tal" not in client_for("Disa").get(T1).text


def test_those_responsible_are_asked_why_and_their_answer_is_in_the_review(begun, session, city):
    explained = [{"action": "Larmlista", "cause": None, "measure": None}]
    assert begun.case.data["deviations"] == explained  # nobody has said why
    at = Walk(session, city, KEY).begin(occasion="T2")
    at.do("p10_list", {"as_of": "2027-08-31", "actions": [ACTION, OTHER]}, on=date(2027, 9, 2))
    told = [dict(UPDATE["actions"][0]),
            UPDATE["actions"][1]
            | {"new_due": "2027-11-01", "cause": "Sjukdom", "measure": "Ny person"}]  # fmt: skip
    at.do("p10_upd", {"actions": told})
    assert at.case.data["deviations"] == [
        {"action": "Larmlista", "cause": "Sjukdom", "measure": "Ny person"}
    ]


@pytest.mark.parametrize("ending", ["docx", "pdf", "xlsx", "csv", "json"])
def test_a_file_is_taken_away_from_the_page_and_at_a_terminal(
    walked, session, client_for, ending, tmp_path, url, monkeypatch
):
    begins = {"pdf": b"%PDF", "json": b'{"at"', "csv": "\N{ZERO WIDTH NO-BREAK SPACE}".encode()}
    answer = client_for("Alva").get(f"{T1}/export.{ending}")
    assert answer.data.startswith(begins.get(ending, b"PK"))
    monkeypatch.setenv("DATABASE_URL", url)
    out = tmp_path / f"report.{ending}"
    asked = ["report", "--data", str(tmp_path), "--milestone", "T1", "--year", str(YEAR),
             "--format", ending, "--out", str(out)]  # fmt: skip
    assert main([*asked, "--unit", "FARSTA"]) == 0
    assert out.read_bytes().startswith(begins.get(ending, b"PK"))
    assert main([*asked, "--unit", "NOWHERE"]) == 2
    session.expire_all()
    events = session.scalars(sa.select(Event).where(Event.kind == "exported"))
    assert [json.loads(one.what)["what"] for one in events] == [f"FARSTA-{YEAR}-T1.{ending}"] * 2
