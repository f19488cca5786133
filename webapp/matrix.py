"""Drawing the risk matrix: likelihood against consequence, and how each risk has moved."""

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
    """From where a risk stood when it was decided last, to where it stands."""

    x: int
    y: int
    to_x: int
    to_y: int


@dataclass(frozen=True, slots=True)
class Row:
    """A risk in the table that says the same as the picture."""

    number: int
    entry: Entry
    likelihood: int
    consequence: int
    band: str
    change: int | None  # of the product since it was decided last


@dataclass(frozen=True, slots=True)
class Matrix:
    cells: tuple[Cell, ...]
    dots: tuple[Dot, ...]
    moves: tuple[Move, ...]
    rows: tuple[Row, ...]
    left_out: int  # without likelihood or consequence


def drawn(register: Definition, entries: Sequence[Entry], before: Mapping[str, Entry]) -> Matrix:
    """Draw the risks that have both; the worst come first."""
    placed = {entry.id: at for entry in entries if (at := _place(register, entry))}
    known = [entry for entry in entries if entry.id in placed]
    known.sort(key=lambda entry: (-_value(placed[entry.id]), entry.sort_key, entry.id))
    rows, dots, moves = [], list[Dot](), list[Move]()
    filled: dict[tuple[int, int], int] = {}
    for number, entry in enumerate(known, start=1):
        here = placed[entry.id]
        was = _place(register, before[entry.identity]) if entry.identity in before else None
        change = None if was is None else _value(here) - _value(was)
        band = str(entry.data.get("band") or band_of(*here))
        rows.append(Row(number, entry, *here, band, change))
        filled[here] = nth = filled.get(here, 0) + 1
        if nth > MOST_IN_A_CELL:
            continue
        x, y = _spot(here, nth - 1)
        dots.append(Dot(str(number), entry, x, y))
        if was is not None and was != here:
            moves.append(Move(*_centre(was), x, y))
    for here, count in filled.items():
        if count > MOST_IN_A_CELL:
            dots.append(Dot(f"+{count - MOST_IN_A_CELL}", None, *_spot(here, MOST_IN_A_CELL)))
    return Matrix(_cells(), tuple(dots), tuple(moves), tuple(rows), len(entries) - len(known))


def band_of(likelihood: int, consequence: int) -> str:
    """The colour of a cell, as the shipped rule table has it before uncertainty raises it."""
    value = likelihood * consequence
    step = sum(value >= least for least in (5, 10, 15))
    return BANDS[max(step, 2) if consequence == WORST else step]


def _place(register: Definition, entry: Entry) -> tuple[int, int] | None:
    likelihood, consequence = (_grade(entry.data.get(column)) for column in register.matrix)
    return (likelihood, consequence) if likelihood and consequence else None


def _grade(value: object) -> int:
    return value if isinstance(value, int) and value in SCALE else 0


def _value(place: tuple[int, int]) -> int:
    return place[0] * place[1]


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    likelihood, consequence = place
    return LEFT + (consequence - 1) * (SIDE + GAP), TOP + (WORST - likelihood) * (SIDE + GAP)


def _centre(place: tuple[int, int]) -> tuple[int, int]:
    x, y = _corner(place)
    return x + SIDE // 2, y + SIDE // 2 + 8


def _spot(place: tuple[int, int], nth: int) -> tuple[int, int]:
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
