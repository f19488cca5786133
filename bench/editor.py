"""How long until the editor of a diagram can be used, with nothing in the cache, and its size."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser, StorageState

from bench import Figure
from tests.browser import chromium
from tests.server import Server
from workflows.demo.cast import PASSWORD

DIST = Path(__file__).parents[1] / "webapp" / "static" / "dist"
OWNER, PROCESS = "processer@demo.test", "rsa_annual"
TIMES, USABLE_S, PACKED_KB = 5, 2.0, 470


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Weigh the bundle, then click the way into the draft of the largest shipped process."""
    names = json.loads((DIST / "manifest.json").read_bytes())
    packed = sum((DIST / f"{names[one]}.br").stat().st_size for one in ("editor.js", "editor.css"))
    kb = packed / 1000
    yield Figure("editor, bundle packed with Brotli", kb, "kB", PACKED_KB, kb <= PACKED_KB)
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium.opened() as browser,
        Server(Path(folder), host="localhost") as server,
    ):
        who = _signed_in(browser, server)
        taken = [_opened(browser, server, who) for _ in range(2 if quick else TIMES)]
    shown = median(taken)
    yield Figure("editor, usable after the click", shown, "s", USABLE_S, shown <= USABLE_S)


def _signed_in(browser: Browser, server: Server) -> StorageState:
    context = browser.new_context(locale="sv-SE")
    page = context.new_page()
    page.goto(f"{server.url}/sign-in")
    page.fill("[name=email]", OWNER)
    page.fill("[name=password]", PASSWORD)
    page.click("main form [type=submit], main form button.btn--main")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    who = context.storage_state()
    context.close()
    return who


def _opened(browser: Browser, server: Server, who: StorageState) -> float:
    """The seconds from the click until a step can be chosen; a new context has an empty cache."""
    context = browser.new_context(locale="sv-SE", storage_state=who)
    page = context.new_page()
    page.goto(f"{server.url}/processes/{PROCESS}")
    began = perf_counter()
    page.locator("a[href^='/workshop/']").first.click()
    page.locator("#editor[data-state=ready]").wait_for()
    taken = perf_counter() - began
    context.close()
    return taken
