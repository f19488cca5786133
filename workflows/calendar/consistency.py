"""What cannot be right in a year's calendar: problems with their code, place and dates."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from workflows.calendar.meetings import Meeting, first_on_or_after, last_on_or_before
from workflows.calendar.milestones import Kind, Milestone
from workflows.calendar.profiles import AT_BOARD
from workflows.calendar.workdays import is_workday
from workflows.calendar.years import Calendar

# What must not come after what, within one cycle year.
ORDER = (
    ("YEAR_START", "VB"),
    ("AR_SUBMIT", "AR_KF"),
    ("T1_END", "T1"),
    ("T1", "T1_KS"),
    ("T1", "T2_END"),
    ("T2_END", "T2"),
    ("T2_END", "INTERIM_DUE"),
    ("T2", "T2_KF"),
    ("T2", "VP"),
    ("BUDGET_KS", "BUDGET_KF"),
)
AROUND = (
    ("draft_stop", "chair_prep"),
    ("draft_stop", "union_coop"),
    ("chair_prep", "documents_out"),
    ("union_coop", "documents_out"),
    ("documents_out", "on"),
    ("on", "adjusted"),
)
LATEST_INTO_NEXT_YEAR = (3, 31)  # a plan decided after an election is decided by then
TOO_LONG_BEFORE = timedelta(days=21)  # an earlier meeting than that does not decide the report
MINUTES = timedelta(days=14)  # kommunallagen 5:69


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a milestone (`where` is its code) or a meeting (its date)."""

    code: str
    where: str
    params: Mapping[str, object] = field(default_factory=dict)
    is_warning: bool = False


def problems(calendar: Calendar, year: int) -> tuple[Problem, ...]:
    """Find what cannot be right in `year`."""
    if year not in calendar.years:
        return (Problem("no_calendar", str(year), {"year": year}),)
    return (
        *_milestones(calendar, year),
        *_order(calendar, year),
        *_meetings(calendar, year),
        *_decisions(calendar, year),
    )


def _milestones(calendar: Calendar, year: int) -> Iterator[Problem]:
    of_year = [one for one in calendar.milestones if one.year == year]
    for code, count in Counter(one.code for one in of_year).items():
        if count > 1:
            yield Problem("milestone_twice", code, {"milestone": code, "count": count})
    earliest, latest = date(year, 1, 1), date(year + 1, *LATEST_INTO_NEXT_YEAR)
    for one in of_year:
        params = {"milestone": one.code, "date": one.on, "year": year}
        if not one.exists:
            continue
        if one.on is None:
            yield Problem("milestone_undated", one.code, params, is_warning=True)
        elif not earliest <= one.on <= latest:
            yield Problem("milestone_outside_year", one.code, params)
        elif one.confirmed and one.kind is Kind.INTERNAL and _nobody_works(calendar, one.on):
            yield Problem("milestone_on_day_off", one.code, params, is_warning=True)


def _order(calendar: Calendar, year: int) -> Iterator[Problem]:
    for first, second in ORDER:
        before, after = (_date(calendar.by_code.get((code, year))) for code in (first, second))
        if before and after and before > after:
            params = {"first": first, "second": second, "before": before, "after": after}
            yield Problem("milestone_order", second, params)


def _meetings(calendar: Calendar, year: int) -> Iterator[Problem]:
    of_year = [one for one in calendar.agenda if one.on.year == year and not one.assumed]
    for on, count in Counter(one.on for one in of_year).items():
        if count > 1:
            yield Problem("meeting_twice", on.isoformat(), {"meeting": on, "count": count})
    for one in of_year:
        where, params = one.on.isoformat(), {"meeting": one.on}
        if _nobody_works(calendar, one.on):
            yield Problem("meeting_on_day_off", where, params, is_warning=True)
        if one.adjusted and one.adjusted > one.on + MINUTES:
            yield Problem("minutes_too_late", where, params | {"date": one.adjusted})
        for first, second in AROUND:
            before, after = getattr(one, first), getattr(one, second)
            if before > after:
                around = {"first": first, "second": second, "before": before, "after": after}
                yield Problem("meeting_dates_order", where, params | around)


def _decisions(calendar: Calendar, year: int) -> Iterator[Problem]:
    """A board's milestone with no meeting shortly before it but one after: one is wrong."""
    given = [one for one in calendar.agenda if not one.assumed]
    for code in sorted(AT_BOARD):
        on = _date(calendar.by_code.get((code, year)))
        if on is None or not any(one.on.year == on.year for one in given):
            continue
        last, following = last_on_or_before(given, on), first_on_or_after(given, on)
        if following and _too_early(last, on):
            params = {"milestone": code, "date": on, "meeting": following.on}
            yield Problem("meeting_after_milestone", code, params, is_warning=True)


def _too_early(last: Meeting | None, on: date) -> bool:
    return last is None or last.on < on - TOO_LONG_BEFORE


def _date(milestone: Milestone | None) -> date | None:
    return milestone.on if milestone and milestone.exists else None


def _nobody_works(calendar: Calendar, on: date) -> bool:
    return not is_workday(calendar.closed.without_quiet, on)
