"""Where each element of a drawn process stands: a grid of columns and lines, lane by lane."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workflows.processes.ordering import visited

GAP, ROW_GAP, LOWEST = 80, 64, 80  # between columns, between lines, and how low a line may be

Point = tuple[int, int]


@dataclass(slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> Point:
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(slots=True)
class Block:
    """One scope drawn: where everything in it stands, and how large it is."""

    width: int = 0
    height: int = 0
    boxes: dict[str, Box] = field(default_factory=dict)
    ways: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    lanes: list[tuple[str, int, int]] = field(default_factory=list)  # id, top, height

    def shifted(self, dx: int, dy: int) -> None:
        for box in (*self.boxes.values(), *self.labels.values()):
            box.x, box.y = box.x + dx, box.y + dy
        self.ways = {k: [(x + dx, y + dy) for x, y in v] for k, v in self.ways.items()}

    def hold(self, inner: "Block") -> None:
        """Take over what a block that lies within this one holds."""
        self.boxes |= inner.boxes
        self.ways |= inner.ways
        self.labels |= inner.labels


@dataclass(slots=True)
class Grid:
    """The column and the line each element stands in; between them there is room to go."""

    column: dict[str, int]
    line: dict[str, int]
    left: list[int]  # of each column
    wide: list[int]
    bottom: list[int]  # of each line

    def before(self, column: int) -> int:
        """The middle of the room before a column."""
        if column < len(self.left):
            return self.left[column] - GAP // 2
        return self.left[-1] + self.wide[-1] + GAP // 2


def place(
    sizes: Mapping[str, tuple[int, int]],
    edges: Sequence[tuple[str, str]],
    lane_of: Mapping[str, str],
    order: Sequence[str],
) -> tuple[Block, Grid]:
    """Put what leads on to the right of what leads there, and each lane below the one before."""
    columns = _columns(list(sizes), edges)
    rows = _rows(columns, lane_of, edges)
    grid = Grid(columns, {}, [], [], [])
    block = Block()
    x = GAP
    for column in range(max(columns.values(), default=0) + 1):
        wide = max((sizes[one][0] for one in sizes if columns[one] == column), default=0)
        grid.left.append(x)
        grid.wide.append(wide)
        x += wide + GAP
    block.width = x
    y = 0
    known = [*order, *([""] if any(lane_of.get(one, "") not in order for one in sizes) else [])]
    for lane in known or [""]:
        members = [one for one in sizes if _lane(lane_of, one, order) == lane]
        top = y
        for row in range(max((rows[one] for one in members), default=0) + 1):
            here = [one for one in members if rows[one] == row]
            tall = max([LOWEST, *(sizes[one][1] for one in here)])
            middle = y + ROW_GAP // 2 + tall // 2
            for one in here:
                wide, high = sizes[one]
                across = grid.left[columns[one]] + (grid.wide[columns[one]] - wide) // 2
                block.boxes[one] = Box(across, middle - high // 2, wide, high)
                grid.line[one] = len(grid.bottom)
            grid.bottom.append(y + ROW_GAP // 2 + tall)
            y += tall + ROW_GAP
        if lane:
            block.lanes.append((lane, top, y - top))
    block.height = y
    return block, grid


def _lane(lane_of: Mapping[str, str], one: str, order: Sequence[str]) -> str:
    lane = lane_of.get(one, "")
    return lane if lane in order else ""


def _columns(nodes: list[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How far to the right each stands: after all that lead to it, but for ways back."""
    onwards: dict[str, list[str]] = {one: [] for one in nodes}
    for a, b in edges:
        onwards[a].append(b)
    reached = {b for _, b in edges}
    done, back = visited(sorted(nodes, key=lambda one: one in reached), onwards)
    columns = dict.fromkeys(nodes, 0)
    for node in reversed(done):
        for following in onwards[node]:
            if (node, following) not in back:
                columns[following] = max(columns[following], columns[node] + 1)
    return columns


def _rows(
    columns: Mapping[str, int], lane_of: Mapping[str, str], edges: Iterable[tuple[str, str]]
) -> dict[str, int]:
    """Which row of its lane each stands in: that of what leads to it, or the next that is free."""
    rows: dict[str, int] = {}
    taken: set[tuple[str, int, int]] = set()
    before: dict[str, list[str]] = {}
    for a, b in edges:
        before.setdefault(b, []).append(a)
    for node in sorted(columns, key=lambda one: columns[one]):
        lane = lane_of.get(node, "")
        near = [
            rows[one]
            for one in before.get(node, ())
            if lane_of.get(one, "") == lane and one in rows and columns[one] < columns[node]
        ]
        row = min(near, default=0)
        while (lane, row, columns[node]) in taken:
            row += 1
        rows[node] = row
        taken.add((lane, row, columns[node]))
    return rows
