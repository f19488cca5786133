"""Rehearse a year and look at it: what cannot be in time, who has too much, what sticks."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from workflows.calendar.because import Reason, Unresolved
from workflows.calendar.deadlines import MEETING_PARTS, Deadline
from workflows.calendar.workdays import is_workday, why_closed
from workflows.engine.describing import Words
from workflows.engine.simulating import Taken, Trace
from workflows.language import on
from workflows.queries import role_check
from workflows.rehearsal.answering import Manner, unit_of
from workflows.rehearsal.cases import Case, Year
from workflows.rehearsal.city import City
from workflows.rehearsal.counting import counts, loads, weeks
from workflows.rehearsal.playing import play
from workflows.rehearsal.report import MEND, NOTE, Finding, Load, Report
from workflows.rehearsal.ways import untaken

MOST_DUE = 8  # steps in a week for each who holds a role, when nothing else is said
FOR_A_PERIOD = ("report", "review", "board_decision")  # kinds of steps that need it to be over


class _Seen(NamedTuple):
    """One thing found in one place; the greatest `weight` of those alike is told."""

    code: str
    severity: str
    process: str
    element: str
    unit: str
    weight: int
    params: Mapping[str, Any]


def rehearse(
    city: City, year: int, *, units: Collection[str] = (), most: int = MOST_DUE, seed: int = 1
) -> Report:
    """Play a year for some units, or for all, and say what is wrong with it."""
    return look(city, play(city, year, units=units, manner=Manner(seed)), units=units, most=most)


def look(city: City, played: Year, *, units: Collection[str] = (), most: int = MOST_DUE) -> Report:
    """Say what is wrong with a year that was played."""
    return _Look(city, played, frozenset(units), most).report()


class _Look:
    def __init__(self, city: City, played: Year, units: frozenset[str], most: int) -> None:
        self.city, self.played, self.units, self.most = city, played, units, most
        self.traces = [(case, case.run.trace()) for case in played.cases]

    def report(self) -> Report:
        load = list(loads(self.city, self.traces))
        seen = [
            *self._of_starts(),
            *(one for case, trace in self.traces for one in self._of_case(case, trace)),
            *self._of_roles(),
            *self._of_loads(load),
            *self._of_ways(),
            *(
                _Seen("lost", NOTE, process, "", "", count, {"message": name, "count": count})
                for (process, name), count in self.played.lost.items()
                if not self.units  # else other units would receive it
            ),
        ]
        return Report(
            year=self.played.year,
            units=tuple(body.code for body in self._bodies()),
            most=self.most,
            findings=tuple(_gathered(seen)),
            counts=tuple(counts(self.city, self.traces)),
            weeks=tuple(weeks(self.traces)),
            loads=tuple(load),
            names=self._names(),
        )

    def _bodies(self) -> list[Any]:
        day = date(self.played.year, 12, 31)
        return [
            body
            for body in self.city.bodies
            if body.stands_on(day) and (not self.units or body.code in self.units)
        ]

    # what is wrong

    def _of_starts(self) -> Iterator[_Seen]:
        for one in self.played.unstarted:
            params = {"reason": one.why.reason.value, "rule": one.why.rule, **one.why.params}
            yield _Seen("no_start", NOTE, one.process, "", one.body.code, 0, params)

    def _of_case(self, case: Case, trace: Trace) -> Iterator[_Seen]:
        for taken in trace.steps:
            yield from self._of_step(case, trace, taken)
        if trace.ended is None and not case.is_called_off:
            yield from self._of_rest(case, trace)

    def _of_rest(self, case: Case, trace: Trace) -> Iterator[_Seen]:
        """Say why a case does not come to its end."""
        for one in trace.incidents:
            params: dict[str, Any] = {"cause": one.cause, "incident": one.code}
            yield self._seen("stopped", MEND, case, one.element, params)
        for step_id, why in case.unanswered.items():
            element = next((t.step.element for t in trace.steps if t.step.id == step_id), "")
            yield self._seen("no_answer", MEND, case, element, {"why": why})
        undated = [wait for wait in trace.waits if wait.id in case.dates]
        for wait in undated:
            missing = case.dates[wait.id]
            if isinstance(missing, Unresolved):
                params = {"reason": missing.reason.value, "rule": missing.rule, **missing.params}
                yield self._seen("no_date", NOTE, case, wait.element, params)
        if trace.is_cut:
            yield self._seen("endless", MEND, case, trace.passed[-1], {})
        elif not (trace.incidents or case.unanswered or undated):
            waits = [wait.element for wait in trace.waits]
            open_now = [taken.step.element for taken in trace.steps if taken.closed is None]
            # What other units would send is not there when only some are rehearsed.
            others = self.units and not open_now and {w.kind for w in trace.waits} == {"message"}
            severity = NOTE if others else MEND
            element = next(iter([*open_now, *waits]), "")
            yield self._seen("stuck", severity, case, element, {})

    def _of_step(self, case: Case, trace: Trace, taken: Taken) -> Iterator[_Seen]:
        element, found = taken.step.element, case.dates.get(taken.step.id)
        if isinstance(found, Unresolved) and found.reason is not Reason.FIELD_MISSING:
            params: dict[str, Any] = {"reason": found.reason.value, "rule": found.rule}
            severity = NOTE if "case." in found.rule or "item." in found.rule else MEND
            yield self._seen("no_date", severity, case, element, params | dict(found.params))
        if taken.due is None or not isinstance(found, Deadline):
            return
        due, opened = on(taken.due), on(taken.opened)
        if taken.due < taken.opened:
            before = _before(trace, taken)
            after = before.step.element if before else ""
            params = {"due": due, "opened": opened, "after": after}
            meeting = next((p for p in found.because.parts if p.kind in MEETING_PARTS), None)
            code = "before_its_steps" if meeting is None else "misses_its_meeting"
            if meeting is not None:
                params["meeting"] = meeting.params["meeting"]
            severity = NOTE if self._is_of_typed_day(case, found, before) else MEND
            yield self._seen(code, severity, case, element, params, weight=(opened - due).days)
        info = case.process.description.steps[element]
        over = self._period_over(case)
        if over is not None and due < over and info.kind in FOR_A_PERIOD:
            params = {"due": due, "over": over}
            yield self._seen("before_its_period", MEND, case, element, params)
        if any(part.kind == "instant" for part in found.because.parts):
            return  # a clock of hours runs night and day
        closed = self.city.calendar(case.body.id, case.year).closed
        if not is_workday(closed, due):
            params = {"due": due, "name": why_closed(closed, due)}
            yield self._seen("on_a_day_off", NOTE if info.legal else MEND, case, element, params)

    @staticmethod
    def _is_of_typed_day(case: Case, found: Deadline, before: Taken | None) -> bool:
        """Tell whether a date is early only because of a day that somebody typed: it hangs on one,
        and the step before does not hang on the same.
        """
        typed = {part.label for part in found.because.parts if part.kind == "field"}
        other = case.dates.get(before.step.id) if before else None
        parts = other.because.parts if isinstance(other, Deadline) else ()
        return bool(typed) and not typed & {part.label for part in parts if part.kind == "field"}

    def _period_over(self, case: Case) -> date | None:
        """Say when the period that a case is about is over, if it has one."""
        calendar = self.city.calendar(case.body.id, case.year)
        ends = calendar.by_code.get((f"{case.occasion}_END", case.year))
        return ends.on if ends else None

    def _of_roles(self) -> Iterator[_Seen]:
        """Find the steps nobody can do: by the diagrams, and where only the case says in whom."""
        bodies = {
            body.id: role_check.Body(body.id, body.kind, body.parent_id)
            for body in self.city.bodies
        }
        processes = [process.description for process in self.city.processes]
        for body in self._bodies():
            for gap in role_check.gaps_of(bodies[body.id], processes, bodies, self.city.holders):
                place = self.city.by_id[gap.unit_id].code
                params: dict[str, Any] = {"roles": list(gap.step.roles), "place": place}
                key, element = gap.process.key, gap.step.element
                yield _Seen(gap.code, MEND, key, element, body.code, 0, params)
        for case, trace in self.traces:
            steps = case.process.description.steps
            for taken in trace.steps:
                info = steps[taken.step.element]
                if "." not in info.of or info.assignee or not info.roles:
                    continue
                unit = unit_of(case, info.of, taken.step.item, self.city)
                held = unit and any((role, unit.id) in self.city.holders for role in info.roles)
                if not held:
                    params = {"roles": list(info.roles), "place": unit.code if unit else None}
                    yield self._seen("nobody", MEND, case, taken.step.element, params)

    def _of_loads(self, loads: list[Load]) -> Iterator[_Seen]:
        for one in loads:
            if one.planned > self.most * max(1, one.people):
                params = {
                    "role": one.role, "monday": one.monday, "steps": one.planned,
                    "people": one.people, "most": self.most,
                }  # fmt: skip
                yield _Seen("too_much", MEND, "", one.role, one.unit, one.planned, params)

    def _of_ways(self) -> Iterator[_Seen]:
        """Tell of steps nobody came to that the calendar puts before what they wait for."""
        for one in untaken(self.city, self.played.year, self.played.cases):
            due, opened = one.window.due_at, one.window.opens_at
            if due is not None and opened is not None:
                params = {"due": on(due), "opened": on(opened), "after": ""}
                key, element = one.process.key, one.window.key
                weight = (opened - due).days
                yield _Seen("before_its_steps", NOTE, key, element, one.body.code, weight, params)

    @staticmethod
    def _seen(
        code: str,
        severity: str,
        case: Case,
        element: str,
        params: Mapping[str, Any],
        *,
        weight: int = 0,
    ) -> _Seen:
        params = {"case": case.key, **params}
        return _Seen(code, severity, case.process.key, element, case.body.code, weight, params)

    def _names(self) -> dict[str, Words]:
        names: dict[str, Words] = {
            body.code: {"sv": body.told["name"], "en": body.told["name"]}
            for body in self.city.bodies
        }
        for process in self.city.processes:
            names[process.key] = process.description.names
            for part in process.description.parts:
                names[f"{process.key}/{part.element}"] = part.names
        return names


def _gathered(seen: list[_Seen]) -> Iterator[Finding]:
    """Tell of what is found in many units once, by the worst of them; what is to mend first."""
    alike: dict[tuple[str, str, str, str], list[_Seen]] = defaultdict(list)
    for one in seen:
        alike[one.severity, one.code, one.process, one.element].append(one)
    for (severity, code, process, element), ones in sorted(alike.items()):
        worst = max(ones, key=lambda one: one.weight)
        units = tuple(sorted({one.unit for one in ones if one.unit}))
        yield Finding(
            code, severity, process, element, units, {**worst.params, "unit": worst.unit}
        )  # fmt: skip


def _before(trace: Trace, taken: Taken) -> Taken | None:
    """Find the step whose end opened this one, if it was one."""
    ended = (
        one
        for one in trace.steps
        if one.closed == taken.opened and one.is_done and one.step.id != taken.step.id
    )
    return next(ended, None)
