"""All that is set in all calendars, as one value; from it the calendar of every unit is made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from workflows.calendar.meetings import Meeting, MeetingDays
from workflows.calendar.milestones import Milestone
from workflows.calendar.profiles import Profile, standard_year
from workflows.calendar.workdays import FIRST_YEAR, JULY, LAST_YEAR, ClosedDays
from workflows.calendar.years import Calendar, overlay
from workflows.organisation.models import UnitKind
from workflows.steering.values import ClosedDay, Edit, Habits, Key, Value

T = TypeVar("T", bound=Value)
Lineage = tuple[tuple[int, UnitKind], ...]  # the unit, what it lies under, and last the city


@dataclass(frozen=True, eq=False)
class Book:
    """The rows of every unit. Years nobody has set stand by the rules of the city's profile while
    no year is set at all, and before the first that is; a later year has no calendar yet.
    """

    rows: Mapping[Key, Value]
    _made: dict[tuple[Lineage, int], Calendar] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def by_unit(self) -> dict[int, list[Value]]:
        found: dict[int, list[Value]] = {}
        for (_, unit_id, _), value in self.rows.items():
            found.setdefault(unit_id, []).append(value)
        return found

    def changed(self, edits: Iterable[Edit]) -> "Book":
        """Give the book as it would be after the edits."""
        rows = dict(self.rows)
        for edit in edits:
            if edit.new is None:
                rows.pop(edit.key, None)
            else:
                rows[edit.key] = edit.new
        return Book(rows)

    def calendar(self, lineage: Lineage, year: int) -> Calendar:
        """Give the calendar of the first in `lineage`, for cases of `year`."""
        if (known := self._made.get((lineage, year))) is None:
            known = self._made[lineage, year] = self._make(lineage, year)
        return known

    def habits(self, unit_id: int) -> Habits:
        """Give what the unit itself has said of how it keeps its year."""
        return next((one for one in self._of(unit_id, Habits)), Habits())

    def profile(self, lineage: Lineage) -> Profile:
        """Give the profile the city was set up with."""
        return Profile(self.habits(lineage[-1][0]).profile or Profile.LARGE_CITY)

    def has_year(self, unit_id: int, year: int) -> bool:
        """Tell whether the unit has set milestones of `year`."""
        return any(one.year == year for one in self.milestones(unit_id))

    def milestones(self, unit_id: int) -> list[Milestone]:
        """Give the milestones the unit itself has set."""
        return self._of(unit_id, Milestone)

    def meetings(self, unit_id: int) -> list[Meeting]:
        """Give the meetings the unit itself has set."""
        return self._of(unit_id, Meeting)

    def closed_days(self, unit_id: int) -> list[ClosedDay]:
        """Give the closed days the unit itself has set."""
        return self._of(unit_id, ClosedDay)

    def _of(self, unit_id: int, kind: type[T]) -> list[T]:
        return [one for one in self.by_unit.get(unit_id, ()) if isinstance(one, kind)]

    def _make(self, lineage: Lineage, year: int) -> Calendar:
        said = [self.habits(unit_id) for unit_id, _ in lineage]
        quiet = next((one for one in said if one.quiet is not None), None)
        own = {
            one.on: one.name
            for unit_id, _ in lineage
            for one in reversed(self.closed_days(unit_id))
        }
        return Calendar(
            milestones=self._laid(lineage, year),
            meetings=tuple(self._held(lineage)),
            closed=ClosedDays(
                own=tuple(sorted(own.items())),
                squeeze=next((one.squeeze for one in said if one.squeeze is not None), False),
                quiet=quiet.quiet_days if quiet else JULY,
            ),
            days=next((one.days for one in said if one.days), MeetingDays()),
        )

    def _laid(self, lineage: Lineage, year: int) -> tuple[Milestone, ...]:
        """Lay the dates of each unit over those of the unit above it, from the city down."""
        *bodies, (city_id, _) = lineage
        set_here = self.milestones(city_id)
        by_rule = _years_by_rule({one.year for one in set_here}, year)
        profile = self.profile(lineage)
        laid = (*(one for y in by_rule for one in standard_year(y, profile)), *set_here)
        if any(kind is UnitKind.COMPANY for _, kind in bodies):
            laid = overlay(laid, _of_companies({one.year for one in laid}))
        for unit_id, _ in reversed(bodies):
            laid = overlay(laid, self.milestones(unit_id))
        return laid

    def _held(self, lineage: Lineage) -> list[Meeting]:
        """Give the meetings of the nearest body that has any; the city's are nobody else's."""
        bodies = lineage[:-1] or lineage
        return next((held for unit_id, _ in bodies if (held := self.meetings(unit_id))), [])


def _years_by_rule(known: set[int], year: int) -> range:
    if not known:
        return range(max(year - 1, FIRST_YEAR), min(year + 1, LAST_YEAR) + 1)
    return range(max(min(year, min(known)) - 1, FIRST_YEAR), min(known))


def _of_companies(years: Iterable[int]) -> list[Milestone]:
    """Give what differs for a company: its own plan, and none of the council's dates."""
    found: list[Milestone] = []
    for year in sorted(years):
        city = set(standard_year(year, Profile.LARGE_CITY))
        found += [one for one in standard_year(year, Profile.COMPANY) if one not in city]
    return found
