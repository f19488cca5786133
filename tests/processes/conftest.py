"""Walks through the shipped processes, and the flows they take."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.cast import City
from tests.processes.walking import Walk
from workflows import engine
from workflows.rehearsal.covering import ways_to


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what walks a process, for `dev.py check-processes`."""
    if "walk" in getattr(item, "fixturenames", ()) and "any_answers" not in item.nodeid:
        item.add_marker("walk")


@pytest.fixture(scope="module")
def taken(request: pytest.FixtureRequest) -> Iterator[set[str]]:
    """The flows that the tests of one file have passed; kept for who asks for them by a folder."""
    passed: set[str] = set()
    yield passed
    if folder := os.environ.get("ARSHJUL_FLOWS"):
        path = Path(folder) / f"{request.path.stem}.json"
        path.write_text(json.dumps(sorted(passed)))


@pytest.fixture
def walk(
    session: Session, city: City, taken: set[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Walk]:
    """Make a walk of a process; what the engine passes is noted on its way, nothing is changed."""
    passed: set[str] = set()

    def noting(move: Callable[..., engine.Progress]) -> Callable[..., engine.Progress]:
        def moved(made: engine.Compiled, *args: Any, **more: Any) -> engine.Progress:
            progress = move(made, *args, **more)
            passed.update(progress.passed)
            for place, element in enumerate(progress.passed):
                taken.update(ways_to(made, element, progress.passed[:place], passed))
            return progress

        return moved

    for name in ("begin", "advance"):
        monkeypatch.setattr(engine, name, noting(getattr(engine, name)))
    return lambda key: Walk(session, city, key)
