"""Lead each flow of a drawn process between the boxes, and put each name where nothing crosses it.

The rooms between columns and between lines are always free of boxes: whatever cannot go straight
goes there, each on a track of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.processes.placing import Block, Box, Grid, Point

ASIDE = (0, 10, -10, 20, -20, 30, -30)  # tracks between two columns
BELOW = (40, 48, 56, 24, 16)  # tracks under a line; a lane ends between them
LETTER, LETTER_LINE, WIDEST = 6, 14, 90  # of a name, in pixels


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
    above: set[str] = field(default_factory=set)  # gateways with a way at their top

    def lead(self, flows: Sequence[tuple[str, str, str, str]]) -> None:
        """Give every flow its points, the plainest first."""
        grid = self.grid
        self.boxes = {(grid.line[one], grid.column[one]) for one in grid.line}
        drawn = [flow for flow in flows if flow[1] in self.block.boxes and flow[2] in grid.line]
        for own, a, b, name in sorted(drawn, key=self._plainness):
            points, label = self._points(a, b)
            self.block.ways[own] = points
            if name:
                wide, high = _measure(name)
                box = Box(label[0], label[1] - high, wide, high)
                away = -high if box.y < self.block.boxes[a].middle[1] else high
                while any(_overlap(box, other) for other in self.block.labels.values()):
                    box.y += away
                self.block.labels[own] = box

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
                self.above |= set() if down else {a}
                return [leaves, (sx, ey), (end.x, ey)], (sx + 6, ey - 4)
            enters = (ex, end.y if down else end.bottom)
            if line != to and b in self.gateways and self._both(line, between, a, last, lines, b):
                self.above |= {b} if down else set()
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
        if up:
            self.above.add(a)
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
    x, y = box.middle[0] - wide // 2, box.bottom + 4
    if own in router.hosts:
        x = box.middle[0] - wide - 6
    elif own in router.gateways:
        x = box.middle[0] - wide - 4 if own in router.above else x
        y = box.y - high - 2
    router.block.labels[own] = Box(x, y, wide, high)


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


def _measure(name: str) -> tuple[int, int]:
    """How wide and high a name is when it is broken into lines."""
    lines, room = 1, 0
    for word in name.split():
        long = (len(word) + 1) * LETTER
        if room and room + long > WIDEST:
            lines, room = lines + 1, 0
        room += long
    return min(max(len(name) * LETTER + 6, 20), WIDEST), lines * LETTER_LINE
