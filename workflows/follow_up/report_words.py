"""A report in words: each figure and each table as people read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from workflows.follow_up.report import (
    COSTS,
    FEW,
    FIGURES,
    GROUPS,
    TABLES,
    Figure,
    Listed,
    Report,
    State,
)
from workflows.language import N_, Language, day, money, number, on, translator
from workflows.organisation.roles import ROLES
from workflows.registers import definition

TITLES = {
    "risks": N_("Prominent risks"),
    "deviations": N_("Deviations"),
    "exercises": N_("Exercises in the period"),
    "late_steps": N_("Steps that are late"),
    "missing_roles": N_("Roles without a holder"),
    "goals": N_("Goals and activities"),
    "budget": N_("Requests to next year’s budget"),
    "corrections": N_("Corrected numbers"),
}
HEADS = {
    "unit": N_("Body"),
    "title": N_("What"),
    "value": N_("Value"),
    "band": N_("Colour"),
    "before": N_("As the year began"),
    "due": N_("Day"),
    "cause": N_("Cause"),
    "measure": N_("Measure"),
    "status": N_("Status"),
    "why": N_("Reason given"),
    "steps": N_("Steps that wait"),
    "goal": N_("Goal in the plan"),
    "reference": N_("Reference in the steering system"),
    "cost_1": N_("First year"),
    "cost_2": N_("Second year"),
    "cost_3": N_("Third year"),
    "name": N_("Indicator"),
    "target": N_("Target"),
    "forecast": N_("Forecast"),
    "outcome_value": N_("Outcome"),
    "note": N_("Comment"),
    "counted": N_("Counted from the run"),
    "corrected": N_("Corrected to"),
}
INDICATOR = ("name", "reference", "goal", "target", "forecast", "outcome_value", "note")
# Words of registers: which column of which register a value of a table is from.
WORDS = {
    ("risks", "band"): ("risk", "band"),
    ("exercises", "status"): ("exercise", "outcome"),
    ("goals", "status"): ("action", "status"),
}
OF_BODIES = (
    "rsa_decided", "plans_adopted", "actions_open", "actions_late", "deviations", "exercises_held",
    "events", "steps_late",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table in words."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def _word(text: str, language: Language) -> str:
    return translator(language).gettext(text)


def name_of(key: str, language: Language) -> str:
    return _word(FIGURES[key].name, language)


def title_of(report: Report, language: Language) -> str:
    words = _word(N_("Follow-up {milestone} {year}, {unit}"), language)
    period = report.period
    return words.format(milestone=period.milestone, year=period.year, unit=report.name)


def figure_said(figure: Figure, language: Language) -> str:
    """Say what a figure is: never a bare 0 for what nobody knows."""
    if figure.state is State.MISSING:
        return _word(N_("information missing"), language)
    if figure.state is State.INAPPLICABLE:
        return _word(N_("does not apply"), language)
    if figure.state is State.FEW or figure.value is None:
        return f"<{FEW}"
    if figure.key == "rsa_decided" and figure.of == 1:
        return _word(N_("Decided") if figure.value else N_("Under way"), language)
    if not figure.of:
        return number(figure.value, language)
    words = _word(N_("{n} of {m}"), language)
    return words.format(n=number(figure.value, language), m=number(figure.of, language))


def withheld_said(held: Listed, language: Language) -> str:
    """Say how many rows are not told of; nothing if none is."""
    if held.withheld == 0:
        return ""
    count = f"<{FEW}" if held.withheld is None else number(held.withheld, language)
    words = _word(N_("Left out because it is not, or not yet, public: {count}."), language)
    return words.format(count=count)


def table_said(name: str, held: Listed, language: Language, *, of_city: bool = False) -> Sheet:
    """Say one table; of the whole city each row says whose it is."""
    columns = (*(("unit",) if of_city else ()), *TABLES[name])
    rows = [
        tuple(cell_said(name, column, row.get(column), language) for column in columns)
        for row in held.rows
    ]
    if name == "budget" and rows:
        total = _word(N_("In all"), language)
        sums = {cost: sum(int(row.get(cost) or 0) for row in held.rows) for cost in COSTS}
        rows.append(
            tuple(
                money(sums[column], language) if column in sums else total if not place else ""
                for place, column in enumerate(columns)
            )
        )
    head = tuple(_word(HEADS[column], language) for column in columns)
    return Sheet(_word(TITLES[name], language), head, tuple(rows), withheld_said(held, language))


def cell_said(table: str, column: str, value: Any, language: Language) -> str:
    """Say one value of a table."""
    if column == "counted" and value is None:
        return _word(N_("information missing"), language)
    if (table, column) == ("corrections", "title"):
        return name_of(str(value), language)
    if value in (None, ""):
        return ""
    if column in COSTS:
        return money(int(value), language)
    if column == "due":
        return day(value if isinstance(value, date) else date.fromisoformat(value), language)
    if (table, column) in WORDS:
        register, name = WORDS[table, column]
        found = definition(register).column(name)
        options = {one.value: one.label[language.value] for one in found.options} if found else {}
        return options.get(str(value), str(value))
    if table == "missing_roles" and column == "title" and value in ROLES:
        return _word(ROLES[value].name, language)
    return number(value, language) if isinstance(value, int) else str(value)


def figures_said(report: Report, language: Language) -> Iterator[Sheet]:
    """Say the figures, group by group."""
    head = tuple(_word(text, language) for text in (N_("Figure"), N_("Outcome")))
    for group, title in GROUPS.items():
        rows = tuple(
            (name_of(key, language), figure_said(one, language) + (" *" if one.why else ""))
            for key, one in report.figures.items()
            if one.kind.group == group and (group != "sources" or one.value)
        )
        if rows:
            yield Sheet(_word(title, language), head, rows)


def bodies_said(report: Report, language: Language) -> Sheet:
    """Say who has delivered, and the figures of each body."""
    head = (
        _word(N_("Body"), language),
        _word(N_("Approved"), language),
        *(name_of(key, language) for key in OF_BODIES),
    )
    rows = [
        (one["name"], approved_said(one, language), *_of_body(one["figures"], language))
        for one in report.bodies
    ]
    return Sheet(_word(N_("Bodies"), language), head, tuple(rows))


def approved_said(body: Mapping[str, Any], language: Language) -> str:
    at = body["sealed_at"]
    if at:
        return day(on(at if isinstance(at, datetime) else datetime.fromisoformat(at)), language)
    return _word(N_("not yet") if body["is_expected"] else N_("has ended"), language)


def _of_body(figures: Mapping[str, Any], language: Language) -> Iterator[str]:
    for key in OF_BODIES:
        one = figures.get(key)
        yield (
            figure_said(Figure(key, one["value"], one["of"], State(one["state"])), language)
            if one
            else ""
        )


def indicators_said(report: Report, language: Language) -> Sheet:
    """Say the indicators, in the columns that any of them fills."""
    used = [one for one in INDICATOR if any(row.get(one) for row in report.indicators)]
    head = tuple(_word(HEADS[column], language) for column in used)
    rows = (tuple(str(row.get(column) or "") for column in used) for row in report.indicators)
    return Sheet(_word(N_("Indicators"), language), head, tuple(rows))


def sheets(report: Report, language: Language) -> list[Sheet]:
    """Say the whole report as tables."""
    found = list(figures_said(report, language))
    if report.bodies:
        found.insert(0, bodies_said(report, language))
    if report.indicators:
        found.append(indicators_said(report, language))
    of_city = bool(report.bodies)
    for name, held in report.tables.items():
        if held.rows or held.withheld != 0:
            found.append(table_said(name, held, language, of_city=of_city))
    return found


def ended_said(report: Report, language: Language) -> str:
    """Say that a body is no more."""
    if not report.ended:
        return ""
    when = day(date.fromisoformat(report.ended["on"]), language)
    text = N_("The body ended {day}.")
    if report.ended["successor"]:
        text = N_("The body ended {day}; {successor} came after it.")
    return _word(text, language).format(day=when, successor=report.ended["successor"])
