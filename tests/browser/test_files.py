"""Files and documents as a coordinator meets them: with a form, on a case, in the library."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.cast import NOON, SYSTEM
from tests.documents.sources import DATA
from tests.operations.test_files import letter_with_files
from tests.processes.walking import PACKAGES
from workflows.database import Database
from workflows.operations import cases, publishing
from workflows.organisation.models import Unit
from workflows.processes.rows import find
from workflows.tasks.models import Task

PDF = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}
EXE = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00"}


@pytest.fixture(scope="module")
def places(server):
    """A letter to be written, and a reply that is, put into the demo."""
    database = Database(f"sqlite:///{server.data}/arshjul.sqlite3")
    with database.writing() as session, session.begin():
        norra = session.scalars(sa.select(Unit).where(Unit.code == "NORRA")).one()
        publishing.publish(session, letter_with_files(), by=SYSTEM, now=NOON)
        letter = cases.start(session, find(session, "letter"), norra, 2027, by=SYSTEM, now=NOON)
        task = session.scalars(sa.select(Task.id).where(Task.case_id == letter.id)).one()
        reply = find(session, "consultation_reply")
        if reply.active_version is None:
            publishing.publish(session, PACKAGES["consultation_reply"], by=SYSTEM, now=NOON)
        case = cases.start(session, reply, norra, 2027, occasion="prov", by=SYSTEM, now=NOON)
        case.data = {**case.data, **DATA["consultation_reply"]}
    yield f"/tasks/{task}", f"/cases/{case.id}"
    database.close()


def test_a_file_is_sent_as_it_is_chosen_and_stays_with_the_draft(visit, places):
    coordinator = visit().sign_in("norra@demo.test")
    page = coordinator.go(places[0])
    page.get_by_label("Text").fill("Hej")
    paper = page.locator("#f-paper")
    status = page.locator("[data-draft-status]")
    paper.set_input_files(EXE)
    expect(status).to_have_text("Program och skript tas inte emot.")
    paper.set_input_files(PDF)
    ticked = page.get_by_role("checkbox", name="plan.pdf")
    expect(ticked).to_be_checked()
    page.reload()
    expect(page.get_by_label("Text")).to_have_value("Hej")
    expect(ticked).to_be_checked()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Hämta filen plan.pdf").click()
    assert taken.value.suggested_filename == "plan.pdf"
    ticked.uncheck()
    expect(status).to_contain_text("Sparat")
    coordinator.keep("task-with-files")
    assert not coordinator.has_sideways_scroll()


def test_without_script_a_file_comes_with_the_button(visit, places):
    coordinator = visit(script=False).sign_in("norra@demo.test")
    page = coordinator.go(places[0])
    page.locator("#f-paper").set_input_files(PDF)
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.get_by_role("checkbox", name="plan.pdf")).to_be_checked()


def test_a_document_is_made_and_taken_away(visit, places):
    coordinator = visit().sign_in("norra@demo.test")
    page = coordinator.go(places[1])
    page.get_by_role("button", name="Skapa dokument Tjänsteutlåtande").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="PDF Tjänsteutlåtande 1").click()
    assert taken.value.suggested_filename.endswith("-statement-1.pdf")
    page.get_by_label("Lägg till en fil").set_input_files(PDF)
    page.get_by_role("button", name="Skicka filen").click()
    expect(page.get_by_role("link", name="plan.pdf")).to_be_visible()
    coordinator.look("case-documents")


def test_the_library_can_be_read_by_all(visit, server):
    coordinator = visit().sign_in("norra@demo.test")
    coordinator.go("/library/")
    coordinator.look("library")
