"""Walks through the shipped processes, and the flows they take."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.cast import City
from tests.processes.walking import Walk, ways_to
from workflows import engine


@pytest.fixture(scope="module")
def taken() -> set[str]:
    """The flows that the tests of one file have passed."""
    return set()


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
