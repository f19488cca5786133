"""When people in the demo do what they have to: mostly in time, some early, some late."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from workflows.calendar.workdays import (
    ClosedDays,
    add_workdays,
    is_workday,
    workdays_between,
)
from workflows.demo.crew import drawn
from workflows.language import ZONE, local, on

Scripted = tuple[datetime, Callable[[Session, datetime], None]]

CLOSED = ClosedDays()  # with the quiet July
PRESSING = timedelta(hours=73)
MOST_LATE = 8  # working days
TARDY = {"usual": 0.08, "often": 0.3}  # how large a part of its tasks a body does too late


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Give a moment by the clock on the wall."""
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def moment(row: Any, seed: int) -> datetime:
    """Say when an open task is done; the same for the same task, whenever one asks."""
    chance = drawn(seed, row.key, row.step_id)
    opened = on(row.opened_at)
    if row.due_at is not None and (row.is_legal or is_pressing(row)):
        return _within(row.opened_at, row.due_at, chance)
    if row.due_at is None:
        return _at_work(add_workdays(CLOSED, opened, chance.randint(1, 4)), chance)
    due = on(row.due_at)
    habit = "often" if drawn(seed, "habit", row.unit_id).random() < 0.2 else "usual"
    if row.kind == "board_decision":  # the minutes come after the meeting
        day = add_workdays(CLOSED, max(due, opened), 3 if chance.random() < 0.1 else 1)
    elif chance.random() < TARDY[habit]:
        day = add_workdays(CLOSED, max(due, opened), chance.randint(1, MOST_LATE))
    else:
        days = max(1, workdays_between(CLOSED, opened, due))
        day = add_workdays(CLOSED, opened, max(1, int(days * chance.uniform(0.1, 0.5))))
    return _at_work(day, chance)


def not_before(when: datetime, now: datetime, row: Any) -> datetime:
    """Let what should have been done before `now` be done at the same hour of the next day that
    people work, or at once if it presses.
    """
    if when > now:
        return when
    if is_pressing(row):
        return now
    hour = local(when).time()
    today = datetime.combine(on(now), hour, ZONE).astimezone(UTC)
    if today > now and is_workday(CLOSED, on(now)):
        return today
    return datetime.combine(add_workdays(CLOSED, on(now), 1), hour, ZONE).astimezone(UTC)


def is_pressing(row: Any) -> bool:
    """Tell whether a task is due within hours rather than days of when it opened."""
    return row.due_at is not None and row.due_at - row.opened_at <= PRESSING


def _within(opened: datetime, due: datetime, chance: Random) -> datetime:
    """What law sets a date for is done in good time, at any hour."""
    share = chance.uniform(0.15, 0.7)
    return opened + max((due - opened) * share, timedelta(minutes=20))


def _at_work(day: date, chance: Random) -> datetime:
    hour = time(chance.randint(8, 15), chance.randint(0, 59))
    return datetime.combine(day, hour, ZONE).astimezone(UTC)
