"""The built htmx in a real browser, under the content security policy of our pages."""

import json
from pathlib import Path

import pytest

from webapp.security import POLICY

DIST = Path(__file__).parents[2] / "webapp" / "static" / "dist"
HTMX = json.loads((DIST / "manifest.json").read_bytes())["htmx.js"]
PAGE = f"""<!doctype html><html lang="en"><title>htmx</title>
<script type="module" src="/{HTMX}"></script>
<main><form hx-post="/refused" hx-target="#answer"><button>Send</button></form>
<button id="code" hx-on:click="document.title = 'code ran'">Run</button>
<p id="answer"></p></main></html>"""


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda fault: page.said.append(str(fault)))
    page.route("**/*", answer)
    page.goto("http://htmx.test/")
    page.wait_for_function("window.htmx")
    yield page
    page.close()


def answer(route):
    headers = {"Content-Security-Policy": POLICY}
    name = route.request.url.removeprefix("http://htmx.test/")
    if name == HTMX:
        route.fulfill(path=DIST / name)
    elif name == "refused":
        route.fulfill(status=422, body="<b>Say who.</b>", content_type="text/html")
    else:
        route.fulfill(body=PAGE, content_type="text/html", headers=headers)


def test_a_refused_form_comes_back_into_the_page(page):
    page.click("form button")
    page.get_by_text("Say who.").wait_for()
    # The browser itself remarks on a 422; nothing else is said.
    assert [text for text in page.said if "422" not in text] == []


def test_code_in_an_attribute_is_refused_before_the_browser_has_to(page):
    page.click("#code")
    assert page.title() == "htmx"
    assert any("runs no code from attributes" in text for text in page.said)
