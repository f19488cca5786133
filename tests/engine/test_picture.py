"""The still picture of a diagram: everything its file places, in both languages, and its marks."""

from pathlib import Path

import pytest
from lxml import etree

from workflows.engine.picture import DI, Mark, picture
from workflows.engine.problems import Rejected
from workflows.engine.xml import parse_xml

SHIPPED = sorted(Path("bpmn").glob("*/*.bpmn"))
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shape_of_a_shipped_diagram_is_drawn_inside_the_picture(path):
    source = path.read_bytes()
    drawn = etree.fromstring(picture(source).encode())
    placed = {one.get("bpmnElement") for one in parse_xml(source).iter(f"{DI}BPMNShape")}
    assert placed == {one.get("data-element") for one in drawn.iter(f"{SVG}g")} - {None}
    assert float(drawn.get("width")) > 200
    assert not [one for one in drawn.iter() if one.get("style")]  # the policy forbids it


def test_a_mark_has_its_colour_its_word_and_its_class_and_names_are_the_readers():
    source = Path("bpmn/rsa_annual/rsa_annual.bpmn").read_bytes()
    drawn = picture(source, {"p1_scope": Mark("#dfe8d3", "14 <maj>", "done")}, language="en")
    assert '<g class="mark-done" data-element="p1_scope">' in drawn
    assert "14 &lt;maj&gt;" in drawn
    assert "No, back" in drawn
    assert "Nej, åter" not in drawn


def test_what_is_no_diagram_is_refused():
    with pytest.raises(Rejected):
        picture(b"<svg/>")
