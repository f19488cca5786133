"""What a test run promises: nothing is skipped, and each part's time stands beside its budget.

A pytest plugin, loaded by `python3 dev.py test`.
"""

import os
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.drawing import EVERYTHING

# A part is a folder of tests; what lies in none of them is the domain, run on each database.
FOLDERS = ("conformance", "browser", "processes")
BUDGETS = {
    "install": 90,
    "domain on SQLite": 150,
    "domain on PostgreSQL": 150,
    "conformance": 120,
    "browser": 240,
    "processes": 90,
}


@dataclass
class Spent:
    seconds: float = 0
    tests: int = 0


def part_of(nodeid: str) -> str:
    """Say which part a test belongs to: by its folder, else by the database in its parameters."""
    path, _, name = nodeid.partition("::")
    folders = path.split("/")[1:-1]
    for folder in FOLDERS:
        if folder in folders[:1]:
            return folder
    parameters = name.partition("[")[2].rstrip("]").split("-")
    return "domain on PostgreSQL" if "postgresql" in parameters else "domain on SQLite"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one: what cannot run must say what it lacks."""
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"A test may not be skipped: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print each part's time against its budget, before pytest's own last line."""
    spent = {part: Spent() for part in BUDGETS}
    spent["install"].seconds = float(os.environ.get("ARSHJUL_INSTALL_SECONDS", 0))
    reports = [
        report
        for group in terminalreporter.stats.values()
        for report in group
        if isinstance(report, pytest.TestReport)
    ]
    for report in reports:
        part = spent[part_of(report.nodeid)]
        part.seconds += report.duration
        part.tests += report.when == "call"
    terminalreporter.section("time and budget")
    for name, budget in BUDGETS.items():
        terminalreporter.write_line(_line(name, spent[name], budget))
    if not EVERYTHING:
        terminalreporter.write_line(
            "(databases, pages and looks: those the commit draws; --all: all)"
        )


def _line(name: str, spent: Spent, budget: int) -> str:
    number = "" if name == "install" else f"tests: {spent.tests or 'none'}"
    over = "  OVER ITS BUDGET" if spent.seconds > budget else ""
    return f"{name:<21} {spent.seconds:6.1f} s of {budget:3} s  {number}{over}".rstrip()
