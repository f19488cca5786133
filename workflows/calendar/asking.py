"""What an expression may ask of a unit's calendar; it is read only when one does."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from workflows.calendar.meetings import first_to_reach
from workflows.calendar.workdays import add_workdays, workdays_between
from workflows.calendar.years import Calendar

NAMES = ("milestone", "workdays_between", "is_meeting", "meeting_in_time")


def functions(
    calendar: Callable[[], Calendar], year: int, today: date
) -> Mapping[str, Callable[..., Any]]:
    """Give the functions of `NAMES`, for a case of `year` on the day `today`."""

    def milestone(code: str) -> date | None:
        found = calendar().by_code.get((code, year))
        return found.on if found else None

    def workdays(start: date | str, end: date | str) -> int:
        return workdays_between(calendar().closed, _day(start), _day(end))

    def is_meeting(day: date | str) -> bool:
        return any(one.on == _day(day) for one in calendar().agenda)

    def meeting_in_time(workdays: int) -> date | None:
        """The first meeting whose draft stop is at least so many working days away."""
        soonest = add_workdays(calendar().closed, today, workdays)
        held = first_to_reach(calendar().agenda, soonest)
        return held.on if held else None

    return dict(zip(NAMES, (milestone, workdays, is_meeting, meeting_in_time), strict=True))


def _day(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day
