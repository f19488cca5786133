"""The built viewer in a real browser, under the content security policy of our pages."""

import json
from pathlib import Path

import pytest

from webapp.security import POLICY

ROOT = Path(__file__).parents[2]
DIST = ROOT / "webapp" / "static" / "dist"
MANIFEST = json.loads((DIST / "manifest.json").read_bytes())
TOKENS = (ROOT / "webapp" / "static" / "css" / "tokens.css").read_text()
DIAGRAM = (ROOT / "bpmn" / "yearly_review" / "yearly_review.bpmn").read_text()
PAGE = f"""<!doctype html><html lang="en"><title>Viewer</title>
<link rel="stylesheet" href="/tokens.css"><link rel="stylesheet" href="/{MANIFEST["viewer.css"]}">
<script type="module" src="/{MANIFEST["viewer.js"]}"></script>
<main><h1>Viewer</h1><div data-diagram="/DIAGRAM" data-highlight="p11_check nowhere"
 data-trail="p11_changed" data-fault="The diagram cannot be drawn." role="img"
 aria-label="The process as a picture"></div></main></html>"""


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def page(browser, complaints):
    """A page that the test alone answers: nothing leaves the machine."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.route("**/*", answer)
    yield page
    page.close()


def answer(route):
    name = route.request.url.removeprefix("http://viewer.test/")
    kinds = {"good": "text/html", "broken": "text/html", "missing": "text/html"}
    if name in kinds:
        body = PAGE.replace("/DIAGRAM", f"/{name}.bpmn")
        route.fulfill(
            body=body, content_type="text/html", headers={"Content-Security-Policy": POLICY}
        )
    elif name == "good.bpmn":
        route.fulfill(body=DIAGRAM, content_type="application/xml")
    elif name == "broken.bpmn":
        route.fulfill(body="<definitions", content_type="application/xml")
    elif name == "tokens.css":
        route.fulfill(body=TOKENS, content_type="text/css")
    elif name in MANIFEST.values():
        route.fulfill(path=DIST / name)
    else:
        route.fulfill(status=404)


def drawn(page):
    page.goto("http://viewer.test/good")
    page.wait_for_selector("[data-state=drawn]")


def test_a_diagram_is_drawn_under_our_content_security_policy(page, complaints):
    drawn(page)
    assert page.locator("[data-element-id=p11_check]").bounding_box()["width"] > 20
    assert complaints == []


def test_the_open_step_and_the_trail_are_marked(page):
    drawn(page)
    assert page.locator("[data-element-id=p11_check].step-open").count() == 1


def test_the_mark_of_bpmn_io_is_seen_and_nothing_lies_over_it(page):
    drawn(page)
    box = page.locator(".bjs-powered-by").bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    on_top = "([x, y]) => !!document.elementFromPoint(x, y).closest('.bjs-powered-by')"
    assert page.evaluate(on_top, middle)


def test_the_diagram_is_reached_and_moved_by_keyboard(page):
    drawn(page)
    step = page.locator("[data-element-id=p11_check]")
    before = step.bounding_box()
    while not page.evaluate("document.activeElement.matches('.djs-container > svg')"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    moved = step.bounding_box()
    assert moved["x"] == pytest.approx(before["x"] + 60, abs=1)
    page.keyboard.press("0")
    assert step.bounding_box() == pytest.approx(before, abs=1)
    page.keyboard.press("+")
    assert step.bounding_box()["width"] > before["width"]


@pytest.mark.parametrize("name", ["broken", "missing"])
def test_a_diagram_that_cannot_be_drawn_is_told_in_words(page, name):
    page.goto(f"http://viewer.test/{name}")
    page.wait_for_selector("[data-state=failed]")
    assert page.get_by_text("The diagram cannot be drawn.").is_visible()


def test_the_drawing_follows_the_theme(page):
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        drawn(page)
        ink = "getComputedStyle(document.querySelector('.djs-connection path')).stroke"
        colours.add(page.evaluate(ink))
    assert len(colours) == 2
