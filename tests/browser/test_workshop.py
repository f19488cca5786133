"""The workshop as process owners use it: the editor, its twin by keyboard, tables, the chain."""

import json
import re
from pathlib import Path

import pytest
from lxml import etree

from webapp.scheduler import tick
from webapp.settings import read as read_settings
from workflows.database import Database
from workflows.engine.xml import BPMN, parse_xml
from workflows.processes.layout import lay_out
from workflows.processes.step_xml import relink

DIST = Path(__file__).parents[2] / "webapp" / "static" / "dist"
OWNER, REVIEWER = "processer@demo.test", "granskare@demo.test"
MOST = 470_000  # bytes packed with Brotli that the editor may take (decision 30)


@pytest.fixture
def draft(visit):
    """The page of a draft as somebody sees it, and where it lies."""

    def opened(key, who=OWNER, **how):
        window = visit(**how)
        page = window.see(f"/processes/{key}", who)
        path = page.locator("a[href^='/workshop/']").first.get_attribute("href")
        return window, path

    return opened


def edited(window, path):
    page = window.go(path)
    page.locator("#editor[data-state=ready]").wait_for()
    return page


def chosen(page, element):
    page.locator(f"[data-element-id={element}]").first.click()
    page.locator("#e-name").wait_for()


def saved(page):
    """Wait for the save that follows what was just typed."""
    return page.expect_response(
        lambda r: r.url.endswith("/draft") and r.request.method == "POST" and r.ok
    )


def test_the_bundle_of_the_editor_is_small_enough():
    names = json.loads((DIST / "manifest.json").read_bytes())
    packed = [DIST / f"{names[one]}.br" for one in ("editor.js", "editor.css")]
    assert sum(path.stat().st_size for path in packed) <= MOST


def inserted(page, after, name):
    """A step put in after another, by keyboard alone once that is chosen."""
    chosen(page, after)
    page.locator("[data-tool=insert]").focus()
    page.keyboard.press("Enter")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.locator("[data-heading]", has_text=name).wait_for()


def played_to(page, name):
    """Press what is first offered until the case waits at a step."""
    page.locator("[data-tool=play]").focus()
    page.keyboard.press("Enter")
    waits = page.locator("[data-play] [data-told]")
    for _ in range(20):
        if name in waits.inner_text():
            return
        page.locator("[data-play] [data-list] button").first.focus()
        page.keyboard.press("Enter")
    raise AssertionError(waits.inner_text())


def case_begun(visit, name):
    """A case that a coordinator began by hand, on its page."""
    begun = visit()
    page = begun.see("/cases/new", "samordnare@demo.test")
    page.locator("#process").select_option(label=name)
    page.locator("#occasion").fill("flyttas")
    page.locator("main .btn--main").click()
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    return begun


def let_the_clock_tick(server):
    """What the clock of the server does within fifteen seconds is done now."""
    settings = read_settings({}, data=server.data)
    database = Database(settings.database_url)
    tick(database, settings)
    database.close()


def test_a_step_goes_the_whole_way_from_the_picture_to_running_cases(visit, draft, server):
    """The owner works in Swedish, whoever reviews in English."""
    begun = case_begun(visit, "Årlig RSA")
    window, path = draft("rsa_annual")
    page = edited(window, path)
    inserted(page, "p1_scope", "Kontrollera planen")
    page.locator("#e-english").fill("Check the plan")
    page.locator("#e-lane").select_option(label="Förvaltningschef")
    page.locator("#e-form").select_option("rsa_annual/area")
    page.locator("#e-carry").check()
    with saved(page):
        page.locator("#e-due").fill("T1 - 10xx")
    wrong = page.locator("[data-problems] .is-error", has_text="10xx")
    page.locator("[data-tool=fit]").focus()
    wrong.get_by_role("button", name="Kontrollera planen").click()
    assert page.locator("#e-name").input_value() == "Kontrollera planen"
    with saved(page):
        page.locator("#e-due").fill("T1 - 10wd")
    wrong.wait_for(state="detached")
    page.locator("[data-day=e-due]", has_text="10 arbetsdagar").wait_for()
    played_to(page, "Kontrollera planen")
    page.locator("[data-play] a").click()
    page.locator("[name=unit]").select_option(label="Farsta stadsdelsnämnd")
    page.locator("main button.btn--main").click()
    page.locator("main table", has_text="Kontrollera planen").wait_for()
    assert window.axe() == []
    window.go("/processes/rsa_annual")
    page.locator("[name=note]").fill("Planen ska ses av chefen")
    page.get_by_role("button", name="Skicka på granskning").click()
    page.wait_for_url("**/reviews/*")
    review = page.url.removeprefix(window.server.url)
    other, _ = draft("yearly_review", REVIEWER, language="en")
    seen = other.go(review)
    seen.locator("main li b", has_text="Check the plan").first.wait_for()
    assert other.axe() == []
    seen.get_by_role("button", name="Approve and publish").click()
    other.go("/processes/rsa_annual/migration")
    seen.get_by_role("button", name="Show what becomes of them").click()
    seen.wait_for_url("**/migrations/*")
    let_the_clock_tick(server)
    seen.reload()
    assert other.axe() == []
    moving = re.compile(r"Move (one case|\d+ cases)")  # other tests' cases are there too
    seen.get_by_role("button", name=moving).click()
    seen.get_by_role("button", name=moving).wait_for(state="detached")
    let_the_clock_tick(server)
    page = begun.page
    page.reload()
    page.locator("summary", has_text="Diagrammet i ord").click()
    page.get_by_text("Kontrollera planen").first.wait_for()


def test_the_same_by_keyboard_in_the_list_of_steps(draft):
    window, path = draft("consultation_reply")
    page = window.go(f"{path}/outline")
    page.locator("#o-new").focus()
    page.keyboard.type("Läs en gång till")
    page.keyboard.press("Tab")
    page.keyboard.type("Read once more")
    page.keyboard.press("Enter")
    page.locator("#o-due").focus()
    page.keyboard.type("+5wd")
    page.keyboard.press("Enter")
    step = page.url.rpartition("#")[2]
    page.locator(f"#{step} a[aria-current]", has_text="Läs en gång till").wait_for()
    assert page.locator("#o-due").input_value() == "+5wd"
    assert page.locator("#o-en").input_value() == "Read once more"
    assert "5 arbetsdagar" in page.locator("#o-due-day").inner_text()
    window.look("workshop-outline")
    for part in ("parts", "forms/consultation_reply/form"):
        window.go(f"{path}/{part}")
        assert window.axe() == []


def test_two_who_change_the_same_draft_choose_what_is_to_stand_and_lose_nothing(draft):
    window, path = draft("yearly_review")
    other, _ = draft("yearly_review", REVIEWER)
    mine, hers = edited(window, path), edited(other, path)
    mine.reload()
    mine.locator("[data-presence]", has_text="Olle Dahl").wait_for()
    for page, name in ((mine, "Mitt namn"), (hers, "Hennes namn")):
        mine.locator("#editor[data-state=ready]").wait_for()
        chosen(page, "p11_check")
        with page.expect_response(lambda r: r.url.endswith("/draft") and r.status in (200, 409)):
            page.locator("#e-name").fill(name)
    asked = hers.locator("[data-merge]")
    asked.get_by_text("Mitt namn").wait_for()
    assert other.axe() == []
    asked.get_by_label("Den andras").first.check()
    with saved(hers):
        asked.locator(".btn--main").click()
    for tool, name in (("undo", "Hennes namn"), ("redo", "Mitt namn")):  # the merge is one step
        with saved(hers):
            hers.locator(f"[data-tool={tool}]").click()
        chosen(hers, "p11_check")
        assert hers.locator("#e-name").input_value() == name
    with saved(hers):
        hers.locator("#e-english").fill("Looked over")
    chosen(mine, "p11_approve")  # what only one has touched is not asked about
    with saved(mine):
        mine.locator("#e-name").fill("Chefen ser den")
    mine.locator("[data-draft-status]", has_text="sparat").wait_for()
    chosen(mine, "p11_check")
    assert mine.locator("#e-english").input_value() == "Looked over"
    window.look("workshop-editor")
    assert mine.locator(".bjs-powered-by").is_visible()


def test_of_several_ways_any_are_played(draft):
    window, path = draft("styrel")
    page = edited(window, path)
    page.evaluate(DRAW, {"base": path, "diagram": several_ways()})
    edited(window, path)
    page.locator("[data-tool=play]").click()
    page.get_by_label("Läsa").uncheck()
    page.locator("[data-play] [data-list] button").click()
    waits = page.locator("[data-play] [data-told]")
    assert ("Skriva" in waits.inner_text(), "Läsa" in waits.inner_text()) == (True, False)


DRAW = """async ({ base, diagram }) => {
  const { revision } = await (await fetch(`${base}/draft`)).json();
  const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': editor.dataset.csrf };
  const body = JSON.stringify({ revision, diagram });
  await fetch(`${base}/draft`, { method: 'POST', headers, body });
}"""


def several_ways():
    """A choice of any of three steps, drawn by rule."""
    names = {"a": "Läsa", "b": "Skriva", "c": "Räkna"}
    steps = "".join(f'<userTask id="{own}" name="{name}"/>' for own, name in names.items())
    flows = "".join(
        f'<sequenceFlow id="to_{own}" name="{name}" sourceRef="any" targetRef="{own}"/>'
        for own, name in names.items()
    )
    drawn = (
        f'<definitions xmlns="{BPMN}" targetNamespace="x"><process id="styrel" isExecutable="true">'
        f'<startEvent id="s"/><inclusiveGateway id="any"/>{steps}'
        f'<sequenceFlow id="f" sourceRef="s" targetRef="any"/>{flows}</process></definitions>'
    )
    root = parse_xml(drawn.encode())
    relink(root)
    lay_out(root, root[0])
    return etree.tostring(root).decode()


def test_a_rule_table_is_drawn_and_told_of_as_one_types(draft):
    window, path = draft("yearly_review")
    page = window.go(f"{path}/tables/items_due/drawn")
    page.locator("#editor[data-state=ready] .tjs-table").wait_for()
    page.locator("[data-problems] h2", has_text="0").wait_for()
    window.look("workshop-drawn-table")
    with saved(page):
        page.locator("td.input-cell").first.click()
        page.keyboard.type("x")
    page.locator("[data-problems] li").first.wait_for()
    window.go(f"{path}/tables/items_due")
    page.locator("[data-live-told] li").first.wait_for()
    window.look("workshop-table")
