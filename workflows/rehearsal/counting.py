"""How much there is to do in a rehearsed year: by process, by unit and week, by role and week."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from workflows.engine.simulating import Trace
from workflows.language import on
from workflows.rehearsal.answering import unit_of
from workflows.rehearsal.cases import Case
from workflows.rehearsal.city import City
from workflows.rehearsal.report import Count, Load, Week

Traces = Sequence[tuple[Case, Trace]]


def counts(city: City, traces: Traces) -> Iterator[Count]:
    for process in city.processes:
        mine = [(c, trace) for c, trace in traces if c.process is process]
        ended = [trace.ended for _, trace in mine if trace.ended]
        yield Count(
            process.key,
            len(mine),
            sum(len(trace.steps) for _, trace in mine),
            sum(trace.ended is None and not c.is_called_off for c, trace in mine),
            on(max(ended)) if ended else None,
        )


def weeks(traces: Traces) -> Iterator[Week]:
    cases: Counter[tuple[str, date]] = Counter()
    tasks: Counter[tuple[str, date]] = Counter()
    due: Counter[tuple[str, date]] = Counter()
    for case, trace in traces:
        cases[case.body.code, _monday(case.began_at)] += 1
        for taken in trace.steps:
            tasks[case.body.code, _monday(taken.opened)] += 1
            if taken.due is not None:
                due[case.body.code, _monday(taken.due)] += 1
    for unit, monday in sorted(cases.keys() | tasks.keys() | due.keys()):
        at = (unit, monday)
        yield Week(unit, monday, cases[at], tasks[at], due[at])


def loads(city: City, traces: Traces) -> Iterator[Load]:
    due: Counter[tuple[str, int, date]] = Counter()
    planned: Counter[tuple[str, int, date]] = Counter()
    for case, trace in traces:
        steps = case.process.description.steps
        for taken in trace.steps:
            info = steps[taken.step.element]
            unit = unit_of(case, info.of, taken.step.item, city)
            if taken.due is None or unit is None or not info.roles:
                continue
            held = (role for role in info.roles if (role, unit.id) in city.holders)
            at = (next(held, info.roles[0]), unit.id, _monday(taken.due))
            due[at] += 1
            planned[at] += case.by != "person"
    for (role, unit_id, monday), count in sorted(due.items()):
        people = len(city.holders.get((role, unit_id), ()))
        known = planned[role, unit_id, monday]
        yield Load(role, city.by_id[unit_id].code, monday, count, known, people)


def _monday(moment: datetime) -> date:
    day = on(moment)
    return day - timedelta(days=day.weekday())
