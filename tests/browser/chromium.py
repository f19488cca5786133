"""A Chromium to test with: $CHROME, else the pinned one that npm carries, else the machine's own.

The pinned one has no windows to draw: a page costs it a third of what it costs a whole Chromium.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from requirements.environment import VENV, node, npm_install, say

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The shipped fonts.conf names a folder that exists elsewhere; without fonts all text is 0 px wide.
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>{folder}/fonts</dir>
<dir>/usr/share/fonts</dir>
<cachedir>{folder}/fontcache</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A browser to start, and what its surroundings must hold besides ours."""

    program: Path
    surroundings: dict[str, str] = field(default_factory=dict)


class NoChromium(Exception):
    """There is no browser to test with; the text says what was tried."""


def find() -> Chromium:
    """Find a browser, unpacking the pinned one the first time.

    :raises NoChromium: if none can be had
    """
    named = os.environ.get("CHROME")
    if named:
        if not os.access(named, os.X_OK):
            raise NoChromium(f"CHROME names {named}, which is no program that can be run.")
        return Chromium(Path(named))
    try:
        return _pinned()
    except NoChromium:
        for name in SYSTEM_NAMES:
            if found := shutil.which(name):
                return Chromium(Path(found))
        raise


def _pinned() -> Chromium:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NoChromium("There is no browser: set CHROME to one, or install chromium.")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = VENV / f"chromium-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        _unpack(folder)
    return Chromium(
        folder / "chromium",
        {
            "LD_LIBRARY_PATH": str(folder / "al2023" / "lib"),
            "FONTCONFIG_PATH": str(folder / "fonts"),
        },
    )


def _unpack(folder: Path) -> None:
    """Unpack beside, then rename: what is there is whole."""
    try:
        npm_install(HERE)
    except SystemExit as told:
        raise NoChromium(
            "There is no browser: set CHROME to one, install chromium, or let the pinned one "
            "be fetched."
        ) from told
    say("Unpacking Chromium")
    beside = folder.with_suffix(f".{os.getpid()}")
    beside.mkdir()
    done = subprocess.run(
        [node(), "unpack.mjs"],
        cwd=HERE,
        env={**os.environ, "TMPDIR": str(beside)},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0 or not (beside / "chromium").exists():
        shutil.rmtree(beside, ignore_errors=True)
        raise NoChromium(f"Chromium could not be unpacked: {done.stderr.strip()[-300:]}")
    (beside / "fonts" / "fonts.conf").write_text(FONTS_CONF.format(folder=folder))
    beside.rename(folder)


@contextmanager
def opened() -> Iterator["Browser"]:
    """Open a browser for the length of a test session, and close it."""
    chromium = find()
    # Playwright's own Node needs a library that a bare machine lacks; the wheel's does not.
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node()))
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.program,
            # It only ever visits our own pages, and a container forbids the sandbox.
            args=["--no-sandbox", "--disable-gpu"],
            env={**os.environ, **chromium.surroundings},
        )
        yield browser
        browser.close()


if __name__ == "__main__":
    try:
        print(f"· Browser: {find().program}", file=sys.stderr)  # noqa: T201 (a step of dev.py)
    except NoChromium as missing:
        sys.exit(str(missing))
