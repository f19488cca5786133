"""Drawing the risk matrix: likelihood against consequence, and how each risk has moved."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.registers import Definition
from workflows.registers.models import Entry

SIDE, GAP, LEFT, TOP = 116, 2, 55, 9
SCALE = range(1, 6)
WORST = 5
BANDS = ("green", "yellow", "orange", "red")
PER_ROW, STEP = 3, 36
MOST_IN_A_CELL = 8
MOST_ROWS, MOST_MOVES = 100, 40  # what a page and an eye can hold
RADIUS = 15
Place = tuple[int, int]  # likelihood, consequence


@dataclass(frozen=True, slots=True)
class Cell:
    x: int
    y: int
    value: int
    band: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A risk where it stands, with the number it has in the table beside."""

    number: str
    entry: Entry | None  # none for those a full cell has no room for
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Move:
    """From where a risk stood last year to the edge of the dot where it stands."""

    x: int
    y: int
    to_x: int
    to_y: int
    is_rough: bool  # it was measured by another scale


@dataclass(frozen=True, slots=True)
class Row:
    """A risk in the table that says the same as the picture."""

    number: int
    entry: Entry
    place: Place
    band: str
    was: Place | None
    since: int | None  # the year it stood there
    change: int  # of the product
    is_rough: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    cells: tuple[Cell, ...]
    dots: tuple[Dot, ...]
    moves: tuple[Move, ...]
    rows: tuple[Row, ...]  # the worst, no more than a page holds
    total: int
    left_out: int  # without likelihood or consequence


def drawn(
    register: Definition,
    entries: Sequence[Entry],
    before: Mapping[str, Entry],
    scales: Mapping[int | None, str],
) -> Matrix:
    """Draw the risks that have both, the worst first, and where they stood the year before."""
    placed = {entry.id: at for entry in entries if (at := _place(register, entry))}
    known = [entry for entry in entries if entry.id in placed]
    known.sort(key=lambda entry: (-_value(placed[entry.id]), entry.sort_key, entry.id))
    rows, dots, moves = [], list[Dot](), list[Move]()
    filled: dict[Place, int] = {}
    for number, entry in enumerate(known, start=1):
        here = placed[entry.id]
        old = before.get(entry.identity)
        was = _place(register, old) if old else None
        change = _value(here) - _value(was) if was else 0
        is_rough = old is not None and scales.get(old.case_id) != scales.get(entry.case_id)
        band = str(entry.data.get("band") or band_of(*here))
        since = old.year if old else None
        rows.append(Row(number, entry, here, band, was, since, change, is_rough))
        filled[here] = nth = filled.get(here, 0) + 1
        if nth > MOST_IN_A_CELL:
            continue
        x, y = _spot(here, nth - 1)
        dots.append(Dot(str(number), entry, x, y))
        if was is not None and was != here and len(moves) < MOST_MOVES:
            moves.append(Move(*_centre(was), *_edge(_centre(was), (x, y)), is_rough))
    for here, count in filled.items():
        if count > MOST_IN_A_CELL:
            dots.append(Dot(f"+{count - MOST_IN_A_CELL}", None, *_spot(here, MOST_IN_A_CELL)))
    shown, left_out = tuple(rows[:MOST_ROWS]), len(entries) - len(known)
    return Matrix(_cells(), tuple(dots), tuple(moves), shown, len(rows), left_out)


def band_of(likelihood: int, consequence: int) -> str:
    """The colour of a cell, as the shipped rule table has it before uncertainty raises it."""
    value = likelihood * consequence
    step = sum(value >= least for least in (5, 10, 15))
    return BANDS[max(step, 2) if consequence == WORST else step]


def _place(register: Definition, entry: Entry) -> Place | None:
    likelihood, consequence = (_grade(entry.data.get(column)) for column in register.matrix)
    return (likelihood, consequence) if likelihood and consequence else None


def _grade(value: object) -> int:
    return value if isinstance(value, int) and value in SCALE else 0


def _value(place: Place) -> int:
    return place[0] * place[1]


def _corner(place: Place) -> tuple[int, int]:
    likelihood, consequence = place
    return LEFT + (consequence - 1) * (SIDE + GAP), TOP + (WORST - likelihood) * (SIDE + GAP)


def _centre(place: Place) -> tuple[int, int]:
    x, y = _corner(place)
    return x + SIDE // 2, y + SIDE // 2 + 8


def _edge(start: tuple[int, int], dot: tuple[int, int]) -> tuple[int, int]:
    """Where a line to a dot meets its rim, so that the arrow is seen."""
    wide, high = dot[0] - start[0], dot[1] - start[1]
    share = 1 - RADIUS / max(math.hypot(wide, high), RADIUS)
    return start[0] + round(wide * share), start[1] + round(high * share)


def _spot(place: Place, nth: int) -> tuple[int, int]:
    """Where the nth risk of a cell is drawn: in rows below the cell's own words."""
    x, y = _corner(place)
    return x + 22 + STEP * (nth % PER_ROW), y + 38 + (STEP - 8) * (nth // PER_ROW)


def _cells() -> tuple[Cell, ...]:
    return tuple(
        Cell(
            *_corner((likelihood, consequence)),
            likelihood * consequence,
            band_of(likelihood, consequence),
        )
        for likelihood in SCALE
        for consequence in SCALE
    )
