"""What the workshop's editor is told, in the reader's words: problems, dates, values, choices."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from webapp.format import language
from workflows import engine, forms
from workflows.calendar import asking
from workflows.calendar.deadlines import Deadline
from workflows.calendar.deadlines import evaluate as date_of_rule
from workflows.calendar.explaining import explain
from workflows.calendar.names import mistake_said
from workflows.calendar.parsing import parse as parse_rule
from workflows.calendar.profiles import CODES
from workflows.calendar.tokens import BadRule
from workflows.calendar.words import milestone_said, reason
from workflows.calendar.years import Calendar, standard_calendar
from workflows.canonical import canonical_text, parse
from workflows.engine import Problem
from workflows.errors import Invalid
from workflows.expressions import OFFERED, ExpressionError, compile_expression, evaluate
from workflows.forms import registers
from workflows.language import N_, Sentence, capital, day, local, translator
from workflows.organisation.roles import ROLES
from workflows.processes.actions import CATALOGUE
from workflows.processes.checking import GIVEN
from workflows.processes.models import Secrecy
from workflows.processes.packages import Package
from workflows.processes.part_texts import EXPRESSIONS
from workflows.processes.reviewing import made_up
from workflows.processes.rows import all_of
from workflows.processes.telling import incident_told, problem_told

Told = dict[str, Any]
SECRECY = {
    Secrecy.OPEN: N_("everybody who is signed in"),
    Secrecy.INTERNAL: N_("those who belong to the unit"),
    Secrecy.SECRET: N_("only those who guard what is secret"),
}
POLICIES = {
    "std": N_("as usual: some reminders, then somebody above is told"),
    "legal": N_("by law: closer reminders, and further up"),
}
KINDS = {
    "form": N_("fill in a form"),
    "review": N_("review and decide"),
    "board_decision": N_("record a decision of a board"),
    "report": N_("report to somebody outside"),
    "read_receipt": N_("confirm having read"),
}
ACTIONS = {
    "set_fact": N_("keep a date or a value with the case"),
    "start_cases": N_("start cases of a process"),
    "send_message": N_("send a message to another case"),
    "write_register": N_("propose rows of a register"),
    "close_register": N_("let what was proposed in registers stand"),
    "make_document": N_("make a document"),
    "compile_report": N_("count the report of the year"),
    "seal_report": N_("let the report stand as it is"),
}
TYPES = {str: "text", int: "number", list: "list", dict: "values", object: "any"}


def problems_told(problems: Iterable[Problem]) -> list[Told]:
    """Say what is wrong: which element, on which line, what it means and how to mend it."""
    told = []
    for problem in problems:
        words = problem_told(problem, language())
        told.append(
            {
                "severity": problem.severity,
                "element": problem.element,
                "name": problem.name,
                "line": problem.line,
                "file": problem.file,
                "code": problem.code,
                "text": words.what,
                "mend": words.mend,
            }
        )
    return told


def deadline_told(rule: str, year: int, calendar: Calendar) -> Told:
    """Say when a rule falls in a year, and why; what a case would know is made up."""
    opened = datetime(year, 3, 2, 9, tzinfo=UTC)
    try:
        found = explain(rule, year, calendar, opened=opened, fields=made_up(parse_rule(rule), year))
    except BadRule as bad:
        return {"problem": mistake_said(bad.mistake, language())}
    text = found["text"][language()]
    if found["due_at"] is None:
        return {"problem": text}
    due = datetime.fromisoformat(found["due_at"])
    return {
        "due": found["due_at"],
        "said": capital(day(local(due).date(), language())),
        "because": text,
    }


def rule_said(rule: str) -> str:
    """Say what a date hangs on, without any year; nothing where it is no rule."""
    year = 2027  # the words are the same in any
    opened = datetime(year, 3, 2, 9, tzinfo=UTC)
    try:
        read = parse_rule(rule)
    except BadRule:
        return ""
    calendar, fields = standard_calendar(year), made_up(read, year)
    found = date_of_rule(read, calendar, year, opened=opened, fields=fields)
    return reason(found.because, language()) if isinstance(found, Deadline) else ""


def condition_told(expression: str, names: Mapping[str, Any], *, now: datetime) -> Told:
    """Work out an expression with the values given; registers and units are empty here."""
    today = local(now).date()
    given = asking.functions(lambda: standard_calendar(today.year), today.year, today)
    nothing: dict[str, Callable[..., Any]] = {
        name: lambda *_: [] for name in GIVEN if name not in given
    }
    try:
        value = evaluate(
            compile_expression(expression, functions=(*OFFERED, *GIVEN)),
            {"year": today.year, "today": today, **names},
            {**nothing, **given},
        )
    except ExpressionError as wrong:
        return {"problem": _expression_said(expression, wrong)}
    return {"value": parse(canonical_text(value)) if value is not None else None}


def _expression_said(expression: str, wrong: ExpressionError) -> str:
    if wrong.code in EXPRESSIONS:
        return capital(Sentence(EXPRESSIONS[wrong.code], wrong.params).said(language()))
    keys = [str(name) for name in cast("tuple[str, ...]", wrong.params.get("names", ()))]
    return incident_told(wrong.code, expression, keys, language()).what


def catalogue(session: Session, package: Package) -> Told:
    """List what a diagram may name, each with its words."""
    return {
        "roles": [_one(role.code, role.name) for role in ROLES.values()],
        "forms": _forms(package),
        "kinds": [_one(code, text) for code, text in KINDS.items()],
        "policies": [_one(code, text) for code, text in POLICIES.items()],
        "secrecy": [_one(code, text) for code, text in SECRECY.items()],
        "actions": [
            {
                **_one(name, ACTIONS[name]),
                "parameters": [
                    {"name": key, "kind": _type(kind.params[key]), "required": key in kind.required}
                    for key in kind.params
                ],
            }
            for name, kind in CATALOGUE.items()
        ],
        "milestones": [
            {"name": code, "said": milestone_said(code, language())} for code in sorted(CODES)
        ],
        "registers": [
            {"name": name, "said": registers.definition(name).title[language()]}
            for name in registers.names()
        ],
        "processes": [{"name": one.key, "said": one.name(language())} for one in all_of(session)],
        "tables": sorted(package.tables),
        "names": _names(package),
        "functions": sorted(GIVEN),
    }


def _one(code: str, text: str) -> Told:
    return {"name": code, "said": capital(translator(language()).gettext(text))}


def _type(wanted: Any) -> str:
    return " or ".join(TYPES[one] for one in (wanted if isinstance(wanted, tuple) else (wanted,)))


def _forms(package: Package) -> list[Told]:
    told = []
    for name, content in package.forms.items():
        try:
            said = forms.read_form(content).title[language()]
        except Invalid:
            said = name  # the problems say what is wrong with it
        told.append({"name": name, "said": said})
    return told


def _names(package: Package) -> list[Told]:
    """The names an expression may use: the fields of the forms, and what is always known."""
    found: dict[str, str] = {}
    for content in package.forms.values():
        try:
            read = forms.read_form(content)
        except Invalid:
            continue
        found |= {field.name: field.label[language()] for field in read.fields}
    always = [{"name": name, "said": name} for name in ("case", "item", "unit", "year", "today")]
    return [{"name": name, "said": found[name]} for name in sorted(found)] + always


SOFTENED = {
    "secrecy": N_("More people would see the cases of the process."),
    "roles": N_("Other roles, or those of another unit, would get a step."),
    "not_by": N_("A step would no longer need other eyes than those that did the one before."),
}


def softening(code: str) -> str:
    """Say how a secret process would become less guarded."""
    return Sentence(SOFTENED[code]).said(language())


def side_said(number: int | None) -> str:
    """Name a version, or the draft."""
    if number is None:
        return translator(language()).gettext(N_("the draft"))
    return Sentence(N_("version {number}"), {"number": str(number)}).said(language())


def elements_said(package: Package) -> list[tuple[str, str]]:
    """List the steps and choices of a diagram, to comment on."""
    try:
        found = engine.drawn(package.source)
    except Invalid:
        return []
    return [
        (key, one.names.get(language()) or one.names["sv"])
        for key, one in found.items()
        if one.kind not in ("sequenceFlow", "participant") and one.names["sv"] != key
    ]
