"""What the lists of tasks show: what is asked for, in which groups, and as rows of a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from urllib.parse import urlencode

from webapp.auth import actor
from webapp.format import because, language
from webapp.pages import number
from webapp.transactions import session
from workflows.calendar.names import KNOWN_BY_CODE, MILESTONES
from workflows.calendar.workdays import workdays_between
from workflows.calendar.years import Calendar
from workflows.language import N_, ZONE, capital, counted, day, on, sort_key, translator
from workflows.processes import rows as processes
from workflows.queries.inbox import Inbox, Wanted
from workflows.queries.wheel import RIM
from workflows.steering.rows import calendar_of, city_id
from workflows.tasks.models import Task

ORDERS = {  # besides the day
    "milestone": N_("Milestone"),
    "unit": N_("Unit"),
    "process": N_("Process"),
    "opened": N_("Latest first"),
}
STATES = {"late": N_("Late"), "begun": N_("Begun"), "new": N_("Not begun")}
COLUMNS = (
    N_("Task"),
    N_("Case"),
    N_("Unit"),
    N_("Due"),
    N_("Why then"),
    N_("State"),
    N_("Who has it"),
)
WHY_NOT = {
    "closed": N_("It is closed already."),
    "no_review": N_("It is not a review."),
    "secret": N_("The case is secret."),
    "own_work": N_("You did an earlier step of the case yourself."),
    "not_yours": N_("It is not yours to do."),
    "rests": N_("The case rests."),
    "asks_more": N_("It asks for more than a yes."),
    "begun": N_("Somebody has begun to type in it."),
    "explained": N_("Somebody had to explain an answer, and you should read why."),
}
ASKED = ("unit", "process", "year", "state", "milestone", "text", "order")
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, as people chose it."""

    name: str
    chosen: Mapping[str, str]
    wanted: Wanted

    @property
    def query(self) -> str:
        """The part of an address that asks for the same again."""
        return urlencode({"list": self.name, **self.chosen})

    @property
    def is_filtered(self) -> bool:
        return bool(self.chosen.keys() - {"order"})


@dataclass(frozen=True, slots=True)
class Year:
    """The dates around today by which people say how near something is."""

    today: date
    now: datetime
    milestones: Mapping[str, date]
    calendar: Calendar

    def days_to(self, task: Task) -> int | None:
        """Working days until a task is due, fewer than none when it is late; None far away."""
        if task.closed_at is not None or task.due_at is None:
            return None
        due = on(task.due_at)
        if not abs((due - self.today).days) <= 366:
            return None
        if due >= self.today:
            return None if task.due_at < self.now else self._between(self.today, due)
        return -max(self._between(due, self.today), 1)

    def _between(self, first: date, last: date) -> int:
        return workdays_between(self.calendar.closed, first, last)


def year_of(now: datetime) -> Year:
    """Find the milestones of the coming year, each once: one's own unit's, or else the city's."""
    today = on(now)
    unit_id = min((held.unit_id for held in actor().held), default=city_id(session()))
    calendar = calendar_of(session(), unit_id, today.year) if unit_id else Calendar()
    found: dict[str, date] = {}
    for one in sorted(calendar.milestones, key=lambda one: one.on or date.max):
        if one.code in RIM and one.exists and one.on and one.on >= today:
            found.setdefault(one.code, one.on)
    return Year(today, now, found, calendar)


def asked(arguments: Mapping[str, str], year: Year) -> Asked:
    """Read what is asked for from the address; what makes no sense there asks for nothing."""
    chosen = {name: arguments[name].strip()[:LONGEST] for name in ASKED if arguments.get(name)}
    by_day = [year.now] if chosen.get("state") == "late" else []
    if last := year.milestones.get(chosen.get("milestone", "")):
        night = datetime.combine(last + timedelta(days=1), time.min, ZONE)
        by_day.append(night.astimezone(UTC))
    return Asked(
        arguments.get("list", "mine"),
        chosen,
        Wanted(
            unit_id=number(chosen.get("unit", "")),
            process_id=number(chosen.get("process", "")),
            year=number(chosen.get("year", "")),
            due_before=min(by_day, default=None),
            begun={"begun": True, "new": False}.get(chosen.get("state", "")),
            text=chosen.get("text", ""),
            order=chosen.get("order", "due"),
        ),
    )


def choices(year: Year) -> dict[str, list[tuple[object, str]]]:
    """What one may choose among in the filter."""
    known = [(one.id, one.name(language())) for one in processes.all_of(session())]
    return {
        "processes": sorted(known, key=lambda one: sort_key(one[1])),
        "milestones": [(code, milestone(code)) for code in year.milestones],
        "states": [(state, _(text)) for state, text in STATES.items()],
        "orders": [(order, _(text)) for order, text in ORDERS.items()],
    }


def lead(counts: Mapping[str, int]) -> str:
    """Say how much waits for somebody."""
    number = counts["mine"] + counts["role"]
    said = counted(number, "One task waits.", "{count} tasks wait.")
    return said.said(language()) if number else ""


def groups(found: Inbox, asked: Asked, year: Year) -> list[tuple[str, list[Task]]]:
    """Put the tasks of a page under headings, in the order they come."""
    named: dict[str, Callable[[Task], str]] = {
        "unit": lambda task: task.unit.name,
        "process": lambda task: task.process.name(language()),
        "milestone": lambda task: _nearness(task, year, only_milestones=True),
        "opened": lambda task: _day(N_("Came {day}"), on(task.opened_at)),
    }
    name = asked.wanted.order
    of = named.get(name, lambda task: _nearness(task, year, only_milestones=False))
    if asked.name == "done":
        of = _closed
    return [(heading, list(tasks)) for heading, tasks in groupby(found.tasks, of)]


def _nearness(task: Task, year: Year, *, only_milestones: bool) -> str:
    if task.due_at is None:
        return _("No date yet")
    due = on(task.due_at)
    if task.due_at < year.now:
        return _("Overdue")
    if not only_milestones:
        if due == year.today:
            return _day(N_("Today, {day}"), due)
        if due <= year.today + timedelta(days=6 - year.today.weekday()):
            return _("This week")
    ahead = list(year.milestones.items())[: None if only_milestones else 1]
    for code, last in ahead:
        if due <= last:
            word = _("Before {milestone}, {day}")
            return word.format(milestone=milestone(code), day=day(last, language()))
    return _("Later")


def _closed(task: Task) -> str:
    return _day(N_("Done {day}"), on(task.closed_at)) if task.closed_at else ""


def _day(text: str, when: date) -> str:
    return _(text).format(day=day(when, language()))


def milestone(code: str) -> str:
    """Say a milestone as people do: by its code where that is a word to them."""
    return code if code in KNOWN_BY_CODE else _(MILESTONES[code])


def why_not(code: str) -> str:
    """Say why a task is not approved together with others."""
    return _(WHY_NOT[code])


def state_of(task: Task, begun: set[int], now: datetime) -> str:
    """Say in one word where a task stands."""
    if task.closed_at is not None:
        return _("Done")
    if task.due_at is not None and task.due_at < now:
        return _("Late")
    return _("Begun") if task.id in begun else _("Not begun")


def cells(task: Task, begun: set[int], now: datetime) -> tuple[str, ...]:
    """Say a task as a row of a file; the day so that a spreadsheet can sort it."""
    return (
        task.name(language()),
        task.case.name(language()),
        task.unit.name,
        on(task.due_at).isoformat() if task.due_at else "",
        because(task.because, language()) if task.because else "",
        state_of(task, begun, now),
        task.assignee.name if task.assignee else "",
    )


def header() -> list[str]:
    return [capital(_(text)) for text in COLUMNS]


def _(text: str) -> str:
    return translator(language()).gettext(text)
