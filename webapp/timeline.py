"""Drawing when things are to be done: a bar for each, from its beginning to its day, by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.format import language
from webapp.register_page import Line
from workflows.language import month_names

WIDE, LEFT, ROW, TOP = 1000, 300, 28, 34
LEAST, MOST = timedelta(days=60), timedelta(days=730)  # about today; further away is cut off
SHORTEST = 8
MOST_LETTERS = 42
NARROWEST_MONTH = 46


@dataclass(frozen=True, slots=True)
class Bar:
    line: Line
    y: int
    x: float
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str
    is_year: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    today: float
    height: int
    left_out: int  # without a day


def drawn(lines: Sequence[Line], *, today: date) -> Timeline:
    """Draw what has a day, in the order it comes."""
    known = [(line, line.entry.due_on) for line in lines if line.entry.due_on]
    days = [day for line, due in known for day in (line.begins or due, due)]
    first = max(min([*days, today - LEAST]), today - MOST).replace(day=1)
    last = min(max([*days, today + LEAST]), today + MOST)
    scale = (WIDE - LEFT - 20) / (last - first).days

    def at(day: date) -> float:
        return round(LEFT + (min(max(day, first), last) - first).days * scale, 1)

    bars = []
    for place, (line, due) in enumerate(known):
        begins = at(min(line.begins or due, due))
        width = max(at(due) - begins, SHORTEST)
        x = min(begins, at(due) - SHORTEST) if width == SHORTEST else begins
        bars.append(Bar(line, TOP + place * ROW, x, width, _short(line.name)))
    ticks = _ticks(first, last)
    step = -(-NARROWEST_MONTH // max(round(30 * scale), 1))
    shown = [one for one in ticks if (one.month - 1) % step == 0]
    names = month_names(language())
    return Timeline(
        tuple(bars),
        tuple(Tick(at(one), _said(one, names), one.month == 1) for one in shown),
        at(today),
        TOP + len(bars) * ROW + 12,
        len(lines) - len(known),
    )


def _ticks(first: date, last: date) -> list[date]:
    months = [first]
    while (following := (months[-1] + timedelta(days=32)).replace(day=1)) <= last:
        months.append(following)
    return months


def _said(month: date, names: Sequence[str]) -> str:
    return str(month.year) if month.month == 1 else names[month.month - 1][:3]


def _short(name: str) -> str:
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1].rstrip() + "…"
