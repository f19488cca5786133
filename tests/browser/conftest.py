"""One browser and one server with the demo for all browser tests; a context for each."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import chromium
from tests.drawing import EVERYTHING, drawn
from tests.server import Server
from workflows.demo.cast import PASSWORD

SCREENS = Path(__file__).parents[2] / "var" / "screens"
# What one presses that is lower than a finger is wide, but links in running text.
SMALL = """() => [...document.querySelectorAll(
    'button, summary, select, textarea, input:not([type=hidden]), a.btn, .row__t, nav a')]
  .map((one) => one.matches('[type=radio], [type=checkbox]') ? one.closest('label') ?? one : one)
  .filter((one) => one.checkVisibility() && !one.closest('.hidden, .skip'))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.height && box.height < 43.5)
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)}: ${Math.round(box.height)}`)"""
SIGNED_IN: dict[str, Any] = {}  # the cookies of who has signed in to be looked at


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.opened() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Server]:
    # by its name: browsers do no passkeys for a bare number
    server = Server(tmp_path_factory.mktemp("demo"), host="localhost")
    if worker_id != "master":
        shutil.copytree(_grown(tmp_path_factory), server.data, dirs_exist_ok=True)
    with server:
        yield server


def _grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, grown once for all who run these tests side by side."""
    shared = tmp_path_factory.getbasetemp().parent / "grown"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shared.is_dir():
            growing = shared.with_suffix(".part")
            growing.mkdir()
            Server(growing).grow()
            growing.rename(shared)
    return shared


class Visit:
    """One person's window: what it complained of and asked for is held against us at the end."""

    def __init__(self, context: BrowserContext, server: Server, language: str) -> None:
        self.context = context
        self.language = language
        self.server = server
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.strays: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))
        self.page.on("request", self._asked)

    def _heard(self, message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.complaints.append(text)

    def _asked(self, request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if not url.startswith((self.server.url, "data:", "blob:")):
            self.strays.append(url)

    def go(self, path: str) -> Page:
        self.page.goto(self.server.url + path)
        return self.page

    def sign_in(self, email: str) -> "Visit":
        self.go("/sign-in")
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form [type=submit], main form button.btn--main")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        self.speak(self.language)  # a person's own choice stays with them from test to test
        return self

    def see(self, path: str, email: str | None) -> Page:
        """Look at a page as somebody; whoever only looks need not sign in anew in each test."""
        if email is None:
            return self.go(path)
        if email not in SIGNED_IN:
            self.sign_in(email)
            SIGNED_IN[email] = self.context.cookies()
        self.context.add_cookies(SIGNED_IN[email])
        self.go(path)
        if "/sign-in" in self.page.url:  # another test has signed them out
            del SIGNED_IN[email]
            return self.see(path, email)
        self.speak(self.language)
        return self.page

    def speak(self, language: str) -> None:
        """Choose the language in the person's own menu, as a person would."""
        if self.page.locator("html").get_attribute("lang") != language:
            self.page.locator("details.menu summary:visible").first.click()
            self.page.locator(f"button[lang={language}]:visible").first.click()
        assert self.page.locator("html").get_attribute("lang") == language

    def keep(self, name: str) -> None:
        """Keep a picture for a person to look at, where everything is tried."""
        if not EVERYTHING:
            return
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}.png", full_page=True)

    def look(self, name: str) -> None:
        """Keep the page as it stands, wide and narrow, and find nothing wrong with it."""
        wide = self.page.viewport_size
        self.keep(f"{name}-1280")
        self.page.set_viewport_size({"width": 360, "height": 900})
        self.keep(f"{name}-360")
        assert not self.has_sideways_scroll()
        assert self.axe() == []
        self.page.set_viewport_size(wide)

    def axe(self) -> list[str]:
        """What axe finds wrong on the page as it is now."""
        self.page.wait_for_load_state()
        found = Axe().run(self.page).response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]

    def small_targets(self) -> list[str]:
        """What one presses on a phone that is less than 44 pixels high."""
        self.page.set_viewport_size({"width": 360, "height": 900})
        self.page.wait_for_load_state()
        found: list[str] = self.page.evaluate(SMALL)
        return found

    def main_buttons(self) -> int:
        """How many buttons are drawn as the main one."""
        shown = "(all) => all.filter((one) => one.checkVisibility()).length"
        count: int = self.page.locator(".btn--main").evaluate_all(shown)
        return count

    def zoom_in(self) -> None:
        """See the page at 400 %, as a window of 1280 by 1024 is then."""
        self.page.set_viewport_size({"width": 320, "height": 256})

    def has_sideways_scroll(self) -> bool:
        self.page.wait_for_load_state()  # what was just clicked may have begun to arrive only
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Open]:
    with windows(browser, server) as open_one:
        yield open_one


@contextmanager
def windows(browser: Browser, server: Server) -> Iterator[Open]:
    """Open windows; at the end none may have complained or asked anybody but our server."""
    opened: list[Visit] = []

    def open_one(
        language: str = "sv", width: int = 1280, theme: str = "light", *, script: bool = True
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        opened.append(Visit(context, server, language))
        return opened[-1]

    yield open_one
    for one in opened:
        one.context.close()
        assert one.complaints == []
        assert one.strays == []


LOOKS = [
    (language, width, theme)
    for language in ("sv", "en")
    for width in (1280, 360)
    for theme in ("light", "dark")
]


def looks_of(page: str, *, of_many: bool = False) -> list[tuple[str, int, str]]:
    """In which language, width and theme a page is tried: all, or one that its commit draws; of
    very many pages each commit leaves out half.
    """
    which = drawn(page, len(LOOKS) * (2 if of_many else 1))
    return LOOKS if EVERYTHING else LOOKS[which : which + 1]
