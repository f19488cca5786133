"""Where a step stands among the steps beside it: a small picture, and the same in words."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from webapp.format import language
from workflows.engine import Description, Part
from workflows.tasks.models import Outcome, Task

MOST = 3  # boxes above each other
CONTAINERS = ("subProcess", "transaction", "adHocSubProcess")
# The measures of the picture, in pixels.
WIDE, HIGH, LETTERS, LINE = 96, 52, 14, 15
COLUMNS, ROW, BELOW = (1, 116, 231), 60, 24


@dataclass(frozen=True, slots=True)
class Beside:
    """A step before or after this one, and the task it was or is, if it has been opened."""

    element: str
    name: str
    task: Task | None

    @property
    def is_done(self) -> bool:
        return self.task is not None and self.task.outcome is Outcome.COMPLETED


@dataclass(frozen=True, slots=True)
class Box:
    """A step as it is drawn: its corner, its lines of text and where each stands, what it is."""

    x: int
    y: int
    lines: tuple[tuple[int, str], ...]
    state: str


@dataclass(frozen=True, slots=True)
class Here:
    """The steps right before and right after this one, how many more follow, and the picture."""

    before: tuple[Beside, ...]
    after: tuple[Beside, ...]
    more: int
    boxes: tuple[Box, ...]
    lines: tuple[tuple[str, str], ...]  # each from step to step: its path, and whether it is done
    height: int
    label_y: int


def around(description: Description, here: Task, tasks: Sequence[Task]) -> Here:
    """Find out where a task stands in its case."""
    order = [part.element for part in description.outline()]
    opened = {task.element: task for task in tasks}  # the latest of each
    ways = _ways(description.outline())
    back: dict[str, list[str]] = {}
    for one, targets in ways.items():
        for target in targets:
            back.setdefault(target, []).append(one)

    def beside(elements: Iterable[str], known: Mapping[str, Task]) -> list[Beside]:
        found = [one for one in elements if one != here.element]
        return [Beside(one, _name(description, one), known.get(one)) for one in found]

    done = {one.element: one for one in tasks if one.closed_at and one.closed_at <= here.opened_at}
    before = beside(_nearest(here.element, lambda one: back.get(one, ()), description), done)
    before = [one for one in before if one.is_done] or [
        one for one in before if order.index(one.element) < order.index(here.element)
    ]  # not what leads back here some other time
    after = beside(_nearest(here.element, lambda one: ways.get(one, ()), description), opened)
    return _drawn(tuple(before[:MOST]), here.name(language()), tuple(after))


def _name(description: Description, element: str) -> str:
    names = description.steps[element].names
    return names.get(language()) or names.get("sv", element)


def _ways(parts: Sequence[Part]) -> dict[str, list[str]]:
    """Where each element leads in one stride: into a part of the process, and out of its end."""
    inside: dict[str, Part] = {}
    begins: dict[str, str] = {}
    around: list[Part] = []
    for part in parts:
        del around[part.depth :]
        if part.depth and len(around) == part.depth and around[-1].kind in CONTAINERS:
            inside[part.element] = around[-1]
            if part.kind == "startEvent":
                begins.setdefault(around[-1].element, part.element)
        around.append(part)
    found = {}
    for part in parts:
        last = inside.get(part.element) if part.kind == "endEvent" else None
        leads = [target for target, _, _ in (last or part).flows]
        found[part.element] = [begins[part.element]] if part.element in begins else leads
    return found


def _nearest(
    start: str, strides: Callable[[str], Iterable[str]], description: Description
) -> Iterator[str]:
    """The steps that come first on each way from an element, the nearest first."""
    seen, waiting = {start}, deque([start])
    while waiting:
        for one in strides(waiting.popleft()):
            if one in seen:
                continue
            seen.add(one)
            if one in description.steps:
                yield one
            else:
                waiting.append(one)


def _drawn(before: tuple[Beside, ...], name: str, after: tuple[Beside, ...]) -> Here:
    shown = after[:MOST]
    rows = max(len(before), len(shown), 1)
    height = rows * ROW - (ROW - HIGH) + 2
    middle = 1 + (height - 2 - HIGH) // 2
    columns = COLUMNS if before else (0, *COLUMNS[:2])  # nothing stands before the first step
    boxes, lines = [_box(columns[1], middle, name, "here")], []
    for column, some in ((0, before), (2, shown)):
        top = 1 + (height - 2 - len(some) * ROW + ROW - HIGH) // 2
        for index, one in enumerate(some):
            y = top + index * ROW
            boxes.append(_box(columns[column], y, one.name, "done" if one.is_done else "planned"))
            left, right = ((y, middle), (middle, y))[column > 0]
            x = columns[column > 0] + WIDE
            path = f"M{x} {left + HIGH // 2}C{x + 10} {left + HIGH // 2} {x + 6} "
            path += f"{right + HIGH // 2} {x + 18} {right + HIGH // 2}"
            lines.append((path, "done" if column == 0 and one.is_done else "planned"))
    label_y = middle + HIGH + 17
    return Here(
        before, shown, len(after) - len(shown), tuple(boxes), tuple(lines),
        max(height, label_y + 6), label_y,
    )  # fmt: skip


def _box(x: int, y: int, name: str, state: str) -> Box:
    said = wrap(name, LETTERS, max_lines=3, placeholder="…", break_on_hyphens=True)
    first = y + HIGH // 2 + 5 - (len(said) - 1) * LINE // 2
    return Box(x, y, tuple((first + LINE * n, text) for n, text in enumerate(said)), state)
