"""The walking path as people walk it: sign in, fill in, be corrected, complete, approve, look."""

import itertools

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser.conftest import looks_of
from tests.cast import SYSTEM
from webapp import clock
from workflows.database import opened
from workflows.operations import cases
from workflows.organisation.models import Unit
from workflows.processes.rows import find

ITEMS = [
    {
        "code": "crisis_plan",
        "title": {"sv": "Krisledningsplan", "en": "Crisis plan"},
        "interval_months": 12,
        "approve": True,
    },
    {
        "code": "call_list",
        "title": {"sv": "Larmlista", "en": "Call-out list"},
        "interval_months": 3,
        "approve": False,
    },
]
occasions = itertools.count(1)


@pytest.fixture
def new_case(server):
    """A fresh check in Farsta; returns the address of its page."""

    def start():
        url = f"sqlite:///{server.data / 'arshjul.sqlite3'}"
        with opened(url) as database, database.writing() as session, session.begin():
            case = cases.start(
                session,
                find(session, "yearly_review"),
                session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one(),
                2030,
                occasion=f"P{next(occasions)}",
                data={"items": ITEMS},
                by=SYSTEM,
                now=clock.now(),
            )
            return f"/cases/{case.id}"

    return start


WORDS = {
    "sv": {
        "check": "Gå igenom beredskapen",
        "approve": "Godkänn ändringarna",
        "changed": "Ändrad",
        "current": "Aktuell",
        "new": "Ny version",
        "yes": "Jag godkänner ändringarna",
        "done": "Klar",
        "now": "Just nu: Godkänn ändringarna",
        "finished": "Klart",
    },
    "en": {
        "check": "Go through the preparedness",
        "approve": "Approve the changes",
        "changed": "Changed",
        "current": "Up to date",
        "new": "New version",
        "yes": "I approve the changes",
        "done": "Done",
        "now": "Now: Approve the changes",
        "finished": "Finished",
    },
}


@pytest.mark.parametrize(
    ("language", "width"), sorted({look[:2] for look in (*looks_of("walk"), *looks_of("walked"))})
)
def test_a_check_is_filled_in_corrected_completed_and_approved(visit, new_case, language, width):
    words, place = WORDS[language], new_case()
    name = f"walk-{language}-{width}"

    coordinator = visit(language, width).sign_in("samordnare@demo.test")
    page = coordinator.page
    coordinator.go(place)
    page.get_by_role("link", name=words["check"]).first.click()
    coordinator.keep(f"{name}-1-form")

    page.get_by_role("button", name=words["done"], exact=True).click()
    summary = page.locator(".errors")
    assert summary.is_visible()
    assert coordinator.axe() == []
    coordinator.keep(f"{name}-2-errors")
    summary.get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.matches('input, fieldset, select, textarea')")

    page.get_by_label(words["changed"]).first.check()
    page.get_by_label(words["new"]).first.fill("Dnr 2030/17")
    page.get_by_label(words["current"]).nth(1).check()
    page.get_by_role("button", name=words["done"], exact=True).click()
    page.wait_for_url(f"**{place}*")
    assert words["now"] in page.locator("main").inner_text()
    page.wait_for_selector("[data-state=drawn]")
    assert page.locator("[data-element-id=p11_approve].step-open").count() == 1
    assert coordinator.axe() == []
    coordinator.keep(f"{name}-3-case")

    director = visit(language, width).sign_in("chef@demo.test")
    page = director.page
    director.go(place)
    page.get_by_role("link", name=words["approve"]).first.click()
    assert "Dnr 2030/17" in page.locator("main").inner_text()
    assert director.axe() == []
    director.keep(f"{name}-4-approve")
    page.get_by_role("link", name=words["yes"]).click()
    assert director.axe() == []
    page.get_by_role("button", name=words["yes"]).click()
    page.wait_for_url(f"**{place}*")
    assert words["finished"] in page.locator("main .lead").inner_text()
    director.keep(f"{name}-5-finished")


def test_what_is_typed_is_saved_by_itself_and_survives_a_closed_lid(visit, new_case):
    place = new_case()
    first = visit().sign_in("samordnare@demo.test")
    first.go(place)
    first.page.get_by_role("link", name=WORDS["sv"]["check"]).first.click()
    address = first.page.url
    first.page.get_by_label("Ny version").first.fill("Dnr 2030/99")
    expect(first.page.locator("[data-draft-status]")).to_contain_text("Sparat", timeout=20_000)
    first.context.close()
    again = visit().sign_in("samordnare@demo.test")
    again.page.goto(address)
    assert again.page.get_by_label("Ny version").first.input_value() == "Dnr 2030/99"


def test_promise_3_no_work_is_lost_two_tabs_never_write_over_each_other(visit, new_case):
    """The later one is shown both texts; nothing is overwritten in silence."""
    place = new_case()
    one = visit(theme="dark").sign_in("samordnare@demo.test")
    first = one.go(place)
    first.get_by_role("link", name=WORDS["sv"]["check"]).first.click()
    second = one.context.new_page()
    second.goto(first.url)
    first.get_by_label("Ny version").first.fill("Dnr 2030/1")
    expect(first.locator("[data-draft-status]")).to_contain_text("Sparat", timeout=20_000)
    second.get_by_label("Ny version").first.fill("Dnr 2030/2")
    second.locator("[data-compare]").click(timeout=20_000)
    expect(second.get_by_text("Ett svar skiljer sig")).to_be_focused()
    one.page = second
    one.look("task-apart")
    second.get_by_label("Du sparade").check()
    second.get_by_role("button", name="Spara det jag har valt").click()
    expect(second.get_by_label("Ny version").first).to_have_value("Dnr 2030/1")
    second.locator(".bar summary").press("Enter")
    one.look("task-more")
    second.get_by_role("link", name="Jag är inte rätt person").press("Enter")
    one.look("task-other")


def test_everything_works_without_script(visit, new_case):
    place = new_case()
    coordinator = visit(script=False).sign_in("samordnare@demo.test")
    page = coordinator.page
    coordinator.go(place)
    page.get_by_role("link", name=WORDS["sv"]["check"]).first.click()
    page.get_by_role("button", name="Spara utkast").click()
    page.locator(".bar summary").click()
    page.get_by_role("link", name="Skriv en kommentar").click()
    page.get_by_label("Skriv en kommentar").fill("Gäller det **båda** listorna?")
    page.get_by_label("Nämn någon").select_option(label="Johan Ek (demo)")
    page.get_by_role("button", name="Skicka kommentaren").click()
    assert "@Johan Ek (demo) Gäller det båda" in page.locator(".comments").inner_text()
    for number in range(2):
        page.get_by_label("Aktuell").nth(number).check()
    page.get_by_role("button", name="Klar", exact=True).click()
    assert "Klart" in page.locator("main .lead").inner_text()


def test_the_main_path_is_walked_by_keyboard_alone(visit, new_case):
    place = new_case()
    visitor = visit().sign_in("samordnare@demo.test")
    page = visitor.page
    visitor.go(place)

    def tab_to(wanted):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
                return
        raise AssertionError(f"Tab never came to {wanted}")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the header, to the content
    tab_to("main a[href^='/tasks/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/*")
    tab_to("input[name='items-0-status']")
    page.keyboard.press("Space")
    tab_to("input[name='items-1-status']")
    page.keyboard.press("Space")
    tab_to(".bar .btn--main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/*")
    assert "Klart" in page.locator("main .lead").inner_text()


def test_a_list_is_walked_by_single_keys_and_a_field_keeps_its_letters(visit):
    visitor = visit("sv").sign_in("samordnare@demo.test")
    page = visitor.go("/tasks/?list=role")
    names = page.locator(".row__t").all_inner_texts()
    assert names
    focused = page.locator(".row__t:focus")
    page.keyboard.press("j")
    assert focused.inner_text() == names[0]
    for _ in names:
        page.keyboard.press("j")
    assert focused.inner_text() == names[-1]  # stays on the last
    page.keyboard.press("/")
    page.keyboard.type("jo?")
    assert page.locator("#f-text").input_value() == "jo?"
    page.locator("h1").click()
    page.keyboard.press("?")
    sheet = page.locator("dialog.sheet")
    sheet.wait_for()
    assert "Till nästa rad" in sheet.inner_text()
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    assert page.locator("dialog").count() == 0
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/tasks/*")
    visitor.go("/preferences/shortcuts")
    page.get_by_role("button", name="Stäng av dem").click()
    visitor.go("/tasks/?list=role")
    page.keyboard.press("j")
    assert focused.count() == 0
