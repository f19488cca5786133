"""Two who have changed the same form, rule table or step without each other: what only one has
changed comes along by itself, and for what both have changed somebody says whose stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from workflows.processes.form_pieces import form_of, of_form
from workflows.processes.models import PartKind
from workflows.processes.pieces import CELL, COLUMN, RULE, WHOLE, Piece, Pieces, kind_of, whole
from workflows.processes.table_pieces import of_table, table_of


class Side(StrEnum):
    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that both have changed, each in their own way; None where it is taken away."""

    id: str
    base: Piece | None
    ours: Piece | None
    theirs: Piece | None


Picks = Mapping[str, str]  # whose stands, by what both have changed


def merged_part(
    kind: PartKind, base: bytes, ours: bytes, theirs: bytes, picks: Picks
) -> tuple[bytes, list[Clash]]:
    """Put two files together that began as `base`; where nobody has picked, ours stands."""
    if ours in (base, theirs):
        return theirs, []
    if theirs == base:
        return ours, []
    take = {PartKind.FORM: of_form, PartKind.TABLE: of_table}.get(kind, whole)
    before, mine, others = (take(one) for one in (base, ours, theirs))
    if any(WHOLE in one[""] for one in (before, mine, others)):
        before, mine, others = (whole(one) for one in (base, ours, theirs))
    made, clashes = merge(before, _renamed(before, mine, others), others, picks)
    write = table_of if kind is PartKind.TABLE else form_of
    return write(made, ours, theirs), clashes


def merge(base: Pieces, ours: Pieces, theirs: Pieces, picks: Picks) -> tuple[Pieces, list[Clash]]:
    """Put two together piece by piece, and within a piece fact by fact."""
    made: Pieces = {}
    clashes = []
    for own in _ordered(list(base), list(ours), list(theirs)):
        was, here, there = base.get(own), ours.get(own), theirs.get(own)
        mine_stands = picks.get(own) != Side.THEIRS
        kept, is_clear = _one(was, here, there, mine_stands=mine_stands)
        if not is_clear:
            clashes.append(Clash(own, was, here, there))
        if kept is not None:
            made[own] = kept
    needed = [need for one in made for need in _needs(one, made[one], base) if need not in made]
    for own in needed:  # what was taken away holds what is to stand
        made[own] = ours.get(own) or theirs[own]
    return made, clashes


def _one(
    was: Piece | None, here: Piece | None, there: Piece | None, *, mine_stands: bool
) -> tuple[Piece | None, bool]:
    """What becomes of one piece, and whether that was plain."""
    if there in (was, here):
        return here, True
    if here == was:
        return there, True
    if here is None or there is None:
        return here if mine_stands else there, False
    made, is_clear, was = {}, True, was or {}
    for name in {**there, **here}:
        before, mine, other = was.get(name), here.get(name), there.get(name)
        if mine not in (before, other) and other != before:
            is_clear, value = False, mine if mine_stands else other
        else:
            value = other if mine == before else mine
        if value is not None:
            made[name] = value
    return made, is_clear


def _ordered(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """The order of who has moved anything, ours if both have; what only the other has stands after
    what it stands after there."""
    has_moved = _common(base, ours) != _common(ours, base)
    first, other = (ours, theirs) if has_moved else (theirs, ours)
    found = list(first)
    for place, own in enumerate(other):
        if own not in found:
            before = [one for one in other[:place] if one in found]
            found.insert(found.index(before[-1]) + 1 if before else 0, own)
    return found


def _common(one: list[str], other: list[str]) -> list[str]:
    known = set(other)
    return [each for each in one if each in known]


def _needs(own: str, piece: Piece, base: Pieces) -> list[str]:
    """What a piece cannot stand without: a field what it lies in, a chosen cell its column."""
    if kind_of(own) == "field":
        return [outer] if (outer := own.rpartition(".")[0]) else []
    if own not in base:  # a new rule does without a column that is gone
        return []
    return [f"{COLUMN}{one.removeprefix(CELL)}" for one in piece if one.startswith(CELL)]


def _renamed(base: Pieces, ours: Pieces, theirs: Pieces) -> Pieces:
    """Ours, where a rule or a column that both have added got the same number: two, not one."""
    taken = {*base, *ours, *theirs}
    twice = {
        own: next(new for n in count(2) if (new := f"{own}_{n}") not in taken)
        for own in ours.keys() & theirs.keys() - base.keys()
        if own.startswith((RULE, COLUMN)) and ours[own] != theirs[own]
    }
    cells = {
        f"{CELL}{own.removeprefix(COLUMN)}": f"{CELL}{new.removeprefix(COLUMN)}"
        for own, new in twice.items()
        if own.startswith(COLUMN)
    }
    return {
        twice.get(own, own): {cells.get(name, name): value for name, value in piece.items()}
        for own, piece in ours.items()
    }
