"""What two reports tell differently, and what several tell together."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflows.follow_up.report import (
    FEW,
    FIGURES,
    Figure,
    Kind,
    Report,
    State,
    inapplicable,
    missing,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that two reports tell differently."""

    kind: Kind
    key: str
    old: Figure | None
    new: Figure | None

    @property
    def delta(self) -> int | None:
        if self.old is None or self.new is None:
            return None
        if self.old.value is None or self.new.value is None:
            return None
        return self.new.value - self.old.value

    @property
    def tone(self) -> int:
        """1 for the better, -1 for the worse, 0 when it cannot be said."""
        way = (self.delta or 0) * self.kind.better
        return (way > 0) - (way < 0)


def changes(old: Report, new: Report) -> list[Change]:
    """List the figures that differ, in the order of the report."""
    return [
        Change(kind, key, was, now)
        for key, kind in FIGURES.items()
        if (was := old.figures.get(key)) != (now := new.figures.get(key))
        and _said(was) != _said(now)
    ]


def _said(one: Figure | None) -> object:
    return one and (one.state, one.value, one.of)


def summed(key: str, reports: Iterable[Report]) -> tuple[Figure, int]:
    """Add up a figure over bodies, and count those that it is missing from.

    Of what is guarded, bodies with few are counted as they are told: not at all.
    """
    found = [one.figures[key] for one in reports if key in one.figures]
    known = [one for one in found if one.state is State.KNOWN]
    few = [one for one in found if one.state is State.FEW]
    gaps = sum(one.state is State.MISSING for one in found)
    if not known and not few:
        return (missing(key) if gaps else inapplicable(key)), gaps
    total = sum(one.value or 0 for one in known)
    if few:  # a sum that leaves them out says nothing of any of them
        return (Figure(key, total) if total >= FEW else Figure(key, state=State.FEW)), gaps
    of = [one.of for one in known if one.of is not None]
    return Figure(key, total, sum(of) if of else None), gaps
