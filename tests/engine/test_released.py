"""Versions and cases stored by every released compiler and state format go on today."""

from pathlib import Path

import pytest

from workflows.engine import Complete, Facts, Fire, advance, load
from workflows.engine.plan import COMPILER
from workflows.engine.state import FORMAT

RELEASED = Path(__file__).parent / "released"


def test_every_released_number_has_its_fixture():
    numbers = {int(path.name.split("-")[0]) for path in RELEASED.glob("*.json")}
    assert numbers == set(range(1, max(COMPILER, FORMAT) + 1))


@pytest.mark.parametrize("number", range(1, COMPILER + 1))
def test_a_stored_case_goes_on_to_its_end(number):
    version = load((RELEASED / f"{number}-version.json").read_bytes().rstrip())
    state = (RELEASED / f"{number}-case.json").read_bytes().rstrip()
    assert set(version.description.steps) == {"ia", "many", "b", "c"}
    facts = Facts()
    progress = advance(version, state, Fire("5"), facts)
    assert progress.passed == ("t", "e2")
    open_steps = ["9", "8"]
    for step in open_steps:
        progress = advance(version, progress.state, Complete(step, {"reply": "x"}), facts)
    assert [step.element for step in progress.opened] == ["b"]
    progress = advance(version, progress.state, Complete(progress.opened[0].id), facts)
    assert progress.finished
    assert [row["reply"] for row in progress.data["replies"]] == ["a", "x"]
