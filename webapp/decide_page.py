"""The face of a task that decides: what is to be decided, what changed in it, and the ways on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import request

from webapp import clock, register_page
from webapp.case_words import effects, name_of
from webapp.format import language
from webapp.transactions import session
from workflows import engine, forms
from workflows.cases.models import Case
from workflows.documents.kinds import DOCUMENTS
from workflows.forms import Field, Form, Kind, comparing
from workflows.forms.comparing import Marked
from workflows.language import N_, day, listed, local, on, translator
from workflows.operations.advance import form_facts
from workflows.operations.operators import foresee
from workflows.processes.rows import compiled, form
from workflows.queries import answering, approvals, documents, registers
from workflows.queries.cases import tasks_of
from workflows.tasks.approvals import PARTS, Approval
from workflows.tasks.models import Outcome, Task

YES, NO = N_("Yes"), N_("No")
WITH_CHANGE = N_("Approved with a change")
WORDS = (Kind.TEXT, Kind.RICH)


@dataclass(frozen=True, slots=True)
class Block:
    """Answers to read: of the review's own choosing (no name), or of one step and who did it."""

    name: str
    sections: list[tuple[str, list[Marked]]]
    task: Task | None = None

    @property
    def count(self) -> int:
        return sum(one.count for _, fields in self.sections for one in fields)


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to decide."""

    value: str
    label: str
    approves: bool


@dataclass(frozen=True, slots=True)
class Way:
    """Where a review may send back to: an answer of its form, or a step done before."""

    value: str
    name: str
    done_by: str = ""


@dataclass(frozen=True, slots=True)
class Simple:
    """A review that one decides by pressing a button: its choice, its text, and one choice more."""

    verdict: Field
    reason: Field | None
    further: Field | None


@dataclass(frozen=True, slots=True)
class Line:
    """A decision as a list shows it."""

    approval: Approval
    step: str
    outcome: str
    differing: list[str]  # what is not as it was approved, in words
    later: list[str]  # what later steps have gone on with


def simple(asked: Form | None) -> Simple | None:
    """Tell how a review is decided by a button; None when its form asks for more."""
    verdict = forms.verdict_field(asked) if asked else None
    if asked is None or verdict is None or asked.attest:
        return None
    others = [one for one in asked.fields if not one.read_only and one is not verdict]
    texts = [one for one in others if one.kind in WORDS]
    further = [one for one in others if one.kind is Kind.CHOICE]
    is_more = any(one.required for one in others) or len(texts) > 1 or len(further) > 1
    if is_more or len(texts) + len(further) < len(others):
        return None
    if any(rule.strength is forms.Strength.JUSTIFY for rule in asked.rules):
        return None
    return Simple(verdict, texts[0] if texts else None, further[0] if further else None)


def choices(asked: Simple) -> list[Choice]:
    """The ways to decide, those that approve first."""
    verdict, say = asked.verdict, translator(language()).gettext
    options = [(one.value, one.label[language()]) for one in verdict.options]
    if verdict.kind is Kind.BOOLEAN:
        options = [("true", say(YES)), ("false", say(NO))]
    found = [Choice(value, label, value in forms.APPROVING) for value, label in options]
    return sorted(found, key=lambda one: not one.approves)


def face(task: Task, tasks: list[Task]) -> dict[str, object]:
    """What the page of a task that decides shows besides what that of any task does."""
    case = task.case
    decided = approvals.of_case(session(), case)
    mine = next((one for one in decided if one.task_id == task.id), None)
    asked = form(session(), case.version, task.form) if task.form else None
    by_button = simple(asked)
    compared = _compared(task, decided)
    against = request.args.get("against") or ("" if mine else next(iter(compared), ""))
    label, before, is_same = compared.get(against, ("", None, True))
    data = mine.content["data"] if mine else case.data
    blocks = list(_blocks(case, asked, tasks, data, before, is_same_occasion=is_same))
    return {
        "blocks": blocks,
        "changes": sum(one.count for one in blocks) if before is not None else 0,
        "against": against if against in compared else "",
        "comparable": {name: label for name, (label, _, _) in compared.items()},
        "compared_with": label,
        "by_button": by_button is not None,
        "choices": choices(by_button) if by_button else [],
        "approvals": lines(case, [one for one in decided if one.element == task.element]),
        "made": [(kind, each[0]) for kind, each in documents.of_case(session(), case) if each],
        "document_kinds": DOCUMENTS,
        "written": [
            (one, register_page.lines(one, found, today=on(clock.now())))
            for one, found in registers.of_case(session(), case)
        ],
    }


def _compared(
    task: Task, decided: Iterable[Approval]
) -> dict[str, tuple[str, Mapping[str, Any], bool]]:
    """What one may compare with, and whether it is of the same occasion: the round before, and the
    time before."""
    found: dict[str, tuple[str, Mapping[str, Any], bool]] = {}
    say = translator(language()).gettext
    if earlier := approvals.last_round(decided, task):
        said = say(N_("the decision of {day}")).format(day=_day(earlier.at))
        found["round"] = (said, earlier.content["data"], True)
    if last := approvals.case_before(session(), task.case):
        is_same = last.occasion == task.case.occasion
        found["year"] = (last.name(language()), last.data, is_same)
    return found


def _day(moment: datetime) -> str:
    return day(local(moment).date(), language())


def _blocks(
    case: Case,
    asked: Form | None,
    tasks: Iterable[Task],
    data: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    *,
    is_same_occasion: bool,
) -> Iterator[Block]:
    """What the review shows of its own choosing, then what each step before it was answered."""
    parts: list[tuple[str, Task | None, Form]] = []
    if asked:
        parts.append(("", None, comparing.part_of(asked, read_only=True)))
    names = {one.name for _, _, part in parts for one in part.fields}
    for done in {each.element: each for each in tasks if _is_before(each)}.values():
        part = form(session(), case.version, done.form or "")
        part = comparing.part_of(part, read_only=False, but=names)
        names |= {each.name for each in part.fields}
        parts.append((done.name(language()), done, part))
    if not parts:
        return
    whole = replace(parts[0][2], sections=tuple(s for *_, part in parts for s in part.sections))
    facts = answering.of_case(session(), whole, case, form_facts(case, now=clock.now()))
    facts = replace(facts, tier="full")
    for name, one, part in parts:
        now, earlier = (
            forms.read_only(part, values, language(), facts) if values is not None else None
            for values in (data, before)
        )
        if now and (sections := comparing.marked(now, earlier, is_same_occasion=is_same_occasion)):
            yield Block(name, sections, one)


def _is_before(task: Task) -> bool:
    return task.outcome is Outcome.COMPLETED and bool(task.form) and task.kind == "form"


def ways(task: Task, asked: Simple, choice: Choice) -> list[Way]:
    """Where a decision that does not approve may lead: as it is drawn, or to a step done before."""
    options = [(one.value, one) for one in asked.further.options] if asked.further else [("", None)]
    tasks = tasks_of(session(), task.case)
    found: list[Way] = []
    opened: set[str] = set()
    for value, _ in options:
        answers = {asked.verdict.name: choice.value}
        if asked.further:
            answers[asked.further.name] = value
        seen = _foreseen(task, answers)
        elements = [one.element for one in seen.opened]
        opened |= set(elements)
        names = [name_of(task.case, one) for one in elements]
        told = listed(names, language()) or " ".join(effects(task.case, (), seen))
        found.append(Way(f"way-{value}", told, _last_doer(tasks, elements)))
    back = [one for one in approvals.ways_back(session(), task) if one not in opened]
    return found + [
        Way(f"step-{one}", name_of(task.case, one), _last_doer(tasks, [one])) for one in back
    ]


def leads_to(task: Task, asked: Simple, choice: Choice) -> list[str]:
    """Say what a decision leads to."""
    seen = _foreseen(task, {asked.verdict.name: choice.value})
    return effects(task.case, (), seen)


def _foreseen(task: Task, answers: Mapping[str, Any]) -> engine.Progress:
    is_yes_or_no = {"true": True, "false": False}
    typed = {name: is_yes_or_no.get(value, value) for name, value in answers.items()}
    return foresee(task.case, engine.Complete(task.step_id, typed), now=clock.now())


def _last_doer(tasks: Iterable[Task], elements: list[str]) -> str:
    done = [one.done_by for one in tasks if one.element in elements and one.done_by]
    return done[-1].name if done else ""


def lines(case: Case, decided: list[Approval]) -> list[Line]:
    """Say decisions as a list shows them, with what of each is not as it was approved."""
    differing = approvals.differences(session(), case, decided)
    return [
        Line(
            approval=one,
            step=name_of(case, one.element),
            outcome=_outcome(case, one),
            differing=list(_differing(case, differing[one.id])),
            later=sorted({_label(case, name) for name in one.since}),
        )
        for one in decided
    ]


def _outcome(case: Case, one: Approval) -> str:
    say = translator(language()).gettext
    step = compiled(case.version).description.steps.get(one.element)
    asked = form(session(), case.version, step.form) if step and step.form else None
    verdict = forms.verdict_field(asked) if asked else None
    options = {each.value: each.label[language()] for each in verdict.options} if verdict else {}
    if one.outcome == forms.CHANGED:
        return options.get(one.outcome) or say(WITH_CHANGE)
    plain = {"true": say(YES), "false": say(NO), "approved": say(N_("Approved"))}
    return options.get(one.outcome) or plain.get(one.outcome, one.outcome)


def _differing(case: Case, found: list[approvals.Difference]) -> Iterator[str]:
    for each in found:
        if each.part == "data":
            yield _label(case, each.name)
        else:
            said = translator(language()).gettext(PARTS[each.part])
            yield f"{said} {each.name}".strip() if each.part != "forms" else said


def _label(case: Case, name: str) -> str:
    """What the forms of a case call a piece of its data."""
    for step in compiled(case.version).description.steps.values():
        if step.form and (field := form(session(), case.version, step.form).find(name)):
            return field.label[language()]
    return name
