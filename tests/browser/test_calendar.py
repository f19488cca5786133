"""The steering calendar, absences, longer time and notices as people use them."""

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser.conftest import looks_of
from tests.cast import SYSTEM
from tests.steering import outing
from webapp import clock
from workflows.database import opened
from workflows.language import on
from workflows.operations import cases, publishing
from workflows.organisation.models import Person, Unit
from workflows.processes.rows import find
from workflows.tasks.models import Task

YEAR = on(clock.now()).year + 1
PLAN = outing.package(outing.task("Planera", "T1 - 10wd"), "begin Planera;Planera done")
occasions = itertools.count(1)
FORMS = [
    ("calendar-milestone", f"/calendar/{YEAR}/milestones/T1", "central"),
    ("calendar-milestone-legal", f"/calendar/{YEAR}/milestones/AR_SUBMIT", "central"),
    ("calendar-meeting", f"/calendar/{YEAR}/meetings/new?unit=2", "samordnare"),
    ("calendar-meetings-file", f"/calendar/{YEAR}/meetings/file?unit=2", "samordnare"),
    ("calendar-habits", f"/calendar/{YEAR}/habits", "central"),
    ("calendar-year-before-any", "/calendar/1990", "central"),
]


def database(server):
    return opened(f"sqlite:///{server.data / 'arshjul.sqlite3'}")


@pytest.fixture
def new_task(server):
    """A fresh task of the coordinator in Farsta, due ten working days before T1; its address."""

    def start(late=False):
        with database(server) as base, base.writing() as session, session.begin():
            publishing.publish(session, PLAN, by=SYSTEM, now=clock.now())
            farsta = session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one()
            case = cases.start(
                session, find(session, "outing"), farsta, YEAR, by=SYSTEM, now=clock.now(),
                occasion=f"K{next(occasions)}",
            )  # fmt: skip
            task = session.scalars(sa.select(Task).where(Task.case_id == case.id)).one()
            who = sa.select(Person.id).where(Person.email == "samordnare@demo.test")
            task.assignee_id = session.scalars(who).one()
            if late:
                task.due_at = clock.now() - timedelta(days=3)
            return f"/tasks/{task.id}"

    return start


def tab_to(page, name):
    """Press Tab until the focus stands on what is called `name`."""
    seen = []
    for _ in range(150):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const e = document.activeElement;"
            " return (e.innerText || e.value || '').replace(/\\s+/g, ' ').trim() +"
            " ' ' + (e.labels && e.labels[0] ? e.labels[0].innerText : '') }"
        )
        seen.append(found)
        if name in found:
            return
    raise AssertionError(f"nothing called {name} can be reached by Tab, only {seen}")


def enter(page):
    """Press Enter and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("name", "address", "who", "language", "width", "theme"),
    [(*page, *look) for page in FORMS for look in looks_of(page[0])],
)
def test_a_form_is_sound_in_this_look(visit, name, address, who, language, width, theme):
    visitor = visit(language, width, theme)
    visitor.see(address, f"{who}@demo.test")
    visitor.keep(f"{name}-{width}-{theme}-{language}")
    assert visitor.axe() == []
    assert not visitor.has_sideways_scroll()


def test_a_date_is_moved_and_moved_back_by_the_keyboard_alone(visit, new_task):
    new_task()
    central = visit().sign_in("central@demo.test")
    page = central.go(f"/calendar/{YEAR}")
    tab_to(page, "Ändra T1")
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("T1")
    page.locator("#f-on").fill(f"{YEAR}-12-24")  # a date is typed as its browser wants it
    tab_to(page, "Visa vad som flyttas")
    enter(page)
    expect(page.get_by_role("alert")).to_be_focused()
    central.look("calendar-milestone-refused")
    page.locator("#f-on").fill(f"{YEAR}-05-28")
    tab_to(page, "Visa vad som flyttas")
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Det ändringen flyttar")
    expect(page.locator("main")).to_contain_text("Planera")
    central.look("calendar-change")
    tab_to(page, "Varför ändras kalendern?")
    page.keyboard.type("Nämnden bytte dag")
    tab_to(page, "Gör ändringen")
    enter(page)
    expect(page.locator("main")).to_contain_text("Nämnden bytte dag")
    central.look("calendar-changed")
    tab_to(page, "Se den, eller ångra den")
    enter(page)
    central.look("calendar-change-made")
    tab_to(page, "Visa vad som flyttas tillbaka")
    enter(page)
    tab_to(page, "Varför ändras kalendern?")
    page.keyboard.type("Fel dag")
    tab_to(page, "Gör ändringen")
    enter(page)
    expect(page.locator("main")).to_contain_text("Fel dag")


def test_a_milestone_that_goes_tells_what_falls_away(visit, new_task):
    new_task()
    coordinator = visit().sign_in("samordnare@demo.test")
    page = coordinator.go(f"/calendar/{YEAR}/milestones/T1?unit=2")
    page.get_by_label("Den finns inte här").check()
    page.get_by_role("button", name="Visa vad som flyttas").click()
    expect(page.locator("main")).to_contain_text("faller bort")
    coordinator.look("calendar-change-falls-away")
    page.get_by_role("button", name="Kasta den").click()


def test_everything_works_without_script(visit, new_task):
    new_task()
    central = visit(script=False).sign_in("central@demo.test")
    page = central.go(f"/calendar/{YEAR}")
    page.locator("summary", has_text="Lägg till en stängd dag").click()
    page.get_by_label("Dag", exact=True).fill(f"{YEAR}-04-15")
    page.get_by_label("Vad heter den?").fill("Kompetensdag")
    page.get_by_role("button", name="Visa vad som flyttas").click()
    if page.get_by_label("Varför ändras kalendern?").count():
        page.get_by_label("Varför ändras kalendern?").fill("Kompetensdag")
        page.get_by_role("button", name="Gör ändringen").click()
    expect(page.locator("main")).to_contain_text("Kompetensdag")
    page.get_by_role("button", name="Ta bort Kompetensdag").click()


def test_a_file_that_cannot_be_read_is_told_row_by_row(visit):
    coordinator = visit().sign_in("samordnare@demo.test")
    page = coordinator.go(f"/calendar/{YEAR}/meetings/file?unit=2")
    text = f"datum\n{YEAR}-05-20\n20/6 {YEAR}\n{YEAR}-13-40\n"
    sent = {"name": "moten.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files([sent])
    page.get_by_role("button", name="Visa vad som flyttas").click()
    expect(page.get_by_role("alert")).to_contain_text("Rad 3")
    coordinator.look("calendar-meetings-refused")


def test_longer_time_is_asked_for_and_given(visit, new_task):
    address = new_task()
    coordinator = visit().sign_in("samordnare@demo.test")
    page = coordinator.go(address + "/extension")
    page.get_by_role("button", name="Be om längre tid").click()
    coordinator.look("extension-empty")
    page.get_by_label("Nytt datum").fill(f"{YEAR}-05-20")
    page.get_by_label("Varför behövs längre tid?").fill("Sjukdom i gruppen")
    page.get_by_role("button", name="Be om längre tid").click()
    expect(page.locator("main")).to_contain_text("förvaltningschef")
    coordinator.look("extension-asked")
    director = visit(theme="dark").sign_in("chef@demo.test")
    there = director.go(address + "/extension")
    director.look("extension-decide")
    there.get_by_role("button", name="Ge längre tid").click()
    expect(there.locator("main")).to_contain_text("beviljad")
    director.look("extension-given")


def test_a_day_is_promised(visit, new_task):
    coordinator = visit().sign_in("samordnare@demo.test")
    page = coordinator.go(new_task() + "/promise")
    coordinator.look("promise")
    page.get_by_label("Klart senast").fill(f"{YEAR}-05-20")
    page.get_by_label("Varför inte tidigare?").fill("Väntar på underlag")
    page.get_by_role("button", name="Spara").click()
    expect(page.locator("main")).to_contain_text("Väntar på underlag")


def test_leave_is_planned_taken_over_and_what_became_late_is_planned_anew(visit, new_task):
    new_task(late=True)
    coordinator = visit().sign_in("samordnare@demo.test")
    page = coordinator.go("/absences/")
    coordinator.look("absences-late")
    page.get_by_label("Varför inte tidigare?").fill("Har varit sjuk")
    page.get_by_role("button", name="Spara de nya dagarna").click()
    expect(page.locator("main")).to_contain_text("Dina nya dagar sparas hos uppgifterna.")
    if not page.get_by_label("Första dagen borta").is_visible():
        page.locator("summary", has_text="Planera en frånvaro").click()
    today = on(clock.now())
    page.get_by_label("Första dagen borta").fill(str(today))
    page.get_by_label("Sista dagen borta").fill(str(today + timedelta(days=7)))
    page.get_by_label("Ställföreträdare", exact=True).select_option(index=1)
    deputy = page.locator("#f-deputy option:checked").inner_text().split(" (")[0]
    page.get_by_role("button", name="Spara frånvaron").click()
    expect(page.locator("main")).to_contain_text(deputy)
    coordinator.look("absences-away")
    page.get_by_role("button", name="Avsluta frånvaron").first.click()


def test_an_address_for_a_calendar_program_is_shown_once(visit):
    coordinator = visit().sign_in("samordnare@demo.test")
    page = coordinator.go("/account")
    page.get_by_role("button", name="Skapa en adress").click()
    page.locator("#made").wait_for()
    coordinator.look("notices-address")
    made = page.locator("#made").input_value()
    assert made.endswith(".ics")
    answer = page.request.get(made)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in answer.text()


def test_promise_2_every_date_explains_itself_wherever_it_stands(visit, new_task):
    address = new_task()
    coordinator = visit().sign_in("samordnare@demo.test")
    page = coordinator.go(address)
    expect(page.locator("main")).to_contain_text("10 arbetsdagar före T1")
    expect(coordinator.go("/tasks/").locator("main")).to_contain_text("10 arbetsdagar före T1")
