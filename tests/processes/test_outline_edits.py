"""A process changed as a list of steps: the same file, drawn so that it can be read."""

from itertools import pairwise, product
from pathlib import Path

import pytest
from lxml import etree

from workflows.engine.xml import BPMN, parse_xml
from workflows.errors import Invalid
from workflows.processes.checking import check
from workflows.processes.layout import DC, DD, DI, lay_out
from workflows.processes.outline import step, ways
from workflows.processes.outline_edits import change
from workflows.processes.packages import Package, beside

ROOT = Path(__file__).parents[2]
# with lanes and none, with sheets of their own, boundary events, loops and ways back
NAMES = ("yearly_review", "rsa_annual", "consultation_send", "styrel", "action_followup")
FILES = [ROOT / "bpmn" / name / f"{name}.bpmn" for name in NAMES]
STILL_ASKED = {"step_without_form", "step_without_deadline"}
NOT_ALONE = {"lane", "participant", "boundaryEvent", "subProcess", "transaction"}


def corners(bounds):
    x, y, w, h = (float(bounds.get(k)) for k in ("x", "y", "width", "height"))
    return x, y, x + w, y + h


def overlaps(source):
    """The elements drawn upon each other, sheet by sheet; what holds others is left out."""
    root = parse_xml(source)
    kinds = {e.get("id"): str(e.tag).rpartition("}")[2] for e in root.iter() if e.get("id")}
    for plane in root.iter(f"{{{DI}}}BPMNPlane"):
        boxes = []
        for shape in plane.iter(f"{{{DI}}}BPMNShape"):
            own, bounds = shape.get("bpmnElement"), shape.find(f"{{{DC}}}Bounds")
            if kinds[own] not in NOT_ALONE:
                boxes.append((own, *corners(bounds)))
        for label in plane.iter(f"{{{DI}}}BPMNLabel"):
            bounds = label.find(f"{{{DC}}}Bounds")
            boxes.append((f"name of {label.getparent().get('bpmnElement')}", *corners(bounds)))
        for place, (one, x1, y1, x2, y2) in enumerate(boxes):
            for other, u1, v1, u2, v2 in boxes[place + 1 :]:
                if x1 < u2 and u1 < x2 and y1 < v2 and v1 < y2:
                    yield one, other
        yield from names_run_over(plane, [one for one in boxes if one[0].startswith("name of")])


def names_run_over(plane, names):
    for edge in plane.iter(f"{{{DI}}}BPMNEdge"):
        points = [[float(p.get(k)) for k in "xy"] for p in edge.iter(f"{{{DD}}}waypoint")]
        for ((a, b), (c, d)), (name, x1, y1, x2, y2) in product(pairwise(points), names):
            if min(a, c) < x2 and x1 <= max(a, c) and min(b, d) < y2 and y1 <= max(b, d):
                yield edge.get("bpmnElement"), name


def drawn_anew(source):
    """Every sheet drawn by rule: of a shipped process some are drawn by hand, and not ours."""
    root = parse_xml(source)
    for scope in root.iter(f"{{{BPMN}}}process", f"{{{BPMN}}}subProcess"):
        lay_out(root, scope)
    return etree.tostring(root)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_step_put_into_a_shipped_process_runs_is_drawn_apart_and_goes_again(path):
    package = beside(path)
    way = ways(package.source)[len(ways(package.source)) // 2]
    done = change(package.source, {"new_name": "Nytt steg"}, f"add:{way.flow}")
    before = {(one.code, one.element) for one in check(package).problems}
    changed = Package(package.key, done.source, package.forms, package.tables)
    new = {(one.code, one.element) for one in check(changed).problems} - before
    assert {code for code, _ in new} <= STILL_ASKED
    assert {element for _, element in new} <= {done.step}
    assert list(overlaps(drawn_anew(done.source))) == []
    again = change(done.source, {"step": done.step}, "remove")
    ends = [(one.flow, one.source, one.target) for one in ways(again.source)]
    assert ends == [(one.flow, one.source, one.target) for one in ways(package.source)]


@pytest.mark.parametrize("path", sorted(ROOT.glob("bpmn/*/*.bpmn")), ids=lambda path: path.stem)
def test_no_way_runs_over_a_name_of_what_is_drawn_anew(path):
    assert list(overlaps(drawn_anew(path.read_bytes()))) == []


@pytest.fixture
def review():
    return (ROOT / "bpmn" / "yearly_review" / "yearly_review.bpmn").read_bytes()


def test_a_step_says_what_was_typed_and_changes_lane(review):
    found = step(review, "p11_check")
    other = next(lane for lane, _ in found.lanes if lane != found.lane)
    said = {"step": "p11_check", "sv": "Se över", "en": "Look over", "lane": other,
            "due": "T1 - 5wd", "notBy": "p11_approve", "guidance_sv": "Därför.\x00"}  # fmt: skip
    now = step(change(review, said, "save").source, "p11_check")
    assert (now.sv, now.en, now.lane, now.guidance_sv) == ("Se över", "Look over", other, "Därför.")
    assert (now.facts["due"], now.facts["notBy"]) == ("T1 - 5wd", "p11_approve")
    assert now.facts["form"] == found.facts["form"]  # what is not typed stays


def test_a_step_is_moved_to_another_way(review):
    last = ways(review)[-1]
    done = change(review, {"step": "p11_check", "to": last.flow}, "move")
    ends = {(one.source, one.target) for one in ways(done.source)}
    assert {(last.source, "p11_check"), ("p11_check", last.target)} <= ends


def test_a_choice_has_a_way_that_holds_and_one_that_is_taken_otherwise(review):
    said = {"new_name": "Extra", "question": "Extra?", "condition": "unit.has_geographic_area"}
    done = change(review, said, f"choice:{ways(review)[0].flow}")
    package = beside(ROOT / "bpmn" / "yearly_review" / "yearly_review.bpmn")
    found = check(Package(package.key, done.source, package.forms, package.tables))
    assert {one.code for one in found.problems} <= STILL_ASKED


@pytest.mark.parametrize(
    ("said", "deed", "code"),
    [
        ({}, "add:p11_flow_start", "outline_name"),
        ({"new_name": "A"}, "add:gone", "outline_gone"),
        ({"step": "gone"}, "save", "outline_gone"),
        ({"step": "p11_quarter"}, "remove", "outline_stays"),
        ({"step": "p11_check"}, "explode", "outline_gone"),
    ],
)
def test_what_cannot_be_done_in_the_list_is_refused(review, said, deed, code):
    with pytest.raises(Invalid) as refused:
        change(review, said, deed)
    assert refused.value.code == code


def test_a_branch_is_named_and_asked_for_and_a_step_says_several_deadlines(review):
    found = step(review, "p11_quarter")
    way = next(one for one in found.parts if not one.is_default)
    said = {"step": "p11_quarter", f"label:{way.flow}": "Nytt namn", f"when:{way.flow}": "year > 1"}
    now = step(change(review, said, "save").source, "p11_quarter")
    assert ("Nytt namn", "year > 1") in {(one.name, one.condition) for one in now.parts}
    dues = "case.occasion == 'T1' => T1 - 5wd\n=> +5wd"
    done = change(review, {"step": "p11_check", "dues": dues}, "save").source
    assert step(done, "p11_check").dues == dues


def test_the_steps_of_a_part_that_an_event_begins_follow_right_after_it():
    package = beside(ROOT / "bpmn" / "action_followup" / "action_followup.bpmn")
    parts = check(package).compiled.description.outline()
    at = [one.element for one in parts].index("p10_confirmation")
    assert [one.depth for one in parts[at : at + 4]] == [0, 1, 1, 1]
    assert parts[at - 1].depth == 0
