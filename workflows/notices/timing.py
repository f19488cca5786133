"""When a mail goes out: at once, or with the next digest that its receiver has chosen."""

from datetime import UTC, date, datetime, time, timedelta

from workflows.calendar.workdays import ClosedDays, workday_on_or_after
from workflows.language import ZONE, local
from workflows.notices.models import Choice

# After the reminders of the day, which come at 08:00.
DIGEST_TIME = time(8, 30)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
ORDINARY = ClosedDays()


def mail_at(choice: Choice, now: datetime, closed: ClosedDays = ORDINARY) -> datetime | None:
    """Say when a notice made now goes out to somebody with these days off; None: never by mail."""
    match choice:
        case Choice.DIRECT:
            return now
        case Choice.DAILY:
            return _next_morning(now, closed)
        case Choice.WEEKLY:
            return _next_week(now, closed)
        case Choice.NONE:
            return None


def _next_morning(now: datetime, closed: ClosedDays) -> datetime:
    """The morning of the first working day that is still to come."""
    first = _morning(workday_on_or_after(closed, _today(now)))
    return first if first >= now else _morning(workday_on_or_after(closed, _today(now) + DAY))


def _next_week(now: datetime, closed: ClosedDays) -> datetime:
    """The morning of a week's first working day, usually Monday; a week without any is skipped."""
    monday = _today(now) - DAY * _today(now).weekday()
    while True:
        first = workday_on_or_after(closed, monday)
        if first < monday + WEEK and _morning(first) >= now:
            return _morning(first)
        monday += WEEK


def _today(now: datetime) -> date:
    return local(now).date()


def _morning(day: date) -> datetime:
    return datetime.combine(day, DIGEST_TIME, ZONE).astimezone(UTC)
