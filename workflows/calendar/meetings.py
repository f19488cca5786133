"""A body's meetings and the dates around each: when to stop writing, when papers go out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from workflows.calendar.workdays import (
    ClosedDays,
    add_workdays,
    same_weekday,
    workday_on_or_before,
)

DRAFT_STOP_BEFORE_DOCUMENTS = -10  # working days, for a body that has no draft stop of its own


@dataclass(frozen=True, slots=True)
class MeetingDays:
    """How many days before (after, for `adjusted`) a meeting things happen in this body."""

    draft_stop: int | None = 21
    chair_prep: int = 14
    union_coop: int = 10
    documents_out: int = 7
    adjusted: int = 14  # kommunallagen 5:69


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting; a date not set follows from the body's days. `assumed`: nobody has given it."""

    on: date
    draft_stop: date | None = None
    chair_prep: date | None = None
    union_coop: date | None = None
    documents_out: date | None = None
    adjusted: date | None = None
    assumed: bool = False


def filled(meeting: Meeting, days: MeetingDays, closed: ClosedDays) -> Meeting:
    """Give the meeting with every date around it; those worked out fall on working days.

    The minutes' day is the last one the law allows, so it moves back too.
    """

    def around(given: date | None, offset: int) -> date:
        return given or workday_on_or_before(closed, meeting.on + timedelta(days=offset))

    documents_out = around(meeting.documents_out, -days.documents_out)
    if days.draft_stop is None:
        draft_stop = meeting.draft_stop or add_workdays(
            closed, documents_out, DRAFT_STOP_BEFORE_DOCUMENTS
        )
    else:
        draft_stop = around(meeting.draft_stop, -days.draft_stop)
    return replace(
        meeting,
        draft_stop=draft_stop,
        chair_prep=around(meeting.chair_prep, -days.chair_prep),
        union_coop=around(meeting.union_coop, -days.union_coop),
        documents_out=documents_out,
        adjusted=around(meeting.adjusted, days.adjusted),
    )


def last_on_or_before(meetings: Sequence[Meeting], day: date) -> Meeting | None:
    """Give the last of the meetings (in order of date) on or before `day`."""
    return next((one for one in reversed(meetings) if one.on <= day), None)


def first_on_or_after(meetings: Sequence[Meeting], day: date) -> Meeting | None:
    """Give the first of the meetings (in order of date) on or after `day`."""
    return next((one for one in meetings if one.on >= day), None)


def first_to_reach(meetings: Sequence[Meeting], day: date) -> Meeting | None:
    """Give the first filled meeting one can still write for on `day`: its draft stop is not past.

    A matter referred back in September often cannot reach the very next meeting.
    """
    return next((one for one in meetings if (one.draft_stop or one.on) >= day), None)


def draft_meetings(last: Iterable[Meeting], years: int = 1) -> tuple[Meeting, ...]:
    """Draft meetings from earlier ones, on the same weekdays; the dates around them follow."""
    return tuple(Meeting(same_weekday(one.on, years)) for one in last if not one.assumed)
