"""Steps nobody took in the play: when they open and are due by the calendar alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from workflows.calendar.windows import Window, plan
from workflows.processes.starts import occasions
from workflows.processes.windows import steps_of
from workflows.rehearsal.cases import Case
from workflows.rehearsal.city import Body, City, Played


class Untaken(NamedTuple):
    """A step on a way not taken, due before it could open, in a unit that has such cases."""

    process: Played
    body: Body
    window: Window


def untaken(city: City, year: int, cases: Iterable[Case]) -> Iterator[Untaken]:
    """Plan the steps no case came to, by the unit in which their process was played first."""
    taken: dict[str, set[str]] = defaultdict(set)
    first: dict[str, Case] = {}
    for case in cases:
        key = case.process.key
        first.setdefault(key, case)
        taken[key] |= {one.step.element for one in case.run.trace().steps}
    for key, case in first.items():
        process, calendar = case.process, city.calendar(case.body.id, year)
        steps = steps_of(process.runs)
        for start in occasions(process.description.starts).values():
            for window in plan(steps, calendar, year, start=start):
                if window.key not in taken[key] and window.is_due_before_opening:
                    yield Untaken(process, case.body, window)
