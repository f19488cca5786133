"""When every step of a process would open and be due, whatever its diagram looks like."""

from pathlib import Path

import pytest

from tests import packages
from tests.steering import outing
from workflows.calendar.because import Reason
from workflows.calendar.parsing import parse, parse_list
from workflows.calendar.windows import plan
from workflows.calendar.years import standard_calendar
from workflows.engine import compile_diagram
from workflows.language import on
from workflows.processes.checking import check
from workflows.processes.windows import steps_of

SHIPPED = sorted(path for path in Path("bpmn").glob("*/*.bpmn"))
START = parse("VB + 1wd")  # 11 February


def steps(nodes, flows):
    return steps_of(compile_diagram(outing.package(nodes, flows).source))


def windows(nodes, flows):
    found = plan(steps(nodes, flows), standard_calendar(2027), 2027, start=START)
    return {one.key: one for one in found}


def opens(nodes, flows):
    return {key: str(on(one.opens_at)) for key, one in windows(nodes, flows).items()}


def test_a_step_after_a_join_waits_for_every_branch_however_the_diagram_is_drawn():
    nodes = (
        '<bpmn:parallelGateway id="fork"/>' + outing.task("short", "+5wd")
        + outing.task("after", "+5wd") + '<bpmn:parallelGateway id="join"/>'
        + outing.task("long", "+30wd")
    )  # fmt: skip
    flows = "begin fork;fork short;short join;join after;after done;fork long;long join"
    assert opens(nodes, flows) == {
        "short": "2027-02-11", "long": "2027-02-11", "after": "2027-03-25",
    }  # fmt: skip


def test_a_flow_back_to_an_earlier_step_does_not_hold_it():
    known = steps_of(compile_diagram(packages.letter().source))
    found = plan(known, standard_calendar(2027), 2027, start=START)
    assert [(one.key, str(on(one.opens_at))) for one in found] == [
        ("write", "2027-02-11"),
        ("approve", "2027-05-11"),
    ]


def test_the_steps_inside_and_after_a_sub_process_follow_one_another():
    inner = (
        '<bpmn:subProcess id="inside"><bpmn:startEvent id="in_begin"/>'
        + outing.task("inner", "+5wd")
        + '<bpmn:endEvent id="in_end"/><bpmn:sequenceFlow id="i1" sourceRef="in_begin" '
        'targetRef="inner"/><bpmn:sequenceFlow id="i2" sourceRef="inner" targetRef="in_end"/>'
        "</bpmn:subProcess>"
    )  # fmt: skip
    nodes = outing.task("first", "+5wd") + inner + outing.task("last", "+5wd")
    assert opens(nodes, "begin first;first inside;inside last;last done") == {
        "first": "2027-02-11", "inner": "2027-02-18", "last": "2027-02-25",
    }  # fmt: skip


def test_what_a_timer_at_the_edge_of_a_step_leads_to_opens_while_the_step_is_open():
    nodes = (
        outing.task("first", "+5wd") + outing.task("plan", "+30wd")
        + outing.edge("tick", "plan", "+10wd", "timeDuration")
    )  # fmt: skip
    found = opens(nodes, "begin first;first plan;plan done;tick nudge;nudge nudged")
    assert (found["plan"], found["nudge"]) == ("2027-02-18", "2027-03-04")


def test_of_two_timers_on_the_way_the_later_one_counts():
    nodes = outing.timer("one", "T1") + outing.timer("two", "T2") + outing.task("last", "+5wd")
    assert opens(nodes, "begin one;one two;two last;last done") == {"last": "2027-09-24"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_step_of_a_shipped_process_is_planned_for_each_of_its_starts(path):
    others = {one.name: one.read_bytes() for one in path.parent.glob("*.dmn")}
    runs = compile_diagram(path.read_bytes(), decisions=others)
    known = steps_of(runs)
    assert {step.key for step in known} == set(runs.description.steps)
    calendar = standard_calendar(2027)
    for start in [one for text in runs.description.starts for one in parse_list(text)]:
        for window in plan(known, calendar, 2027, start=start):
            assert window.opens_at is not None, window.key
            if window.missing is not None:  # only what the case or a later calendar will say
                assert window.missing.reason in (Reason.FIELD_MISSING, Reason.NO_CALENDAR)


def test_a_deadline_before_its_own_case_opens_is_warned_of():
    nodes = outing.task("early", "VB - 10wd") + outing.task("late", "+5wd")
    said = 'arshjul:starts="VB + 1wd; T1 + 1wd" arshjul:per="board"'
    package = outing.package(nodes, "begin early;early late;late done", more=said)
    found = [(one.code, one.element, one.severity) for one in check(package).problems]
    assert ("due_before_case", "early", "warning") in found
    assert ("due_before_case", "late", "warning") not in found
