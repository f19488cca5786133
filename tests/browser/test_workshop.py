"""The workshop as a process owner uses it: the editor with its fields, and its twin by keyboard."""

import json
from pathlib import Path

import pytest

DIST = Path(__file__).parents[2] / "webapp" / "static" / "dist"
OWNER = "processer@demo.test"
MOST = 470_000  # bytes packed with Brotli that the editor may take (decision 30)


@pytest.fixture
def draft(visit):
    """The page of a draft, and where it lies."""

    def opened(key):
        window = visit()
        page = window.see(f"/processes/{key}", OWNER)
        path = page.locator("a[href^='/workshop/']").first.get_attribute("href")
        return window, path

    return opened


def chosen(page, element):
    page.locator(f"[data-element-id={element}]").first.click()
    page.locator("#e-name").wait_for()


def saved(page):
    """Wait for the save that follows what was just typed."""
    return page.expect_response(lambda r: r.url.endswith("/draft") and r.request.method == "POST")


def test_the_bundle_of_the_editor_is_small_enough():
    names = json.loads((DIST / "manifest.json").read_bytes())
    packed = [DIST / f"{names[one]}.br" for one in ("editor.js", "editor.css")]
    assert sum(path.stat().st_size for path in packed) <= MOST


def test_a_step_is_added_broken_mended_and_there_when_one_comes_back(draft):
    window, path = draft("yearly_review")
    page = window.go(path)
    page.locator("#editor[data-state=ready]").wait_for()
    chosen(page, "p11_check")
    page.locator("[data-tool=append]").click()
    page.keyboard.type("Steg för människor")
    page.keyboard.press("Enter")
    page.keyboard.type("Kontrollera listan")
    page.keyboard.press("Escape")
    page.locator("#e-name").fill("Kontrollera listan")
    page.locator("#e-lane").select_option(label="Förvaltningschef")
    page.locator("#e-form").select_option("yearly_review/check")
    with saved(page):
        page.locator("#e-due").fill("T1 - 10xx")
    wrong = page.locator("[data-problems] .is-error", has_text="10xx")
    wrong.get_by_role("button", name="Kontrollera listan").click()
    with saved(page):
        page.locator("#e-due").fill("T1 + 10wd")
    wrong.wait_for(state="detached")
    page.get_by_text("10 arbetsdagar framåt").wait_for()
    page.reload()
    page.locator("#editor[data-state=ready]").wait_for()
    step = page.locator(".djs-shape", has_text="Kontrollera").first
    chosen(page, step.get_attribute("data-element-id"))
    values = [page.locator(f"#e-{name}").input_value() for name in ("form", "due", "name")]
    assert values == ["yearly_review/check", "T1 + 10wd", "Kontrollera listan"]
    assert page.locator(".bjs-powered-by").is_visible()
    window.look("workshop-editor")


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
    window.look("workshop-outline")
    for part in ("parts", "forms/consultation_reply/form"):
        window.go(f"{path}/{part}")
        assert window.axe() == []
