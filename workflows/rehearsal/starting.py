"""Which cases of a year begin by themselves, and on which day people would begin the others."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time
from random import Random
from typing import NamedTuple

from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.windows import MORNING
from workflows.calendar.workdays import workday_on_or_after
from workflows.language import ZONE, on
from workflows.processes.starts import is_for, occasions
from workflows.queries.role_check import BODIES
from workflows.rehearsal.cases import Unstarted, Year
from workflows.rehearsal.city import Body, City, Played

BY_HAND = (2, 11)  # the months in which cases that people start are played


class Start(NamedTuple):
    """A case that begins; `by` the calendar, or a person."""

    at: datetime
    process: Played
    body: Body
    occasion: str
    by: str


def year_starts(
    city: City, played: Year, units: Collection[str], seed: int, *, surely: bool = False
) -> Iterator[Start]:
    """Give every start of the year in these units or in all; one without a date is noted. `surely`,
    also what others would begin, and what would not begin by itself in a unit.
    """
    begun_by_others = set() if surely else _begun_by_others(city.processes)
    for process in city.processes:
        for body in city.bodies:
            if units and body.code not in units:
                continue
            if process.description.starts:
                if surely or (process.key, body.id) not in city.exempt:
                    yield from _by_calendar(city, played, process, body)
            elif process.key not in begun_by_others and _is_run_in(process, body):
                yield _by_hand(city, played.year, process, body, seed)


def _by_calendar(city: City, played: Year, process: Played, body: Body) -> Iterator[Start]:
    description, year = process.description, played.year
    if body.kind.value not in description.per or not is_for(description, body.told, year):
        return
    calendar = city.calendar(body.id, year)
    for occasion, rule in occasions(description.starts).items():
        found = evaluate(rule, calendar, year, time_of_day=MORNING)
        if isinstance(found, Deadline):
            if body.stands_on(on(found.due_at)):
                yield Start(found.due_at, process, body, occasion, "calendar")
        elif not found.removes_step and body.stands_on(date(year, 12, 31)):
            played.unstarted.append(Unstarted(process.key, body, occasion, found))


def _by_hand(city: City, year: int, process: Played, body: Body, seed: int) -> Start:
    """Start what people start by hand once, on some working day of the year."""
    random = Random(f"{seed} {process.key} {body.code}")  # noqa: S311 (no secret)
    some = date(year, random.randint(*BY_HAND), random.randint(1, 28))
    day = workday_on_or_after(city.calendar(body.id, year).closed, some)
    at = datetime.combine(day, time(9), ZONE).astimezone(UTC)
    return Start(at, process, body, "", "person")


def _is_run_in(process: Played, body: Body) -> bool:
    per = process.description.per
    return body.kind.value in per if per else body.kind in BODIES


def _begun_by_others(processes: Iterable[Played]) -> set[str]:
    """Name the processes whose cases others start: nobody begins one by hand."""
    keys = {process.key for process in processes}
    found = set()
    for process in processes:
        plan = process.runs.plan
        starts = (plan.nodes[start].event for start in plan.scopes[plan.main].starts)
        if not any(event is None or event.kind == "none" for event in starts):
            found.add(process.key)
        others = keys - {process.key}
        found |= set(process.description.calls) & others
        for called in process.description.actions:
            if called.name == "start_cases":
                said = plan.nodes[called.element].params.get("process", "")
                found |= {key for key in others if key in said}
    return found
