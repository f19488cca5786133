"""Drawing the year wheel: from a year of a unit to the shapes of an SVG.

Angles are degrees clockwise from the top, where the year begins; lengths are units of the picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, pi, radians, sin

from workflows.calendar.milestones import Milestone
from workflows.queries.rings import Mark, Span
from workflows.queries.wheel import Ring, Wheel

MOST_URGENT = ("late", "soon", "waiting", "planned", "done")
MONTHS, TURN = 12, 360.0
JULY = 7
MOST_NOTCHES = 40  # on a ring; more would be a comb
LETTER = 6.6  # how wide a letter of a ring's name is


@dataclass(frozen=True, slots=True)
class Face:
    """The measures of one of the wheel's two sizes."""

    name: str
    view: str
    radius: int
    tertials: tuple[int, int]
    months: tuple[int, int]
    outermost: int  # where the first ring begins
    thick: int
    gap: int
    inner: int  # rings never go further in
    mark: int  # marks closer than this become one


WIDE = Face("w", "-388 -352 776 704", 300, (280, 300), (252, 278), 244, 20, 3, 105, 20)
NARROW = Face("n", "-177 -177 354 354", 158, (150, 158), (131, 149), 126, 10, 2, 62, 13)


@dataclass(frozen=True, slots=True)
class Label:
    """Words along an arc."""

    id: str
    path: str
    text: str
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a ring: the whole of it pale, the part that is done solid."""

    pale: str
    solid: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark, or several so close that they are drawn as one, the most urgent first."""

    x: float
    y: float
    marks: tuple[Mark, ...]

    @property
    def state(self) -> str:
        return self.marks[0].state

    @property
    def count(self) -> int:
        return sum(mark.count for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Band:
    """One ring of the picture."""

    ring: Ring
    middle: float
    thick: int
    stretches: tuple[Stretch, ...]
    label: Label
    is_label_on_solid: bool
    notches: tuple[str, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A milestone on the rim, with the place of its words."""

    milestone: Milestone
    line: str
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    is_next: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The wheel at one size."""

    face: Face
    wheel: Wheel
    tertials: tuple[tuple[str, Label], ...]
    months: tuple[Label, ...]
    lines: tuple[str, ...]  # between the months
    july: str
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    hand: tuple[tuple[float, float], tuple[float, float]] | None
    today: tuple[float, float]


def draw(wheel: Wheel, face: Face, months: Sequence[str], names: Sequence[str]) -> Picture:
    """Draw a year; `months` and `names` (of the rings) are in the reader's language."""
    edges = [_angle(date(wheel.year, month + 1, 1)) for month in range(MONTHS)] + [TURN]
    bands = tuple(_bands(wheel, face, names))
    inmost = bands[-1].middle - face.thick / 2 if bands else face.outermost - face.thick
    is_this_year = wheel.today.year == wheel.year
    hand = _angle(wheel.today)
    return Picture(
        face=face,
        wheel=wheel,
        tertials=tuple(_tertials(face, edges)),
        months=tuple(_months(wheel, face, edges, months)),
        lines=tuple(f"M{_at(inmost, edge)}L{_at(face.months[1], edge)}" for edge in edges[:-1]),
        july=_sector(*face.months, edges[JULY - 1], edges[JULY]),
        bands=bands,
        ticks=tuple(_ticks(wheel, face)),
        hand=(_place(inmost - 4, hand), _place(face.radius + 8, hand)) if is_this_year else None,
        today=_place(face.radius + 18, hand),
    )


def _bands(wheel: Wheel, face: Face, names: Sequence[str]) -> Iterator[Band]:
    room = (face.outermost - face.inner) // max(len(wheel.rings), 1)
    thick = min(face.thick, room - face.gap)
    for number, (ring, name) in enumerate(zip(wheel.rings, names, strict=True)):
        outer = face.outermost - number * (thick + face.gap)
        inner, middle = outer - thick, outer - thick / 2
        spans = [_clipped(span, wheel.year) for span in ring.spans]
        stretches = tuple(_stretch(inner, outer, span) for span in spans)
        label, is_on_solid = _named(face, number, inner + thick * 0.28, spans, name)
        yield Band(
            ring,
            middle,
            thick,
            stretches,
            label,
            is_on_solid,
            tuple(_notches(ring, wheel.year, outer, thick)),
            tuple(_dots(ring, wheel.year, middle, face.mark)),
        )


def _notches(ring: Ring, year: int, outer: float, thick: float) -> Iterator[str]:
    """Give the finished steps, while they can be told apart."""
    done = [mark for mark in ring.marks if mark.state == "done" and mark.day.year == year]
    for mark in done if len(done) <= MOST_NOTCHES else ():
        angle = _angle(mark.day)
        yield f"M{_at(outer + 0.5, angle)}L{_at(outer - thick / 4, angle)}"


def _clipped(span: Span, year: int) -> Span:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return Span(
        min(max(span.first, first), last), max(min(span.last, last), first), span.done, span.steps
    )


def _stretch(inner: float, outer: float, span: Span) -> Stretch:
    begin, end = _angle(span.first), max(_angle(span.last), _angle(span.first) + 1)
    so_far = begin + (end - begin) * span.done / max(span.steps, 1)
    solid = _sector(inner, outer, begin, so_far) if span.done else ""
    return Stretch(_sector(inner, outer, begin, end), solid)


def _named(
    face: Face, number: int, radius: float, spans: list[Span], name: str
) -> tuple[Label, bool]:
    """Put a ring's name on a solid stretch that holds it, else where it can be read: names in the
    second half of the year would stand on their heads.
    """
    length = len(name) * LETTER / radius * 180 / pi + 4
    for span in spans:
        begin, end = _angle(span.first), _angle(span.last)
        solid = (end - begin) * span.done / max(span.steps, 1)
        if solid >= length and begin + length < TURN / 2:
            return _label(face, f"r{number}", radius, begin + 1.6, begin + 170, name), True
    first = _angle(spans[0].first)
    after = first + (_angle(spans[0].last) - first) * spans[0].done / max(spans[0].steps, 1)
    begin = 1.6 if first > length or after > TURN / 2 else after + 1.6
    return _label(face, f"r{number}", radius, begin, begin + 170, name), False


def _dots(ring: Ring, year: int, radius: float, nearest: int) -> Iterator[Dot]:
    """Give the open marks; those that would lie upon each other become one."""
    group: list[Mark] = []
    for mark in ring.marks:
        if mark.state == "done" or mark.day.year != year:
            continue
        if group and _along(group[0].day, mark.day, radius) >= nearest:
            yield _dot(group, radius)
            group = []
        group.append(mark)
    if group:
        yield _dot(group, radius)


def _dot(group: list[Mark], radius: float) -> Dot:
    marks = tuple(sorted(group, key=lambda mark: (MOST_URGENT.index(mark.state), mark.day)))
    return Dot(*_place(radius, _angle(marks[0].day)), marks)


def _along(one: date, other: date, radius: float) -> float:
    return abs(_angle(one) - _angle(other)) / 180 * pi * radius


def _tertials(face: Face, edges: list[float]) -> Iterator[tuple[str, Label]]:
    middles = (20, 200, 280.5)  # clear of the milestones' ticks
    for number, middle in enumerate(middles):
        begin, end = edges[number * 4] + 0.35, edges[number * 4 + 4] - 0.35
        is_below = 90 < middle < 270
        radius = face.tertials[0] + (14.5 if is_below else 5.2)
        label = _label(face, f"t{number}", radius, middle - 15, middle + 15, str(number + 1))
        yield _sector(*face.tertials, begin, end), label


def _months(wheel: Wheel, face: Face, edges: list[float], names: Sequence[str]) -> Iterator[Label]:
    is_wide = face is WIDE
    for number, name in enumerate(names):
        begin, end = edges[number], edges[number + 1]
        is_now = wheel.today.year == wheel.year and wheel.today.month == number + 1
        if is_now:  # the name keeps to the wider side of the hand
            hand = _angle(wheel.today)
            begin, end = (begin, hand) if hand > (begin + end) / 2 else (hand, end)
        is_below = 90 < (begin + end) / 2 < 270
        depth = (17.6 if is_below else 8.4) if is_wide else (13.2 if is_below else 4.6)
        text = name if is_wide else name[0].upper()
        yield _label(face, f"m{number}", face.months[0] + depth, begin, end, text, is_now=is_now)


def _ticks(wheel: Wheel, face: Face) -> Iterator[Tick]:
    lowest: dict[str, float] = {}
    for one in wheel.milestones:
        angle = _angle(one.on or wheel.today)
        x, y = _place(face.radius + 9, angle)
        text_x, text_y = _place(face.radius + 20, angle)
        anchor = "middle" if abs(text_x) < 24 else "start" if text_x > 0 else "end"
        down = -y / (face.radius + 9)
        text_y -= 14 if down > 0.3 else 0 if down > -0.3 else -9
        if anchor in lowest and abs(text_y - lowest[anchor]) < 38:  # two lines of words
            text_y = lowest[anchor] + (38 if text_x > 0 else -38)
        lowest[anchor] = text_y
        line = f"M{_at(face.tertials[0], angle)}L{_at(face.radius + 9, angle)}"
        is_next = one == wheel.next_milestone
        yield Tick(one, line, x, y, round(text_x, 1), round(text_y, 1), anchor, is_next)


# --- geometry -------------------------------------------------------------------------------


def _angle(day: date) -> float:
    first = date(day.year, 1, 1)
    return (day - first).days / (date(day.year + 1, 1, 1) - first).days * TURN


def _place(radius: float, angle: float) -> tuple[float, float]:
    return round(radius * sin(radians(angle)), 1), round(-radius * cos(radians(angle)), 1)


def _at(radius: float, angle: float) -> str:
    x, y = _place(radius, angle)
    return f"{x} {y}"


def _sector(inner: float, outer: float, begin: float, end: float) -> str:
    """Draw a piece of a ring."""
    end = min(end, begin + TURN - 0.1)
    big = int(end - begin > TURN / 2)
    return (
        f"M{_at(outer, begin)}A{outer} {outer} 0 {big} 1 {_at(outer, end)}"
        f"L{_at(inner, end)}A{inner} {inner} 0 {big} 0 {_at(inner, begin)}Z"
    )


def _label(
    face: Face,
    key: str,
    radius: float,
    begin: float,
    end: float,
    text: str,
    *,
    is_now: bool = False,
) -> Label:
    """Lay words along an arc; in the lower half it runs the other way, so that they stand up."""
    is_turned = 90 < (begin + end) / 2 % TURN < 270 and end - begin < 60
    if is_turned:
        begin, end = end, begin
    radius, big = round(radius, 1), int(abs(end - begin) > TURN / 2)
    path = (
        f"M{_at(radius, begin)}A{radius} {radius} 0 {big} {int(not is_turned)} {_at(radius, end)}"
    )
    return Label(f"{face.name}-{key}", path, text, is_now)
