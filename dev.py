#!/usr/bin/env python3
"""Work with Årshjul. Needs Python 3.11 or newer with pip, and a network the first time; no more.

  python3 dev.py run            try the product: prepares what is missing, then serves it
                                (--port N, --data DIR, --empty: without the demo city)
  python3 dev.py test           run every test, on SQLite and PostgreSQL and in a browser
                                (--all: every page in every language, width and theme, and
                                on both databases, where else a draw decides;
                                --database sqlite|postgresql|both; -k WORDS, paths and what
                                else pytest takes)
  python3 dev.py check          style, types, import floors, templates, migrations, translations
  python3 dev.py bench [NAME]   measure; one line per figure (--quick, --json)
  python3 dev.py build          build the front-end bundle into webapp/static/dist/
  python3 dev.py conformance    run diagrams whose right behaviour is known (--json)
  python3 dev.py check-processes
                                walk every shipped process, and say of each in one line what
                                there is and what is wrong (--json, --year)
  python3 dev.py lock           pin again what requirements/*.in ask for

Every other word goes to the arshjul command: create-user, backup, restore, upgrade and so on
(python3 dev.py COMMAND --help tells more). Exit code 0: good, 1: found something wrong,
2: used wrongly.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

from requirements.environment import PYTHON, ROOT, VENV, node, npm_install, prepare, stop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


CHECKS = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "import floors": ["lint-imports"],
    "templates": ["djlint", "--lint", "webapp/templates"],
    "migrations": ["python", "-m", "webapp.cli", "check-migrations"],
    "translations": ["python", "-m", "workflows.language", "check"],
}


def main(arguments: Sequence[str]) -> int:
    """Do what the first word says; returns the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one is what this is for)
        stop(f"Årshjul needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if os.name == "nt":
        stop("Årshjul runs on Linux and macOS; on Windows, use it inside WSL.")
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print((__doc__ or "").strip())
        return 0 if arguments else 2
    word, rest = arguments[0], list(arguments[1:])
    try:
        if word in OWN_COMMANDS:
            return OWN_COMMANDS[word](rest)
        prepare("run")
        become([PYTHON, "-m", "webapp.cli", word, *rest])
    except KeyboardInterrupt:
        stop("Stopped. Run the same command again: it goes on from where it was.", code=130)
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            stop("The disk is full: make room and run the same command again.")
        stop(f"{fault.strerror}: {fault.filename}")


def test(arguments: list[str]) -> int:
    """Run the tests, with everything they need put in place first."""
    os.chdir(ROOT)
    began = time.monotonic()
    prepare("dev")
    # A browser that cannot be had is told here, and again by each test that fails without it.
    subprocess.run([PYTHON, "-m", "tests.browser.chromium"], env=surroundings(), check=False)
    more = {"ARSHJUL_INSTALL_SECONDS": f"{time.monotonic() - began:.1f}"}
    if "--all" in arguments:
        arguments.remove("--all")
        more["ARSHJUL_ALL"] = "1"
    if not any(argument.startswith("--database") for argument in arguments):
        arguments.insert(0, "--database=both")
    if all(argument.startswith("-") for argument in arguments):  # everything: on every core
        arguments += [f"--numprocesses={min(4, os.cpu_count() or 1)}", "--dist=loadfile"]
        # In their order: those with few tests are the slow ones, and would all come last.
        arguments += ["--no-loadscope-reorder"]
    become([PYTHON, "-m", "pytest", "-p", "tests.budget", *arguments], more)


def check(arguments: list[str]) -> int:
    """Run every check and show all they find; 1 if any found something."""
    if arguments:
        stop("check takes no options: it runs every check.", code=2)
    prepare("dev")
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, code, seconds, said in pool.map(_check, CHECKS):
            print(f"{'ok    ' if code == 0 else 'FAILED'} {name:<14} {seconds:5.1f} s", flush=True)
            if code != 0:
                failed.append(name)
                print(said.rstrip() or f"({name} said nothing and ended with {code})", flush=True)
    print(f"check: {', '.join(failed)} failed" if failed else "check: all good")
    return 1 if failed else 0


def _check(name: str) -> tuple[str, int, float, str]:
    began = time.monotonic()
    program, *words = CHECKS[name]
    try:
        done = subprocess.run(
            [VENV / "bin" / program, *words],
            cwd=ROOT,
            env=surroundings(),
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except FileNotFoundError:
        return name, 1, 0.0, f"{program} is missing in .venv: delete .venv and try again."
    return name, done.returncode, time.monotonic() - began, done.stdout


def bench(arguments: list[str]) -> int:
    """Measure, and say whether each figure meets its target."""
    prepare("dev")
    become([PYTHON, "-m", "bench.run", *arguments])


def build(arguments: list[str]) -> int:
    """Build the front-end bundle; the same sources give the same bytes."""
    if arguments:
        stop("build takes no options.", code=2)
    prepare("dev")
    npm_install(ROOT / "frontend")
    return subprocess.run([node(), "build.mjs"], cwd=ROOT / "frontend", check=False).returncode


def conformance(arguments: list[str]) -> int:
    """Hold the engine against diagrams whose right behaviour is known."""
    prepare("run")
    become([PYTHON, "-m", "tests.conformance", *arguments])


def lock(arguments: list[str]) -> int:
    """Pin what requirements/*.in ask for, newest allowed with --upgrade, with the hash of each."""
    if not (VENV / "bin" / "uv").exists():
        prepare("dev")
    compile_ = [str(VENV / "bin" / "uv"), "pip", "compile", "--quiet", "--generate-hashes"]
    how = ["--no-emit-index-url", "--python-version", "3.11", "--universal", *arguments]
    for name in ("run", "dev"):  # dev is constrained by run: this order
        target = f"requirements/{name}.lock"
        told = {"UV_CUSTOM_COMPILE_COMMAND": "python3 dev.py lock"}
        made = subprocess.run(
            [*compile_, *how, f"requirements/{name}.in", "-o", target],
            cwd=ROOT,
            env=surroundings(told),
            check=False,
        )
        if made.returncode != 0:
            return 1
        print(f"wrote {target}")
    return 0


def check_processes(arguments: list[str]) -> int:
    """Walk every shipped process by its tests, then say what there is and what is wrong."""
    os.chdir(ROOT)
    prepare("dev")
    with TemporaryDirectory() as folder:
        walks: list[str | Path] = [
            PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--numprocesses=2",
            "--dist=loadfile", "-m", "walk", "tests/processes",
        ]  # fmt: skip
        more = surroundings({"ARSHJUL_FLOWS": folder})
        done = subprocess.run(walks, env=more, check=False, text=True, capture_output=True)
        if done.returncode:
            print(done.stdout)
        told: list[str | Path] = [
            PYTHON,
            "-m",
            "webapp.cli",
            "check-processes",
            "--walked",
            folder,
            *arguments,
        ]
        return subprocess.run(told, env=surroundings(), check=False).returncode or done.returncode


OWN_COMMANDS = {
    "check-processes": check_processes,
    "test": test,
    "check": check,
    "bench": bench,
    "build": build,
    "conformance": conformance,
    "lock": lock,
}


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment our programs run in.

    What Python has compiled is kept, also where the machine says not to: beside the packages, not
    among our files. Without it each program takes four seconds longer to begin.
    """
    compiled = {"PYTHONPYCACHEPREFIX": str(VENV / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, **compiled, "PYTHONPATH": str(ROOT), "PATH": path, **(more or {})}


def become(command: Sequence[str | Path], more: Mapping[str, str] | None = None) -> NoReturn:
    """Let this process be another program, so that its signals and exit code are that one's."""
    sys.stdout.flush()
    words = [str(part) for part in command]
    os.execve(words[0], words, surroundings(more))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
