"""Lead each flow of a drawn process between the boxes, and put each name where nothing crosses it.

The rooms between columns and between lines are always free of boxes: whatever cannot go straight
goes there, each on a track of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from workflows.processes.placing import Block, Box, Grid, Point

ASIDE = (0, 10, -10, 20, -20, 30, -30)  # tracks between two columns
BELOW = (40, 48, 56, 24, 16)  # tracks under a line; a lane ends between them
LETTER, LETTER_LINE, WIDEST = 6, 14, 90  # of a name, in pixels
MOST_AWAY = 6  # lines a name may lie from where it was meant, to lie over nothing


@dataclass(slots=True)
class Router:
    """What is taken already: cells of the grid by boxes or ways, tracks by ways."""

    block: Block
    grid: Grid
    hosts: Mapping[str, str]  # event on an edge -> what it sits on
    gateways: Collection[str]
    boxes: set[tuple[int, int]] = field(default_factory=set)
    cells: dict[tuple[str, int, int], set[str]] = field(default_factory=dict)
    tracks: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def lead(self, flows: Sequence[tuple[str, str, str, str]]) -> None:
        """Give every flow its points, the plainest first."""
        grid = self.grid
        self.boxes = {(grid.line[one], grid.column[one]) for one in grid.line}
        drawn = [flow for flow in flows if flow[1] in self.block.boxes and flow[2] in grid.line]
        places = {}
        for own, a, b, _ in sorted(drawn, key=self._plainness):
            self.block.ways[own], places[own] = self._points(a, b)
        for own, a, _, name in drawn:
            if name:
                wide, high = _measure(name)
                x, y = places[own][0], places[own][1] - high
                away = -high if y < self.block.boxes[a].middle[1] else high
                self.put(own, [Box(x, y + away * n, wide, high) for n in range(MOST_AWAY)])

    def put(self, own: str, places: Sequence[Box]) -> None:
        """Write a name at the first place where it lies over nothing, else where it was meant."""
        self.block.labels[own] = next((one for one in places if self._is_free(one)), places[0])

    def _is_free(self, place: Box) -> bool:
        over = (*self.block.boxes.values(), *self.block.labels.values())
        return not any(_overlap(place, one) for one in over) and not any(
            _crosses(place, *ends) for way in self.block.ways.values() for ends in pairwise(way)
        )

    def _plainness(self, flow: tuple[str, str, str, str]) -> tuple[bool, int]:
        source = self.hosts.get(flow[1], flow[1])
        line, column = self.grid.line, self.grid.column
        return line[source] != line[flow[2]], abs(column[flow[2]] - column[source])

    def _points(self, a: str, b: str) -> tuple[list[Point], Point]:
        start, end = self.block.boxes[a], self.block.boxes[b]
        (sx, sy), (ex, ey) = start.middle, end.middle
        source = self.hosts.get(a, a)
        line, to = self.grid.line[source], self.grid.line[b]
        first, last = self.grid.column[source], self.grid.column[b]
        label = (start.right + 4, sy - 4)
        down = to > line
        between = range(first + 1, last)
        if a not in self.hosts and last > first:
            if line == to and self._row(line, between, a):
                return [(start.right, sy), (end.x, ey)], label
            lines = range(min(line, to) + 1, max(line, to))
            leaves = (sx, start.bottom if down else start.y)
            if line != to and a in self.gateways and self._both(to, between, b, first, lines, a):
                return [leaves, (sx, ey), (end.x, ey)], (sx + 6, ey - 4)
            enters = (ex, end.y if down else end.bottom)
            if line != to and b in self.gateways and self._both(line, between, a, last, lines, b):
                return [(start.right, sy), (ex, sy), enters], label
            if line != to and a not in self.gateways and self._row(line, between, a):
                x = self._aside(last, b)
                return [(start.right, sy), (x, sy), (x, ey), (end.x, ey)], label
            if line != to and a not in self.gateways and self._row(to, between, b):
                x = self._aside(first + 1, a)
                return [(start.right, sy), (x, sy), (x, ey), (end.x, ey)], label
        return self._round(a, b, line, to)

    def _round(self, a: str, b: str, line: int, to: int) -> tuple[list[Point], Point]:
        """Leave at the bottom, go along under the line, and come in from the left or below."""
        start, end = self.block.boxes[a], self.block.boxes[b]
        (sx, _), (ex, ey) = start.middle, end.middle
        up = to < line and a in self.gateways and line > 0
        y = self._below(line - 1 if up else line, b)
        began = [(sx, start.y if up else start.bottom), (sx, y)]
        label = (sx + 6, start.y - 4 if up else start.bottom + LETTER_LINE + 2)
        if line == to and ex < sx:
            return [*began, (ex, y), (ex, end.bottom)], label
        x = self._aside(self.grid.column[b], b)
        return [*began, (x, y), (x, ey), (end.x, ey)], label

    def _row(self, line: int, columns: range, whose: str) -> bool:
        """Take the cells of a line for a way, if they are free."""
        return self._take([("row", line, one) for one in columns], whose)

    def _both(
        self, line: int, columns: range, along: str, column: int, lines: range, across: str
    ) -> bool:
        free = self._take([("column", one, column) for one in lines], across)
        return free and self._take([("row", line, one) for one in (column, *columns)], along)

    def _take(self, cells: Sequence[tuple[str, int, int]], whose: str) -> bool:
        for way, line, column in cells:
            taken = self.cells.get((way, line, column), set())
            if (line, column) in self.boxes or taken - {whose}:
                return False
        for cell in cells:
            self.cells.setdefault(cell, set()).add(whose)
        return True

    def _aside(self, column: int, whose: str) -> int:
        return self.grid.before(column) + self._track("aside", column, whose, ASIDE)

    def _below(self, line: int, whose: str) -> int:
        return self.grid.bottom[line] + self._track("below", line, whose, BELOW)

    def _track(self, where: str, place: int, whose: str, offsets: Sequence[int]) -> int:
        taken = self.tracks.setdefault((where, place), [])
        if whose not in taken:
            taken.append(whose)
        return offsets[taken.index(whose) % len(offsets)]


def name_outside(router: Router, own: str, name: str) -> None:
    """Put the name of an event or a choice beside it, where no way leaves."""
    box = router.block.boxes[own]
    wide, high = _measure(name)
    middle, left, right = (box.middle[0] + dx for dx in (-(wide // 2), -wide - 6, 6))
    above, below = box.y - high - 2, box.bottom + 4
    if own in router.hosts:
        places = [(x, below + dy) for dy in (0, 12, 24, 36) for x in (left, right)]
    elif own in router.gateways:
        places = [(x, y) for y in (above, below) for x in (middle, left, right)]
    else:
        places = [(x, y) for y in (below, above) for x in (middle, left, right)]
    router.put(own, [Box(x, y, wide, high) for x, y in places])


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


def _crosses(box: Box, one: Point, other: Point) -> bool:
    (x1, y1), (x2, y2) = sorted((one, other))
    return x1 < box.right and box.x <= x2 and min(y1, y2) < box.bottom and box.y <= max(y1, y2)


def _measure(name: str) -> tuple[int, int]:
    """How wide and high a name is when it is broken into lines."""
    lines, room = 1, 0
    for word in name.split():
        long = (len(word) + 1) * LETTER
        if room and room + long > WIDEST:
            lines, room = lines + 1, 0
        room += long
    return min(max(len(name) * LETTER + 6, 20), WIDEST), lines * LETTER_LINE
