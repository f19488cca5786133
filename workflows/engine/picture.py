"""A diagram as a still picture: SVG drawn from where its own file says that everything lies.

For what has no script: a printed page, a file that is taken away, a heat map. Colours are
attributes, as a page's security policy forbids styles inside; classes let a page choose its own.
"""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from workflows.engine.lanes import names
from workflows.engine.xml import Element, is_true, local, parse_xml

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
INK, PAPER, QUIET = "#14242b", "#ffffff", "#dfe3e0"
FONT, LINE, SIGN = 12, 14, 6.3  # its size, a line's height and a sign's width, in pixels
MARGIN = 20
GATEWAYS = {
    "exclusiveGateway": "×", "parallelGateway": "+", "inclusiveGateway": "○",
    "eventBasedGateway": "◇", "complexGateway": "✱",
}  # fmt: skip
LABELLED = ("messageFlow", "sequenceFlow")


@dataclass(frozen=True, slots=True)
class Mark:
    """How one element stands out: a colour, a word beside it, and a class for a page's own look."""

    fill: str
    label: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the picture."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


Marks = Mapping[str, Mark]
NONE: Marks = {}


def picture(source: bytes, marks: Marks = NONE, *, language: str = "sv", title: str = "") -> str:
    """Draw a diagram, with what its folded parts hold beneath it; an element in `marks` has its
    colour and its word. A diagram that says of nothing where it lies gives no picture.

    :raises Rejected: if the source is no diagram
    """
    root = parse_xml(source)
    elements = {key: element for element in root.iter() if (key := element.get("id"))}
    body: list[str] = []
    width = height = 0.0
    for plane in root.iter(f"{DI}BPMNPlane"):
        of = elements.get(plane.get("bpmnElement", ""))
        heading = _name(of, language) if of is not None and height else ""
        drawn, box = _plane(plane, elements, marks, language)
        if heading:
            body.append(_text(MARGIN, height + LINE, heading, size=15, anchor="start"))
            height += 2 * LINE
        body.append(f'<g transform="translate({_n(-box.x)} {_n(height - box.y)})">{drawn}</g>')
        width, height = max(width, box.width), height + box.height
    if not body:
        return ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram-picture" role="img"'
        f' viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}"'
        f' height="{_n(height)}" font-family="Source Sans 3, Arial, sans-serif"'
        f' font-size="{FONT}"><title>{escape(title)}</title>'
        f'<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="11"'
        f' markerHeight="11" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        f'<path d="M0 1 10 5 0 9z" fill="{INK}"/>'
        f'</marker></defs><rect class="paper" width="100%" height="100%" fill="{PAPER}"/>'
        f"{''.join(body)}</svg>"
    )


def _plane(
    plane: Element, elements: Mapping[str, Element], marks: Marks, language: str
) -> tuple[str, Box]:
    """Draw one sheet, and say what room it takes."""
    # What holds others goes first, so that it lies beneath them.
    shapes = sorted(plane, key=lambda one: -_area(one))
    boxes = [box for one in shapes for box in _boxes(one)]
    drawn = [
        part
        for one in shapes
        if (element := elements.get(one.get("bpmnElement", ""))) is not None
        for part in _drawn(one, element, marks, language)
    ]
    x, y = (min((getattr(box, side) for box in boxes), default=0) - MARGIN for side in "xy")
    right = max((box.x + box.width for box in boxes), default=0) + MARGIN
    bottom = max((box.y + box.height for box in boxes), default=0) + MARGIN
    return "".join(drawn), Box(x, y, right - x, bottom - y)


def _name(element: Element, language: str) -> str:
    said = names(element)
    return "" if said["sv"] == element.get("id") else said.get(language) or said["sv"]


def _drawn(shape: Element, element: Element, marks: Marks, language: str) -> Iterator[str]:
    kind, key = local(element), element.get("id", "")
    name = _name(element, language)
    if kind == "textAnnotation":
        name = "".join(str(part) for part in element.itertext()).strip()
    box = next(_boxes(shape), None)
    if shape.tag == f"{DI}BPMNEdge":
        yield from _edge(shape, element, name, marks.get(key))
    elif box is not None:
        mark = marks.get(key)
        look = f"mark-{mark.name}" if mark and mark.name else "plain"
        told = ": ".join(text for text in (name, mark.label if mark else "") if text)
        yield f'<g class="{escape(look)}" data-element="{escape(key)}">'
        yield f"<title>{escape(told)}</title>"
        yield from _shape(shape, element, kind, box, mark.fill if mark else PAPER)
        yield from _named(shape, kind, box, name)
        if mark and mark.label:
            yield from _labelled(box, mark)
        yield "</g>"


def _shape(shape: Element, element: Element, kind: str, box: Box, fill: str) -> Iterator[str]:
    x, y = box.middle
    ink = f'fill="{fill}" stroke="{INK}"'
    if kind.endswith("Event"):
        radius = box.width / 2
        thick = 3 if kind == "endEvent" else 1.5
        yield f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {ink} stroke-width="{thick}"/>'
        if kind.startswith("intermediate") or kind == "boundaryEvent":
            dashes = ' stroke-dasharray="3 2"' if element.get("cancelActivity") == "false" else ""
            yield (
                f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius - 3)}" fill="none"'
                f' stroke="{INK}"{dashes}/>'
            )
        if sign := _event_sign(element):
            yield _text(x, y + 5, sign, size=15)
    elif kind in GATEWAYS:
        half = box.width / 2
        points = f"M{_n(x)} {_n(y - half)}l{_n(half)} {_n(half)} {_n(-half)} {_n(half)}"
        yield f'<path d="{points} {_n(-half)} {_n(-half)}z" {ink} stroke-width="1.5"/>'
        yield _text(x, y + 8, GATEWAYS[kind], size=24)
    elif kind in ("participant", "lane"):
        yield _rect(box, f'fill="{fill}" stroke="{QUIET}" stroke-width="2"')
    elif kind == "textAnnotation":
        line = f"M{_n(box.x + 10)} {_n(box.y)}h-10v{_n(box.height)}h10"
        yield f'<path d="{line}" fill="none" stroke="{INK}"/>'
    else:
        thick = 4 if kind == "callActivity" else 1.5
        opened = kind in ("subProcess", "transaction") and is_true(
            shape.get("isExpanded"), default=True
        )
        dashes = ' stroke-dasharray="5 3"' if element.get("triggeredByEvent") == "true" else ""
        yield _rect(box, f'rx="8" {ink} stroke-width="{thick}"{dashes}')
        many = any(local(one).startswith("multiInstance") for one in element)
        if many or (kind in ("subProcess", "transaction") and not opened):
            yield _text(x, box.y + box.height - 4, "|||" if many else "⊞", size=13)


def _named(shape: Element, kind: str, box: Box, name: str) -> Iterator[str]:
    if not name:
        return
    if kind in ("participant", "lane"):
        x, y = box.x + 16, box.middle[1]
        turned = f' transform="rotate(-90 {_n(x)} {_n(y)})"'
        for number, line in enumerate(textwrap.wrap(name, max(8, int(box.height / SIGN)))[:2]):
            yield _text(x, y + number * LINE, line, more=turned)
        return
    label = _label(shape)
    if label is not None:
        yield from _lines(name, label, at_top=1)
    elif kind.endswith("Event") or kind in GATEWAYS:
        under = Box(box.middle[0] - 60, box.y + box.height + 2, 120, LINE)
        yield from _lines(name, under, at_top=1)
    else:
        at_top = kind in ("subProcess", "transaction") and box.height > 110
        yield from _lines(name, box, at_top=int(at_top))


def _edge(shape: Element, element: Element, name: str, mark: Mark | None) -> Iterator[str]:
    points = [
        f"{_n(float(p.get('x', 0)))} {_n(float(p.get('y', 0)))}" for p in shape.iter(WAYPOINT)
    ]
    kind = local(element)
    dashes = "" if kind == "sequenceFlow" else ' stroke-dasharray="5 4"'
    tip = ' marker-end="url(#tip)"' if kind in LABELLED else ""
    ink, width = (mark.fill, 3) if mark else (INK, 1.2)  # told by its width, not its colour alone
    yield f'<path d="M{" L".join(points)}" fill="none" stroke="{ink}" stroke-width="{width}"'
    yield f"{dashes}{tip}/>"
    label = _label(shape)
    if name and label is not None:
        yield from _lines(name, label, at_top=1)


def _labelled(box: Box, mark: Mark) -> Iterator[str]:
    """The word of a mark, as a tag on the upper edge."""
    width = len(mark.label) * SIGN + 12
    tag = Box(box.x + box.width - min(width, box.width + 30) + 4, box.y - 9, width, 18)
    yield _rect(tag, f'rx="9" fill="{PAPER}" stroke="{INK}" stroke-width="1" class="tag"')
    yield _text(tag.middle[0], tag.y + 13, mark.label)


def _lines(name: str, box: Box, *, at_top: int) -> Iterator[str]:
    found = textwrap.wrap(name, max(8, int((box.width - 8) / SIGN))) or [name]
    y = box.y + LINE if at_top else box.middle[1] - (len(found) - 1) * LINE / 2 + 4
    for number, line in enumerate(found):
        yield _text(box.middle[0], y + number * LINE, line)


def _event_sign(element: Element) -> str:
    signs = {
        "timerEventDefinition": "◷", "messageEventDefinition": "✉", "signalEventDefinition": "△",
        "errorEventDefinition": "ϟ", "escalationEventDefinition": "⇧", "linkEventDefinition": "➔",
        "terminateEventDefinition": "●", "conditionalEventDefinition": "≡",
        "compensateEventDefinition": "«", "cancelEventDefinition": "×",
    }  # fmt: skip
    return next((signs[local(one)] for one in element if local(one) in signs), "")


def _text(
    x: float, y: float, said: str, *, size: int = FONT, more: str = "", anchor: str = "middle"
) -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" font-size="{size}" fill="{INK}"'
        f"{more}>{escape(said)}</text>"
    )


def _rect(box: Box, look: str) -> str:
    place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'
    return f"<rect {place} {look}/>"


def _boxes(shape: Element) -> Iterator[Box]:
    """Where a shape lies, or the points of a line, each as a box of no size."""
    for found in shape.iterchildren(f"{DC}Bounds"):
        yield Box(*(float(found.get(side, 0)) for side in ("x", "y", "width", "height")))
    for point in shape.iterchildren(WAYPOINT):
        yield Box(float(point.get("x", 0)), float(point.get("y", 0)), 0, 0)


def _label(shape: Element) -> Box | None:
    """Where a name stands that is not inside its shape, with room for a letter more."""
    for label in shape.iterchildren(f"{DI}BPMNLabel"):
        for box in _boxes(label):
            return Box(box.x - 10, box.y, box.width + 20, box.height)
    return None


def _area(shape: Element) -> float:
    if shape.tag == f"{DI}BPMNEdge":
        return 0.5  # above what holds others, beneath what they lead to: none is that small
    return next((box.width * box.height for box in _boxes(shape)), 0)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
