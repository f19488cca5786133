"""When the steps of a process would open and be due in a year, for a unit, before any case does."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflows.calendar.parsing import parse_list
from workflows.calendar.rules import Rule
from workflows.calendar.windows import Window, plan
from workflows.organisation.models import Unit
from workflows.processes.models import Version
from workflows.processes.rows import compiled
from workflows.processes.windows import steps_of
from workflows.steering.rows import calendar_of


@dataclass(frozen=True, slots=True)
class Planned:
    """One of a process's starts in a year, and the windows of its steps in reading order."""

    start: Rule
    windows: tuple[Window, ...]


def planned(session: Session, version: Version, unit: Unit, year: int) -> tuple[Planned, ...]:
    """Plan a version for a unit and year, once for each of its starts.

    A step with several due rules is planned by the first, as if each condition held.
    """
    runs = compiled(version)
    calendar = calendar_of(session, unit.id, year)
    steps = steps_of(runs)
    return tuple(
        Planned(start, plan(steps, calendar, year, start=start))
        for text in runs.description.starts
        for start in parse_list(text)
    )
