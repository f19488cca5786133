"""Diagrams of others lie outside the project; where they are not, that is said plainly."""

import pytest

from tests.conformance.suites import SHARED

_left_out: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has nothing to run on."""
    if SHARED.exists():
        return
    missing = [item for item in items if item.get_closest_marker("needs_shared")]
    items[:] = [item for item in items if item not in missing]
    config.hook.pytest_deselected(items=missing)
    _left_out.extend(item.name for item in missing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what did not run, and why."""
    for name in _left_out:
        terminalreporter.write_line(f"NOT RUN: {name}: there is no {SHARED}")
