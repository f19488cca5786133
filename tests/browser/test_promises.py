"""What the product promises whoever uses it, each promise tried as they would notice it.

Three more stand where what they need is made: 2 in test_calendar, 3 in test_walk, 7 in test_forms.
"""

import csv
import re
from io import StringIO

import pytest

from tests.browser.test_walk import WORDS, new_case  # noqa: F401 (a fixture)

ROOMS = ("/", "/tasks/?list=role", "/overview/", "/registers/", "/calendar/2026", "/account")
KILO = 1000
SYSTEM_WORDS = re.compile(
    r"\b(instans\w*|token\w*|payload\w*|workflow\w*|null|undefined)\b", re.IGNORECASE
)


@pytest.fixture
def coordinator(visit):
    """Open a window for the coordinator, who looks."""

    def look(path, *how, **more):
        visitor = visit(*how, **more)
        visitor.see(path, "samordnare@demo.test")
        return visitor

    return look


@pytest.mark.parametrize("width", [1280, 360])
def test_promise_1_the_next_thing_to_do_is_the_first_thing_seen(coordinator, width):
    page = coordinator("/", width=width).page
    first = page.locator("main .row__t").first
    assert first.bounding_box()["y"] < page.viewport_size["height"]
    assert page.locator("section[aria-labelledby=now] .task").count() <= 3
    assert page.locator("svg.wheel:visible").count() == 1
    wanted = first.get_attribute("href")
    page.get_by_role("link", name="Öppna den mest brådskande").click()
    assert page.url.endswith(wanted)


def test_promise_4_one_main_button_on_a_page_and_what_destroys_asks_first(visit, coordinator):
    visitor = coordinator("/")
    for path in ROOMS:
        visitor.go(path)
        assert visitor.main_buttons() <= 1, path
    central = visit()
    page = central.see("/tasks/1", "central@demo.test")
    page.get_by_role("link", name="Se alla steg").click()
    page.goto(page.url.partition("?")[0] + "/cancellation")
    assert "Det går inte att ångra" in page.locator(".effects").inner_text()
    assert page.locator("#f-why").get_attribute("aria-required") == "true"


def test_promise_5_nothing_is_a_riddle(coordinator, new_case):  # noqa: F811
    visitor = coordinator(new_case())
    page = visitor.page
    page.get_by_role("link", name=WORDS["sv"]["check"]).first.click()
    page.get_by_role("button", name="Klar", exact=True).click()
    for link in page.locator(".errors li a").all():
        place = link.get_attribute("href")
        assert page.locator(f"[id='{place[1:]}']").count() == 1, place
        assert len(link.inner_text().split()) > 2
    for path in ("/nowhere", "/admin/", "/tasks/999999", "/cases/0"):
        visitor.go(path)
        assert page.locator("main a, main button").count(), path  # no dead end
        assert "Traceback" not in page.content()


def test_promise_6_works_by_keyboard_at_400_percent_and_without_script(coordinator, new_case):  # noqa: F811
    """The whole way from the list to what is done, with nothing but keys, zoomed in, no script."""
    place = new_case()
    visitor = coordinator(place, script=False)
    visitor.zoom_in()
    page = visitor.page
    for path in (*ROOMS, place):
        visitor.go(path)
        assert not visitor.has_sideways_scroll(), path

    def press(wanted, key="Enter"):
        for _ in range(200):
            page.keyboard.press("Tab")
            if page.locator(f"{wanted}:focus").count():
                page.keyboard.press(key)
                return
        raise AssertionError(f"Tab never came to {wanted}")

    press("main a[href^='/tasks/']")
    page.wait_for_url("**/tasks/*")
    press("input[name='items-0-status']", "Space")
    press("input[name='items-1-status']", "Space")
    press(".bar .btn--main")
    page.wait_for_url("**/cases/*")
    assert "Klart" in page.locator("main .lead").inner_text()


def test_promise_8_lists_are_tools(coordinator):
    visitor = coordinator("/tasks/?list=role")
    page = visitor.page
    every = page.locator("main .row__t").count()
    page.get_by_label("Ord", exact=True).fill("gå igenom")
    page.get_by_role("button", name="Visa", exact=True).click()
    assert "text=g" in page.url  # whoever gets the address sees the same
    shown = page.locator("main .row__t").all_inner_texts()
    assert 0 < len(shown) <= every
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()
    text = taken.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))
    assert sorted(row[0] for row in rows[1:]) == sorted(shown)


def test_promise_9_plain_swedish_first_and_english_complete(coordinator, new_case):  # noqa: F811
    place = new_case()
    said = {}
    for language in ("sv", "en"):
        visitor = coordinator(place, language)
        for path in (*ROOMS, place):
            page = visitor.go(path)
            text = page.locator("body").inner_text()
            assert not SYSTEM_WORDS.findall(text), path
            said[language, path] = page.locator("nav").first.inner_text().split("\n")
    for path in (*ROOMS, place):
        both = [said[language, path] for language in ("sv", "en")]
        assert not {one for one in both[0] if len(one) > 4} & set(both[1]), path
    coordinator("/", "sv")  # as it was for the next


def test_promise_10_fast_enough_not_to_be_noticed(visit, coordinator):
    """All that a page says is in its first answer, but what takes long to count, which comes after
    it; and what else it fetches weighs little."""
    later = "document.querySelectorAll('[data-later], #too-much')"
    plain_page = coordinator("/", script=False).page
    plain_page.evaluate(f"{later}.forEach((one) => one.remove())")
    plain = plain_page.locator("main").inner_text()
    visitor = visit()
    fetched = []
    visitor.page.on("response", lambda answer: fetched.append(answer))
    page = visitor.see("/", "samordnare@demo.test")
    page.evaluate(f"{later}.forEach((one) => one.remove())")
    assert page.locator("main").inner_text() == plain
    assert page.locator("[aria-busy=true], .spinner").count() == 0
    fetched.clear()
    page.goto(page.url)
    page.wait_for_load_state("networkidle")
    sizes = [one.request.sizes() for one in fetched]
    assert sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes) < 150 * KILO
