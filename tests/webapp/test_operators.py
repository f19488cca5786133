"""The operator's drawer over HTTP: what is shown before a deed, and what is refused in words."""

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import NOON, SYSTEM
from tests.webapp.pages import found, hidden
from workflows.history.models import Event
from workflows.operations import cases, publishing, tasks
from workflows.organisation.models import Holding
from workflows.processes.rows import find
from workflows.queries import cases as questions
from workflows.tasks.approvals import Approval
from workflows.tasks.models import Task


@pytest.fixture
def errand(session, city):
    """Start an errand in Farsta, of any secrecy."""

    def start(secrecy="internal"):
        publishing.publish(session, packages.errand(secrecy), by=SYSTEM, now=NOON)
        process, farsta = find(session, "errand"), city.units["FARSTA"]
        made = cases.start(session, process, farsta, 2027, by=SYSTEM, now=NOON)
        session.commit()
        return made

    return start


def _kinds(database, case):
    with database.reading() as session:
        wanted = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
        return list(session.scalars(wanted))


def _ready(client, path, **typed):
    """What the page of a deed would post."""
    page = client.get(path)
    fields = hidden(page, path.replace("&", "&amp;"))
    return {"command": fields["command"][0], "seen": fields["seen"][0], "why": "Skäl"} | typed


def test_a_deed_shows_what_it_leads_to_and_the_same_post_twice_does_it_once(
    database, errand, client_for
):
    case, disa = errand(), client_for("Disa")
    path = f"/cases/{case.id}/skip?of=3"
    page = disa.get(path).get_data(as_text=True)
    assert "“Skriv” stängs." in page
    assert "“Godkänn” öppnas." in page
    posted = _ready(disa, path)
    for _ in range(2):
        assert disa.post(path, posted).status_code == 302
    assert _kinds(database, case).count("step_skipped") == 1


def test_a_post_on_what_was_seen_before_it_moved_is_a_conflict_in_words(
    database, errand, client_for
):
    case, disa = errand(), client_for("Disa")
    stale = _ready(disa, f"/cases/{case.id}/suspension")
    path = f"/cases/{case.id}/skip?of=3"
    disa.post(path, _ready(disa, path))
    answer = disa.post(f"/cases/{case.id}/suspension", stale)
    assert answer.status_code == 409
    assert "hann före" in answer.text
    gone = disa.get(path)
    assert gone.status_code == 409
    assert "inte öppet längre" in gone.text
    assert _kinds(database, case)[-1] == "step_skipped"


@pytest.mark.parametrize("deed", ["suspension", "cancellation", "skip?of=3", "retry?of=5"])
def test_a_reason_is_asked_for_and_what_was_typed_stays(database, errand, client_for, deed):
    case, disa = errand(), client_for("Disa")
    before, path = _kinds(database, case), f"/cases/{case.id}/{deed}"
    posted = _ready(disa, path, why=" ") | ({"amount": "4"} if "retry" in deed else {})
    answer = disa.post(path, posted)
    assert answer.status_code == 422
    assert "Ett skäl saknas" in answer.text
    assert ('value="4"' in answer.text) is ("retry" in deed)
    assert _kinds(database, case) == before


@pytest.mark.parametrize(("typed", "status"), [("0", 422), ("x", 422), ("", 302), ("4", 302)])
def test_corrected_data_is_checked_as_its_form_checks_it(
    database, errand, client_for, typed, status
):
    case, disa = errand(), client_for("Disa")
    path = f"/cases/{case.id}/retry?of=5"
    answer = disa.post(path, _ready(disa, path, amount=typed))
    assert answer.status_code == status
    kinds = {"": "case_stopped", "4": "incident_mended"}
    assert _kinds(database, case)[-1] == kinds.get(typed, "case_stopped")


def test_what_no_step_asks_for_is_read_as_it_is_written(session, errand, client_for):
    case, disa = errand(), client_for("Disa")
    path = f"/cases/{case.id}/retry?of=6"
    assert disa.post(path, _ready(disa, path, length="12")).status_code == 302
    session.expire_all()
    assert case.data["road"] == 13


def test_who_did_reviewed_work_is_told_that_somebody_else_must_steer(
    database, session, city, errand, client_for
):
    case, alva = errand(), city.actor("Alva")
    wanted = sa.select(Task.id).where(Task.element == "write")
    task = questions.task(session, session.scalars(wanted).one(), by=alva, to_change=True)
    tasks.complete(session, task, {"amount": "3"}, command="x", by=alva, now=NOON)
    session.add(Holding(role="central_security", unit_id=city.units["STAD"].id, person_id=alva.id))
    session.commit()
    client = client_for("Alva")
    drawer = client.get(f"/cases/{case.id}/operator").text
    assert "någon annan hoppa över" in drawer
    assert "/skip?" not in drawer
    answer = client.get(f"/cases/{case.id}/skip?of=4")
    assert answer.status_code == 403
    assert "Någon annan måste göra det här" in answer.text
    forged = {"why": "Skäl", "command": "x", "seen": str(case.revision)}
    assert client.post(f"/cases/{case.id}/correction?name=amount", forged).status_code == 403


def test_a_secret_case_is_operated_by_those_who_guard_secrets_and_that_is_kept(
    database, errand, client_for
):
    case = errand("sec")
    assert client_for("Disa").get(f"/cases/{case.id}/operator").status_code == 404
    hedda = client_for("Hedda")
    assert hedda.get(f"/cases/{case.id}/operator").status_code == 200
    assert _kinds(database, case)[-1] == "secret_read"


@pytest.mark.parametrize("path", ["skip", "move", "waking", "retry", "nothing", "correction"])
def test_a_deed_about_nothing_is_not_found(errand, client_for, path):
    case = errand()
    assert client_for("Disa").get(f"/cases/{case.id}/{path}").status_code == 404


def test_a_task_is_handed_over_by_address_and_refusals_stay_on_the_page(
    session, errand, client_for
):
    case, alva = errand(), client_for("Alva")
    wanted = sa.select(Task).where(Task.case_id == case.id, Task.element == "write")
    task = session.scalars(wanted).one()
    session.commit()  # whoever writes holds the one turn to write
    path = f"/tasks/{task.id}"
    alva.post(f"{path}/claim")
    command = found(r'name="command" value="([^"]+)"', alva.get(f"{path}/handover"))
    for address in ("nobody@example.test", "cleo@example.test"):
        answer = alva.post(f"{path}/delegation", {"address": address, "command": command})
        assert answer.status_code == 422
        assert address in answer.text
    for _ in range(2):
        posted = {"address": "Bo@example.test", "command": command}
        assert alva.post(f"{path}/delegation", posted).status_code == 302
    session.expire_all()
    assert task.given_from
    given = sa.select(sa.func.count()).where(Event.kind == "task_delegated")
    assert session.scalar(given) == 1


def test_a_correction_says_beforehand_which_decision_it_breaks(session, city, errand, client_for):
    case, disa = errand(), client_for("Disa")
    path = f"/cases/{case.id}/correction?name=road"
    assert "visas som brutet" not in disa.get(path).text
    session.add(
        Approval(
            case_id=case.id, task_id=session.scalars(sa.select(Task.id)).first(), element="write",
            by_id=city.people["Bo"].id, at=NOON, outcome="yes", is_approving=True, steps=[],
            since={}, content={"data": {"road": 1}}, hash="x",
        )
    )  # fmt: skip
    session.commit()
    assert "Beslutet ”Skriv” av Bo tis 2 mar 2027 vilar på det här" in disa.get(path).text
    assert "visas som brutet" not in disa.get(path.replace("road", "amount")).text
