"""Diagrams with something missing, twisted or twice: refused or run, no crash and no hang."""

import random
from copy import deepcopy
from pathlib import Path
from time import perf_counter

import pytest
from lxml import etree

from tests.conformance.playing import play
from workflows.engine import check_diagram

PROBES = sorted((Path(__file__).parent / "probes").glob("*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TAGS = ("userTask", "scriptTask", "subProcess", "parallelGateway", "inclusiveGateway", "endEvent",
        "startEvent", "boundaryEvent", "intermediateCatchEvent", "callActivity", "receiveTask",
        "eventBasedGateway", "transaction", "process")  # fmt: skip
JUNK = ("", "x y", "<", "1", "-1", "Start", "é", "true", "None", "__class__", "${x}", "R/PT1S")


def mutate(source: bytes, chance: random.Random) -> bytes:
    root = etree.fromstring(source)
    elements = [element for element in root.iter() if element is not root]
    for _ in range(chance.randint(1, 4)):
        element = chance.choice(elements)
        parent = element.getparent()
        match chance.randrange(6):
            case 0 if parent is not None:
                parent.remove(element)
            case 1 if element.attrib:
                del element.attrib[chance.choice(list(element.attrib))]
            case 2 if element.attrib:
                ids = [other.get("id", "") for other in elements]
                name = chance.choice(list(element.attrib))
                element.set(name, chance.choice([*JUNK, *ids]))
            case 3:
                element.text = chance.choice(JUNK)
            case 4:
                chance.choice(elements).append(deepcopy(element))
            case _:
                element.tag = BPMN + chance.choice(TAGS)
    return etree.tostring(root)


@pytest.mark.parametrize("seed", range(8))
def test_no_mutant_crashes_or_hangs(seed):
    chance = random.Random(seed)  # noqa: S311 - the same mutants every time
    for _ in range(60):
        source = mutate(chance.choice(PROBES).read_bytes(), chance)
        began = perf_counter()
        problems = check_diagram(source, functions={"TRACE"})
        if any(problem.severity == "error" for problem in problems):
            assert all(problem.code for problem in problems)
        else:
            play(source, {"x": 1})
        assert perf_counter() - began < 10
