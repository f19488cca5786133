"""What a case of the rehearsal meets: its calendar, its unit, and people who answer in time."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Protocol

from workflows import engine, forms
from workflows.calendar import asking
from workflows.calendar.because import Unresolved
from workflows.calendar.deadlines import Deadline, evaluate
from workflows.calendar.parsing import parse
from workflows.calendar.rules import Rule
from workflows.calendar.workdays import add_workdays
from workflows.calendar.years import Calendar
from workflows.cases.exact import exact_date
from workflows.cases.left_out import first_absent
from workflows.engine.simulating import Answer, World
from workflows.errors import Refused
from workflows.expressions import compile_expression
from workflows.expressions import evaluate as value_of
from workflows.forms.collecting import fitting
from workflows.forms.typical import Unanswerable, typical
from workflows.language import ZONE, on
from workflows.organisation.models import UnitKind
from workflows.processes.actions import Starts, carry_out
from workflows.rehearsal.cases import Asked, Case
from workflows.rehearsal.city import Body, City
from workflows.rehearsal.registers import Registers

AN_HOUR = timedelta(hours=1)  # people answer in time, but not before they must
FORENOON = time(10)
A_PERSON = "1"  # whoever a form asks for
A_FILE = "1"


class Others(Protocol):
    """The cases around one, to which it sends and from which it hears."""

    city: City
    registers: Registers

    def starts(self, case: Case, wanted: Starts, now: datetime) -> None: ...
    def calls(self, case: Case, call: engine.Call, body: Body | None, now: datetime) -> None: ...
    def sends(self, case: Case, thrown: engine.Thrown, now: datetime) -> None: ...
    def listens(self, case: Case, wait: engine.Wait, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How people answer: what their answers are drawn by, and by element what is preferred, round
    by round where it is a list; what `lies` nobody does. What somebody has `filled` in themselves
    is handed in as it is, turn by turn; the turn that is `asked` about stays open.
    """

    seed: int = 1
    prefer: Mapping[str, Mapping[str, Any] | Sequence[Mapping[str, Any]]] = field(
        default_factory=dict
    )
    lies: Collection[str] = ()
    filled: Mapping[str, Sequence[Mapping[str, Any] | None]] = field(default_factory=dict)
    asked: tuple[str, int] | None = None


AS_USUAL = Manner()


def world_of(case: Case, others: Others, manner: Manner) -> World:
    """Make what one case meets."""
    meets = _Meeting(case, others, manner)
    return World(
        answer=meets.answer,
        ends=meets.ends,
        due=meets.due,
        pretend=meets.pretend,
        facts=meets.facts,
        sends=lambda thrown, now: others.sends(case, thrown, now),
        calls=meets.calls,
        leaves_out=meets.leaves_out,
    )


def unit_of(case: Case, of: str, item: Any, city: City) -> Body | None:
    """Find the unit in which the roles of a step are sought, as for a real case."""
    if of == "unit":
        return case.body
    if of == "parent":
        return city.by_id.get(case.body.parent_id or 0)
    owner, _, field = of.partition(".")
    if not field:
        return city.top
    known = case.run.progress.data if owner == "case" else item
    code = known.get(field) if isinstance(known, Mapping) else known
    return city.by_code.get(str(code))


class _Meeting:
    """The answers the world gives to one case."""

    def __init__(self, case: Case, others: Others, manner: Manner) -> None:
        self.case, self.others, self.manner = case, others, manner
        self.steps = case.process.description.steps
        self.now = case.began_at
        self.rounds, self.turns = Counter[str](), Counter[str]()

    @property
    def calendar(self) -> Calendar:
        return self.others.city.calendar(self.case.body.id, self.case.year)

    def facts(self, now: datetime, data: Mapping[str, Any]) -> engine.Facts:
        case, today = self.case, on(now)
        self.now = now
        own = {"key": case.key, "year": case.year, "occasion": case.occasion}
        functions: dict[str, Callable[..., Any]] = {
            **asking.functions(lambda: self.calendar, case.year, today),
            "units_of_kind": lambda kinds: [
                dict(body.told)
                for body in self.others.city.bodies
                if body.kind in [UnitKind(kind) for kind in kinds.split()] and body.stands_on(today)
            ],
            "units_with": lambda name, column, value: [],  # no register of another year is read
            "register": lambda name: self.others.registers.rows(case, name),
            "done_as": lambda step, roles: True,
        }
        return engine.Facts(
            today=today,
            unit=case.body.told,
            year=case.year,
            case=dict(data) | own,
            functions=functions,
            is_called=case.caller is not None,
        )

    def due(self, step: engine.Step, opened: datetime) -> datetime | None:
        """Say when a step is due by the first of its rules that counts."""
        info = self.steps[step.element]
        facts = self.facts(opened, self.case.run.progress.data)
        for rule in info.due:
            if rule.when is None or _holds(rule.when, facts):
                found = self._date(rule.rule, facts, opened, step.item, legal=info.legal)
                if isinstance(found, datetime):
                    return found
                self.case.dates[step.id] = found
                return found.due_at if isinstance(found, Deadline) else None
        return None

    def ends(self, wait: engine.Wait, opened: datetime) -> datetime | None:
        """Say when a timer fires; what is brought by others ends when they bring it."""
        if wait.kind != "timer":
            self.others.listens(self.case, wait, opened)
            return None
        facts = self.facts(opened, self.case.run.progress.data)
        found = self._date(wait.rule, facts, opened, wait.item)
        if isinstance(found, datetime):
            return found
        if isinstance(found, Unresolved):
            self.case.dates[wait.id] = found
        return found.due_at if isinstance(found, Deadline) else None

    def _date(
        self,
        rule: str,
        facts: engine.Facts,
        opened: datetime,
        item: Any,
        *,
        legal: bool = False,
    ) -> datetime | Deadline | Unresolved:
        if (exact := exact_date(rule, opened)) is not None:
            return exact[0]
        fields = {"case": facts.case, "item": item if isinstance(item, Mapping) else {}}
        year = self.case.year
        return evaluate(
            _parsed(rule), self.calendar, year, opened=opened, fields=fields, legal=legal
        )

    def leaves_out(
        self, progress: engine.Progress, passed: Collection[str], now: datetime
    ) -> tuple[str, str] | None:
        found = first_absent(
            self.case.process.runs, progress, self.calendar, self.case.year, passed=passed, now=now
        )
        return (found.id, found.element) if found else None

    def answer(self, step: engine.Step, data: Mapping[str, Any], opened: datetime) -> Answer | None:
        """People use the time they have; without a date they answer the next working day."""
        turn = self.case.turns[step.id] = self.turns[step.element]
        self.turns[step.element] += 1
        if (step.element, turn) == self.manner.asked:
            self.case.asked = self._asked(step, data, opened)  # if the clock stops before its day
        if step.element in self.manner.lies:
            return None
        taken = self.case.run.steps[step.id]
        if taken.due is not None:
            at = max(opened, taken.due - AN_HOUR)
        else:
            day = add_workdays(self.calendar.closed, on(opened), 1)
            at = datetime.combine(day, FORENOON, ZONE).astimezone(UTC)
        return Answer(at, lambda data, now: self._answers(step, data, now))

    def _answers(
        self, step: engine.Step, data: Mapping[str, Any], now: datetime
    ) -> Mapping[str, Any] | None:
        name = self.steps[step.element].form
        if (step.element, self.case.turns[step.id]) == self.manner.asked:
            self.case.asked = self._asked(step, data, now)
            return None
        if name is None:
            return {}
        filled = self._filled(step)
        seen = self._form_facts(step.item, data, now, by_hand=filled is not None)
        try:
            form = self.case.process.form(name)
            raw = self._usual(step, form, seen) if filled is None else fitting(form, filled, seen)
            found = forms.check(form, raw, seen)
        except (Unanswerable, Refused) as why:
            self.case.unanswered[step.id] = str(why)
            return None
        if isinstance(found, forms.Errors):  # only of what somebody filled in: the form is another
            self.case.unanswered[step.id] = "does_not_fit"
            return None
        self.others.registers.take(self.case, form, found.stored)
        return found.stored

    def _asked(self, step: engine.Step, data: Mapping[str, Any], now: datetime) -> Asked | None:
        """Give the form of a step as it would be filled in now."""
        name = self.steps[step.element].form
        if name is None:
            return None
        form, filled = self.case.process.form(name), self._filled(step)
        seen = self._form_facts(step.item, data, now, by_hand=True)
        made_up = self._form_facts(step.item, data, now)
        try:
            raw = dict(filled) if filled is not None else self._usual(step, form, made_up)
        except Unanswerable:
            raw = forms.prefilled(form, seen)
        return Asked(form, seen, raw, is_usual=filled is None)

    def _filled(self, step: engine.Step) -> Mapping[str, Any] | None:
        by_turn, turn = self.manner.filled.get(step.element, ()), self.case.turns[step.id]
        return by_turn[turn] if turn < len(by_turn) else None

    def _usual(self, step: engine.Step, form: forms.Form, seen: forms.Facts) -> forms.Raw:
        return typical(
            form,
            seen,
            seed=f"{self.manner.seed} {self.case.key} {step.id}",
            prefer=self._preferred(step.element),
            steady=True,
        )

    def _preferred(self, element: str) -> Mapping[str, Any]:
        """Say what is preferred this time; the last round goes for all that come after it."""
        said = self.manner.prefer.get(element) or {}
        if isinstance(said, Mapping):
            return said
        self.rounds[element] += 1
        return said[min(self.rounds[element], len(said)) - 1]

    def _form_facts(
        self, item: Any, data: Mapping[str, Any], now: datetime, *, by_hand: bool = False
    ) -> forms.Facts:
        seen = self.facts(now, data)
        around = {"case": seen.case, "unit": seen.unit, "year": seen.year, "today": seen.today}
        about = {**item, "item": item} if isinstance(item, Mapping) else {}
        units = {body.code: body.told["name"] for body in self.others.city.bodies}
        choices = {"person": {A_PERSON: ""}, "file": {A_FILE: ""}, "unit": units}
        if by_hand:  # what is made up never points at these
            choices |= self.others.registers.named(self.case)
            days = [one.on.isoformat() for one in self.calendar.agenda]
            choices["meeting"] = dict(zip(days, days, strict=True))
        return forms.Facts(
            names=dict(data) | about | around,
            functions=seen.functions,
            choices=choices,
        )

    def pretend(self, action: engine.Action) -> Mapping[str, Any]:
        done = carry_out(action.name, action.params)
        if done.starts is not None:
            self.others.starts(self.case, done.starts, self.now)
        if done.sends is not None:
            self.others.sends(self.case, done.sends, self.now)
        if done.writes is not None:
            self.others.registers.write(self.case, done.writes.register, done.writes.rows)
        return done.answers

    def calls(self, call: engine.Call, now: datetime) -> None:
        body = unit_of(self.case, call.of, call.item, self.others.city)
        self.others.calls(self.case, call, body, now)


def _holds(condition: str, facts: engine.Facts) -> bool:
    names = dict(facts.case) | {"case": facts.case, "unit": facts.unit, "year": facts.year}
    return bool(value_of(compile_expression(condition), names, facts.functions))


@lru_cache(maxsize=4096)
def _parsed(rule: str) -> Rule:
    return parse(rule)
