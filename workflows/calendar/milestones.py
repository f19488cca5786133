"""A milestone of the steering year and how its date moves off a day when nobody works."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.calendar.workdays import ClosedDays, workday_on_or_after, workday_on_or_before


class Kind(StrEnum):
    """Whose date it is: the law's (or an agreement's), our own, or a fixed end of a period."""

    LEGAL = "legal"
    INTERNAL = "internal"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One date of cycle year `year`; `VP` of 2026 may well lie in January 2027.

    A milestone that does not exist removes the steps that hang on it; one that exists without a
    date makes them wait where everybody sees it.
    """

    code: str
    year: int
    on: date | None
    kind: Kind = Kind.INTERNAL
    basis: str = ""
    confirmed: bool = False
    exists: bool = True
    own: bool = False  # the unit's own date, rather than the city's

    @property
    def is_movable(self) -> bool:
        """Tell whether an edit may give it another date: what law or the year sets stays."""
        return self.kind is Kind.INTERNAL


def moved(on: date, kind: Kind, closed: ClosedDays, *, legal: bool) -> date:
    """Give the working day a milestone falls on.

    Period ends stay where they are. A date in law moves to the next working day for the duty itself
    (lag 1930:173) and to the previous one for whoever prepares it. Our own dates move back. The
    quiet period moves none of them: a board that meets in July has decided so.
    """
    if kind is Kind.FIXED:
        return on
    if kind is Kind.LEGAL and legal:
        return workday_on_or_after(closed.without_quiet, on)
    return workday_on_or_before(closed.without_quiet, on)
