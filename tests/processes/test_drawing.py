"""Every sheet that is shipped can hang on a wall: nothing crosses, nothing lies over anything."""

from itertools import combinations, pairwise

import pytest
from lxml import etree

from tests.processes.walking import PACKAGES

TWO_SCREENS = 2 * 1280
NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "draw": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
}
FRAMES = {"participant", "lane"}
LONGEST_WORD = 17  # a longer one is broken in the box of its step


def sheets(key):
    root = etree.fromstring(PACKAGES[key].source)
    kinds = {e.get("id"): etree.QName(e).localname for e in root.iter("{*}*") if e.get("id")}
    return kinds, root.findall(".//draw:BPMNPlane", NAMESPACES), root


def box(bounds):
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def boxes(plane, kinds):
    """What takes room on a sheet, steps and labels; the frames around them do not count."""
    for shape in plane.findall("draw:BPMNShape", NAMESPACES):
        element = shape.get("bpmnElement")
        if kinds[element] not in FRAMES:
            yield element, box(shape.find("dc:Bounds", NAMESPACES))
    for label in plane.iterfind(".//draw:BPMNLabel/dc:Bounds", NAMESPACES):
        yield f"label of {label.getparent().getparent().get('bpmnElement')}", box(label)


def lines(plane):
    for edge in plane.findall("draw:BPMNEdge", NAMESPACES):
        points = [(float(p.get("x")), float(p.get("y"))) for p in edge.iter("{*}waypoint")]
        for start, end in pairwise(points):
            yield edge.get("bpmnElement"), start, end


def meets(one, other):
    """Whether two boxes share room."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def room(start, end):
    (x1, y1), (x2, y2) = sorted((start, end))
    return min(x1, x2), min(y1, y2), max(x1, x2) + 0.1, max(y1, y2) + 0.1


@pytest.mark.parametrize("key", PACKAGES)
def test_no_flow_crosses_another_or_runs_over_a_step_or_a_label(key):
    kinds, planes, root = sheets(key)
    ends = {
        flow.get("id"): {flow.get("sourceRef"), flow.get("targetRef")}
        for flow in root.iter("{*}sequenceFlow")
    }
    hosts = {e.get("id"): e.get("attachedToRef") for e in root.iter("{*}boundaryEvent")}
    for plane in planes:
        drawn = list(lines(plane))
        for flow, start, end in drawn:
            assert start[0] == end[0] or start[1] == end[1], f"{flow} slants"
            near = ends[flow] | {hosts.get(each) for each in ends[flow]}
            over = [name for name, taken in boxes(plane, kinds)
                    if name not in near and meets(room(start, end), taken)]  # fmt: skip
            assert over == [], f"{flow} runs over {over}"
        for (flow, *one), (other, *two) in combinations(drawn, 2):
            if flow != other and not set(one) & set(two) and meets(room(*one), room(*two)):
                shared = ends[flow] & ends[other]  # they may meet where they end
                assert shared, f"{flow} crosses {other}"


@pytest.mark.parametrize("key", PACKAGES)
def test_nothing_lies_over_anything_else_and_no_sheet_is_wider_than_two_screens(key):
    kinds, planes, _ = sheets(key)
    for plane in planes:
        taken = list(boxes(plane, kinds))
        for (name, one), (other, two) in combinations(taken, 2):
            on_its_edge = "boundaryEvent" in (kinds.get(name), kinds.get(other))
            assert on_its_edge or not meets(one, two), f"{name} lies over {other}"
        frames = [box(bounds) for bounds in plane.iterfind("draw:BPMNShape/dc:Bounds", NAMESPACES)]
        assert max(b[2] for b in frames) - min(b[0] for b in frames) <= TWO_SCREENS


@pytest.mark.parametrize("key", PACKAGES)
def test_every_name_fits_its_box(key):
    for element in sheets(key)[2].iter("{*}*"):
        if etree.QName(element).localname.endswith("Task"):
            words = (element.get("name") or "").replace("-", " ").split()
            assert max(map(len, words)) <= LONGEST_WORD, element.get("name")
