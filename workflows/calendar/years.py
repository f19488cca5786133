"""What one unit's steering years look like, with look-up across years."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from workflows.calendar.meetings import (
    Meeting,
    MeetingDays,
    filled,
    first_on_or_after,
    last_on_or_before,
)
from workflows.calendar.milestones import Milestone, moved
from workflows.calendar.profiles import AT_BOARD, Profile, standard_year
from workflows.calendar.workdays import FIRST_YEAR, LAST_YEAR, ClosedDays

ZONE = "Europe/Stockholm"


@dataclass(frozen=True)
class Calendar:
    """A unit's calendar as one frozen value; what it works out from it is remembered."""

    milestones: tuple[Milestone, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    closed: ClosedDays = field(default_factory=ClosedDays)
    days: MeetingDays = field(default_factory=MeetingDays)
    zone: str = ZONE

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def by_code(self) -> dict[tuple[str, int], Milestone]:
        return {(one.code, one.year): one for one in self.milestones}

    @cached_property
    def years(self) -> frozenset[int]:
        """The cycle years that have milestones at all."""
        return frozenset(one.year for one in self.milestones)

    @cached_property
    def agenda(self) -> tuple[Meeting, ...]:
        """The meetings in order, every date around them filled in.

        A year whose meetings nobody has given gets those the board must hold to decide its
        milestones: a unit without a meeting calendar still gets dates, said to be assumed.
        """
        given = {one.on.year for one in self.meetings}
        assumed = {
            moved(one.on, one.kind, self.closed, legal=False)
            for one in self.milestones
            if one.code in AT_BOARD and one.exists and one.on
        }
        held = [
            *self.meetings,
            *(Meeting(on, assumed=True) for on in assumed if on.year not in given),
        ]
        return tuple(
            filled(one, self.days, self.closed) for one in sorted(held, key=lambda one: one.on)
        )

    def meeting_by(self, day: date) -> Meeting | None:
        """Give the last meeting on or before `day`, if it is known: an earlier year's last one
        does not stand in for those that nobody has given yet.
        """
        held = last_on_or_before(self.agenda, day)
        if held and held.on.year < day.year and (held.assumed or day.year not in self._met):
            return None
        return held

    def meeting_from(self, day: date) -> Meeting | None:
        """Give the first meeting on or after `day`."""
        return first_on_or_after(self.agenda, day)

    @cached_property
    def _met(self) -> frozenset[int]:
        return frozenset(one.on.year for one in self.agenda)


def overlay(city: Iterable[Milestone], own: Iterable[Milestone]) -> tuple[Milestone, ...]:
    """Lay a unit's own milestones over the city's: an own date wins."""
    laid = {(one.code, one.year): one for one in city}
    laid |= {(one.code, one.year): replace(one, own=True) for one in own}
    return tuple(laid.values())


def standard_calendar(
    year: int, profile: Profile = Profile.LARGE_CITY, closed: ClosedDays | None = None
) -> Calendar:
    """Make the calendar every rule can be tried against: `year` and its neighbours, by rule."""
    return Calendar(
        milestones=tuple(
            one
            for near in range(max(year - 1, FIRST_YEAR), min(year + 1, LAST_YEAR) + 1)
            for one in standard_year(near, profile)
        ),
        closed=closed or ClosedDays(),
    )
