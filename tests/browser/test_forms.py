"""Forms as people fill them in: last year brought along, rows by keyboard, a paste, no script."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.cast import SYSTEM
from tests.packages import listing
from webapp import clock
from workflows.database import opened
from workflows.operations import cases, publishing
from workflows.organisation.models import Unit
from workflows.processes.rows import find
from workflows.tasks.models import Task

RISKS = Path(__file__).parents[2] / "forms" / "rsa_annual" / "risks.json"
COMMITMENTS = [{"name": f"Åtagande {n}", "criticality": 2} for n in range(5)]
LAST = [
    {
        "title": f"Risk nummer {n}: elen är borta i två dygn",
        "category": "technical",
        "commitment": f"Åtagande {n % 5}",
        "likelihood": n % 5 + 1,
        "consequence": 3,
        "uncertainty": "low",
    }
    for n in range(30)
]
SHAPES = "".join(
    f'<bpmndi:BPMNShape id="s-{step}" bpmnElement="{step}"><dc:Bounds x="{n * 150}" y="80"'
    ' width="100" height="80"/></bpmndi:BPMNShape>'
    for n, step in enumerate(("begin", "write", "approve", "good", "sent"))
)
PICTURE = (
    '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="picture"><bpmndi:BPMNPlane id="plane"'
    f' bpmnElement="listing">{SHAPES}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>'
).encode()
years = itertools.count(2040, 2)


@pytest.fixture
def risk_step(server):
    """The step of the risks in a new year; last year had thirty. Returns its address."""

    def start():
        url = f"sqlite:///{server.data / 'arshjul.sqlite3'}"
        with opened(url) as database, database.writing() as session, session.begin():
            if find(session, "listing") is None:
                form = json.loads(RISKS.read_text())
                forms = dict(listing().forms) | {"listing/write": json.dumps(form).encode()}
                drawn = listing().source.replace(b"</bpmn:definitions>", PICTURE)
                package = replace(listing(), forms=forms, source=drawn)
                publishing.publish(session, package, by=SYSTEM, now=clock.now())
            process, year = find(session, "listing"), next(years)
            farsta = session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one()
            for one, data in ((year, {"risks": LAST}), (year + 1, {})):
                data |= {"commitments": COMMITMENTS}
                now = clock.now()
                case = cases.start(session, process, farsta, one, data=data, by=SYSTEM, now=now)
            task_id = session.scalars(sa.select(Task.id).where(Task.case_id == case.id)).one()
            return f"/tasks/{task_id}"

    return start


def test_promise_7_last_year_is_beside_this_year(visit, risk_step):
    """Promise 7: thirty unchanged risks are confirmed again in a few clicks."""
    one, place, clicks = visit().sign_in("samordnare@demo.test"), risk_step(), 0
    page = one.go(place)

    def click(name):
        nonlocal clicks
        clicks += 1
        page.get_by_role("button", name=name, exact=True).click()

    one.look("forms-last-year")
    click("Ta med alla")
    expect(page.locator(".row-block--kept")).to_have_count(30)
    one.look("forms-brought")
    click("Klar")
    page.wait_for_url("**/cases/*")
    assert clicks == 2


def test_rows_are_changed_by_keyboard_and_focus_stays(visit, risk_step):
    one, place = visit(theme="dark").sign_in("samordnare@demo.test"), risk_step()
    page = one.go(place)
    status = page.locator("[data-draft-status]")
    page.get_by_role("button", name="Lägg till risk").press("Enter")
    expect(page.locator("#f-risks-0-title")).to_be_focused()
    expect(status).to_have_text("Risk 1 är tillagd.")
    page.keyboard.type("Först")
    page.get_by_role("button", name="Lägg till risk").press("Enter")
    expect(page.locator("#f-risks-1-title")).to_be_focused()
    page.keyboard.type("Sedan")
    page.locator("#up-risks-1").press("Enter")
    expect(page.locator("#down-risks-0")).to_be_focused()
    assert page.locator("#f-risks-0-title").input_value() == "Sedan"
    page.get_by_role("button", name="Ta bort Sedan").press("Enter")
    expect(page.locator("#undo-risks")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#f-risks-1-title")).to_have_value("Först")
    one.look("forms-rows")
    page.get_by_role("link", name="Hur mycket formulären frågar").click()
    one.look("forms-levels")


def test_three_hundred_rows_are_pasted_into_the_first_cell(visit, risk_step):
    one, place = visit("en").sign_in("samordnare@demo.test"), risk_step()
    page = one.go(place)
    page.get_by_role("button", name="Add risk").click()
    text = "\n".join(f"Risk {n}\tTechnology\tÅtagande 1\t3\t4\tLow" for n in range(300))
    page.locator("#f-risks-0-title").evaluate(
        """(box, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const told = { clipboardData: data, bubbles: true, cancelable: true };
          box.dispatchEvent(new ClipboardEvent("paste", told));
        }""",
        text,
    )
    expect(page.locator("#f-risks-299-title")).to_have_value("Risk 299", timeout=60_000)
    expect(page.locator("[data-draft-status]")).to_have_text("Pasted. There are 300 rows now.")
    assert page.locator("#f-risks-299-category").input_value() == "technical"


def test_rows_and_last_year_work_without_script(visit, risk_step):
    one, place = visit(script=False, width=360).sign_in("samordnare@demo.test"), risk_step()
    page = one.go(place)
    page.get_by_text("Titta på dem och välj").click()
    page.get_by_role("button", name="Ta med Risk nummer 7", exact=False).click()
    expect(page.locator(".row-block--kept")).to_have_count(1)
    expect(page.locator("[data-row-told]")).to_have_text("Nu är de med. Det finns 1 rader.")
    page.locator(".row-block--kept summary").click()
    page.locator("#f-risks-0-consequence").fill("5")
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.locator(".row-block .tag")).to_have_text("ändrad sedan " + _year_before(page))
    page.get_by_role("button", name="Klar", exact=True).click()
    expect(page.locator(".errors")).to_contain_text("Skriv varför")
    one.keep("forms-gone-360")
    page.get_by_label("Varför går du vidare ändå?").first.fill("Vi har flyttat.")
    page.get_by_role("button", name="Klar", exact=True).click()
    page.wait_for_url("**/cases/*")


def _year_before(page):
    return str(int(page.locator("h1, .crumbs").all_inner_texts()[0].split("20")[1][:2]) + 1999)


def test_a_sheet_is_looked_at_before_it_is_taken_in(visit, risk_step):
    one, place = visit().sign_in("samordnare@demo.test"), risk_step()
    page = one.go(place)
    page.get_by_role("button", name="Ta med alla", exact=True).click()
    page.get_by_text("Fyll i från ett kalkylark").click()
    page.get_by_role("link", name="Hämta tabellen som fil").click()
    heads = "Risk;Sannolikhet;Slag\r\n"
    content = heads + f"{LAST[0]['title']};5;Teknik\r\nNy risk;9;Stjärnfall\r\n"
    file = {"name": "risker.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("Fil", exact=True).set_input_files(file)
    page.get_by_role("button", name="Visa vad som skulle ändras").click()
    expect(page.get_by_role("heading", name="Vad som skulle ändras")).to_be_focused()
    one.look("forms-sheet")
    page.get_by_role("button", name="Ta in det i utkastet").click()
    expect(page.locator("#f-risks-1-title")).to_have_value("Ny risk")
    assert page.locator("#f-risks-0-likelihood").input_value() == "5"
