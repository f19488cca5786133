"""Where a step stands: right after what, right before what, in a small picture and in words."""

from pathlib import Path

import pytest

from tests.cast import NOON
from webapp.here import HIGH, WIDE, around
from workflows.engine import compile_diagram
from workflows.processes.packages import beside
from workflows.tasks.models import Outcome, Task

DIAGRAM = Path(__file__).parents[2] / "bpmn" / "rsa_annual" / "rsa_annual.bpmn"


@pytest.fixture(scope="module")
def described():
    package = beside(DIAGRAM)
    return compile_diagram(package.source, decisions=package.tables).description


def _task(described, element, **more):
    name = described.steps[element].names["sv"]
    return Task(element=element, name_sv=name, name_en=name, opened_at=NOON, **more)


@pytest.mark.parametrize(
    ("element", "before", "after"),
    [
        ("p1_scope", [], ["Pröva säkerhetsskyddet", "Inventera åtaganden"]),  # two ways, one inside
        ("p1_crit", ["Inventera åtaganden"], ["Beskriv området", "Identifiera risker"]),
        ("p1_comm", ["Analysera beroenden"], ["Ta fram handlingsplan"]),  # out of its part
        ("p1_protect", ["Pröva säkerhetsskyddet"], []),
    ],
)
def test_the_nearest_steps_are_found_through_gateways_and_parts(described, element, before, after):
    here = around(described, _task(described, element), [])
    assert ([one.name for one in here.before], [one.name for one in here.after]) == (before, after)
    assert len(here.lines) == len(before) + len(after)
    for box in here.boxes:
        assert 0 <= box.x <= 328 - WIDE
        assert 0 <= box.y <= here.height - HIGH
        assert all(box.y < y < box.y + HIGH for y, _ in box.lines)


def test_of_several_ways_here_the_one_that_was_taken_is_told(described):
    done = {"closed_at": NOON, "outcome": Outcome.COMPLETED}
    tasks = [_task(described, "p1_rev", **done), _task(described, "p1_comm")]
    here = around(described, _task(described, "p1_actions"), tasks)
    assert [(one.name, one.is_done) for one in here.before] == [("Granska RSA", True)]
    assert [box.state for box in here.boxes] == ["here", "done", "done"]
