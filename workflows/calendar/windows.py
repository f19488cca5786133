"""When the steps of a process would open and be due for a unit and year, before any case exists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from types import MappingProxyType

from workflows.calendar.because import Because, Unresolved
from workflows.calendar.deadlines import NO_FIELDS, Deadline, evaluate
from workflows.calendar.places import Fields
from workflows.calendar.rules import Rule
from workflows.calendar.years import Calendar

MORNING = time(8, 0)  # cases open and timers fire when people come to work


@dataclass(frozen=True, slots=True)
class Step:
    """A step as the calendar sees it: what it waits for (`after`, `opens`), which step it comes out
    of while that is still open (`during`), and when it is due.
    """

    key: str
    due: Rule | None = None
    legal: bool = False
    after: tuple[str, ...] = ()
    opens: Rule | None = None
    during: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """When a step would open and be due. `missing` says why there is no due date, if one is asked
    for; a step whose milestone does not exist `is_removed`.
    """

    key: str
    opens_at: datetime | None
    due_at: datetime | None = None
    because: Because | None = None
    missing: Unresolved | None = None

    @property
    def is_removed(self) -> bool:
        return self.missing is not None and self.missing.removes_step

    @property
    def is_due_before_opening(self) -> bool:
        """Tell whether the step is due before its own case, or the steps it needs, can be there."""
        return bool(self.opens_at and self.due_at and self.due_at < self.opens_at)

    @property
    def ends_at(self) -> datetime | None:
        """The moment from which those that wait for the step can open."""
        return self.due_at or self.opens_at


def plan(
    steps: Iterable[Step],
    calendar: Calendar,
    year: int,
    *,
    start: Rule | datetime,
    ended: Mapping[str, datetime] = MappingProxyType({}),
    fields: Fields = NO_FIELDS,
) -> tuple[Window, ...]:
    """Plan `steps`, given in the order they come; a step waits for all in `after` that are known.

    A loop back in the diagram names a step not yet planned and is left out. Dates that hang on the
    case's own data are known as far as `fields` holds it: else such a step has its opening and what
    it misses. Where a case is under way `ended` says when its steps were, or will be, done.
    """
    begin: datetime | None
    if isinstance(start, datetime):
        begin = start
    else:
        opening = evaluate(start, calendar, year, time_of_day=MORNING)
        if isinstance(opening, Unresolved):
            return tuple(Window(step.key, None, missing=opening) for step in steps)
        begin = opening.due_at
    planned: dict[str, Window] = {}
    for step in steps:
        opens_at = _opens_at(step, planned, begin)
        if step.key in ended:
            planned[step.key] = Window(step.key, opens_at, ended[step.key])
        else:
            planned[step.key] = _window(step, calendar, year, opens_at, fields)
    return tuple(planned.values())


def _opens_at(step: Step, planned: dict[str, Window], begin: datetime) -> datetime:
    ends = [planned[key].ends_at for key in step.after if key in planned]
    ends += [planned[key].opens_at for key in step.during if key in planned]
    return max((end for end in ends if end), default=begin)


def _window(
    step: Step, calendar: Calendar, year: int, opens_at: datetime, fields: Fields
) -> Window:
    if step.opens is not None:
        timer = evaluate(
            step.opens, calendar, year, opened=opens_at, fields=fields, time_of_day=MORNING
        )
        if isinstance(timer, Unresolved):
            return Window(step.key, opens_at, missing=timer)
        opens_at = max(opens_at, timer.due_at)
    if step.due is None:
        return Window(step.key, opens_at)
    found = evaluate(step.due, calendar, year, opened=opens_at, fields=fields, legal=step.legal)
    if isinstance(found, Deadline):
        return Window(step.key, opens_at, found.due_at, found.because)
    return Window(step.key, opens_at, missing=found)
