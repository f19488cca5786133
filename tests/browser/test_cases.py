"""Cases that do not go as drawn: the operator's drawer and handing tasks over, as people do it."""

import itertools

import pytest
import sqlalchemy as sa

from tests import packages
from tests.cast import SYSTEM
from webapp import clock
from workflows.database import opened
from workflows.language import Language, translator
from workflows.operations import cases, publishing
from workflows.organisation.models import Unit
from workflows.processes.rows import find

occasions = itertools.count(1)


@pytest.fixture
def new_errand(server):
    """A fresh errand in Farsta, stopped at two steps; returns the address of its page."""

    def start():
        url = f"sqlite:///{server.data / 'arshjul.sqlite3'}"
        with opened(url) as database, database.writing() as session, session.begin():
            if find(session, "errand") is None:
                publishing.publish(session, packages.errand(), by=SYSTEM, now=clock.now())
            case = cases.start(
                session,
                find(session, "errand"),
                session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one(),
                2030,
                occasion=f"E{next(occasions)}",
                by=SYSTEM,
                now=clock.now(),
            )
            return f"/cases/{case.id}"

    return start


@pytest.mark.parametrize(("language", "script"), [("sv", True), ("en", False)])
def test_an_operator_mends_moves_pauses_and_cancels_a_case(visit, new_errand, language, script):
    say, place = translator(Language(language)).gettext, new_errand()
    operator = visit(language, script=script).sign_in("central@demo.test")
    page = operator.page
    look = operator.look if script else operator.keep

    def give_reason(button):
        page.get_by_label(say("Reason")).fill("Någon måste")
        page.get_by_role("button", name=say(button), exact=True).click()
        page.wait_for_url(f"**{place}/operator")

    def choose(deed, step):
        row = page.locator("li.operated", has_text=step)
        row.get_by_role("link", name=say(deed)).click()

    operator.go("/tasks/")
    page.get_by_role("link", name=say("Stands still")).click()
    look(f"cases-{language}-1-still")
    page.locator(f"a[href='{place}/operator']").click()
    look(f"cases-{language}-2-drawer")

    choose("Try again", "Räkna ut priset")
    page.get_by_role("button", name=say("Try again"), exact=True).click()
    assert page.locator(".errors").is_visible()  # a reason is needed
    page.get_by_label("Antal").fill("4")
    look(f"cases-{language}-3-retry")
    give_reason("Try again")
    assert page.locator("li.operated", has_text="Köp in").count() == 1
    choose("Skip", "Räkna ut vägen")
    look(f"cases-{language}-4-skip")
    give_reason("Skip the step")
    choose("Let it happen now", "Vänta en vecka")
    give_reason("Let it happen now")
    choose("Move", "Se efter")
    page.get_by_label(say("To which step?")).select_option("write")
    page.get_by_role("button", name=say("See what it leads to")).click()
    look(f"cases-{language}-5-move")
    give_reason("Move the case")
    page.get_by_role("row", name="Antal").get_by_role("link", name=say("Correct")).click()
    page.get_by_label("Antal").fill("7")
    look(f"cases-{language}-6-correct")
    give_reason("Correct")
    assert page.get_by_role("row", name="Antal").locator("td").first.inner_text() == "7"
    page.get_by_role("link", name=say("Pause the case")).click()
    give_reason("Pause")
    look(f"cases-{language}-7-paused")
    page.get_by_role("link", name=say("Let it go on")).click()
    give_reason("Let it go on")
    page.get_by_role("link", name=say("Cancel the case")).click()
    look(f"cases-{language}-8-cancel")
    give_reason("Cancel for good")
    operator.go(place)
    assert page.locator("main .steps .is-now").count() == 0
    look(f"cases-{language}-9-case")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_task_is_handed_over_and_sent_back(visit, new_errand, language):
    say, place = translator(Language(language)).gettext, new_errand()
    coordinator = visit(language).sign_in("samordnare@demo.test")
    page = coordinator.page
    coordinator.go(place)
    coordinator.look(f"cases-{language}-a-stopped")
    page.get_by_role("link", name="Skriv", exact=True).click()
    page.locator(".bar summary").click()
    page.get_by_role("button", name=say("Take the task")).click()
    page.locator(".bar summary").click()
    page.get_by_role("link", name=say("Hand over to somebody else")).click()
    coordinator.look(f"cases-{language}-b-handover")
    page.locator("#f-to").select_option(index=1)
    page.get_by_role("button", name=say("Hand over"), exact=True).click()
    page.wait_for_url("**/tasks/")

    director = visit(language).sign_in("chef@demo.test")
    page = director.page
    director.go(place)
    page.get_by_role("link", name="Skriv", exact=True).click()
    director.look(f"cases-{language}-c-given")
    page.locator(".bar summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=say("Send it back to whoever gave it")).press("Enter")
    page.locator("#f-back").fill("Jag hinner inte")
    director.look(f"cases-{language}-d-back")
    page.get_by_role("button", name=say("Send back"), exact=True).click()
    page.wait_for_url("**/tasks/")
    director.go(place)
    assert "Jag hinner inte" in page.locator("main").inner_text()
