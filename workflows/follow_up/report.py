"""What a follow-up report holds: its figures and rows as plain data, and the period it is about.

A figure is never a bare number: it says of how many it is, that information is missing, that it
does not apply, or that it is too small to be told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from workflows.calendar.years import Calendar
from workflows.language import N_

MILESTONES = ("VB", "T1", "T2", "VP")  # in the order of the year
REPORTED = ("VB", "T1", "T2")
FEW = 5  # fewer of what is guarded are not told apart
LONGEST_TEXT = 3000  # of the paragraph, as in the form of P10
CASES = {"T1": "T1_END", "T2": "T2_END"}  # the milestones that say when their periods end


class State(StrEnum):
    KNOWN = "known"
    MISSING = "missing"  # nobody has said
    INAPPLICABLE = "inapplicable"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a figure is about."""

    name: str
    group: str
    rows: str = ""  # what lies behind it: entry, task, case or extension
    guarded: bool = False  # a count and nothing else, and few are not told
    better: int = 0  # 1: more is better, -1: less is


GROUPS = {
    "rsa": N_("Risks and continuity"),
    "actions": N_("Actions"),
    "sources": N_("Open actions by where they come from"),
    "exercises": N_("Exercises, events and reports"),
    "protection": N_("Protective security, numbers only"),
    "work": N_("The work itself"),
}
SOURCES = {
    "analysis": N_("From risk analyses"),
    "exercise": N_("From exercises"),
    "event": N_("From events"),
    "picture": N_("From situation reports"),
    "audit": N_("From audits"),
    "protection": N_("From checks of protective security"),
    "consultation": N_("From consultations"),
    "review": N_("From yearly reviews"),
    "other": N_("From elsewhere"),
}
FIGURES: dict[str, Kind] = {
    "rsa_decided": Kind(N_("Risk analysis decided"), "rsa", "case", better=1),
    "risks": Kind(N_("Risks"), "rsa", "entry"),
    "risks_prominent": Kind(N_("Prominent risks"), "rsa", "entry", better=-1),
    "risks_red": Kind(N_("Red risks"), "rsa", "entry", better=-1),
    "risks_new": Kind(N_("New prominent risks since the year began"), "rsa", "entry"),
    "risks_up": Kind(N_("Risks that have risen"), "rsa", "entry", better=-1),
    "risks_down": Kind(N_("Risks that have fallen"), "rsa", "entry", better=1),
    "plans_adopted": Kind(N_("Continuity plans adopted"), "rsa", "entry", better=1),
    "plans_untested": Kind(N_("Continuity plans past their next try"), "rsa", "entry", better=-1),
    "outages_unknown": Kind(
        N_("Critical dependencies with an unknown outage"), "rsa", "entry", better=-1
    ),
    "actions_open": Kind(N_("Open actions"), "actions", "entry"),
    "actions_not_started": Kind(N_("Not begun"), "actions", "entry", better=-1),
    "actions_in_progress": Kind(N_("Under way"), "actions", "entry"),
    "actions_done": Kind(N_("Done in the period"), "actions", "entry", better=1),
    "actions_stopped": Kind(N_("Stopped in the period"), "actions", "entry"),
    "actions_late": Kind(N_("Late actions"), "actions", "entry", better=-1),
    "actions_unowned": Kind(N_("Actions nobody is responsible for"), "actions", "entry", better=-1),
    "deviations": Kind(N_("Late actions on red risks"), "actions", "entry", better=-1),
    "deviations_explained": Kind(N_("Deviations explained"), "actions", "case", better=1),
    **{f"from_{key}": Kind(name, "sources", "entry") for key, name in SOURCES.items()},
    "exercises_held": Kind(N_("Exercises held"), "exercises", "entry", better=1),
    "exercise_goals_met": Kind(
        N_("Goals of exercises that were met"), "exercises", "case", better=1
    ),
    "events": Kind(N_("Events"), "exercises", "entry"),
    "events_serious": Kind(N_("Serious events"), "exercises", "entry"),
    "evaluations_done": Kind(N_("Evaluations done"), "exercises", "case", better=1),
    "evaluations_open": Kind(N_("Evaluations under way"), "exercises", "case"),
    "reports_in_time": Kind(N_("Reports required by law, in time"), "exercises", "entry", better=1),
    "reports_late": Kind(N_("Reports required by law, late"), "exercises", "entry", better=-1),
    "sua": Kind(N_("Security-protected procurements"), "protection", guarded=True),
    "psa": Kind(N_("Protective-security analyses"), "protection", guarded=True),
    "steps_late": Kind(N_("Steps that are late"), "work", "task", better=-1),
    "steps_explained": Kind(N_("Late steps with a reason given"), "work", "task", better=1),
    "longer_time": Kind(N_("Longer time given"), "work", "extension"),
    "roles_missing": Kind(N_("Roles without a holder"), "work", better=-1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, of how many it is, and the rows it was counted from."""

    key: str
    value: int | None = None
    of: int | None = None
    state: State = State.KNOWN
    rows: tuple[int, ...] = ()
    counted: int | None = None  # what the run itself said, where a person has corrected it
    why: str = ""  # the person's reason; without one nothing was corrected

    @property
    def kind(self) -> Kind:
        return FIGURES[self.key]


def counted(key: str, rows: Iterable[int], of: int | None = None) -> Figure:
    """Count rows; of what is guarded neither the rows nor a small number is kept."""
    found = tuple(rows)
    if not FIGURES[key].guarded:
        return Figure(key, len(found), of, rows=found)
    if 0 < len(found) < FEW:
        return Figure(key, state=State.FEW)
    return Figure(key, len(found))


def corrected(figure: Figure, value: int, why: str) -> Figure:
    """Let a person's number stand; what was counted is kept beside it."""
    of = None if figure.of is None else max(figure.of, value)
    return replace(figure, value=value, of=of, state=State.KNOWN, counted=figure.value, why=why)


def missing(key: str, of: int | None = None) -> Figure:
    return Figure(key, of=of, state=State.MISSING)


def inapplicable(key: str) -> Figure:
    return Figure(key, state=State.INAPPLICABLE)


# The tables of a report: the columns of each row, in order. Only what is open is told of; of the
# rest how many there are.
TABLES: dict[str, tuple[str, ...]] = {
    "risks": ("title", "value", "band", "before"),
    "deviations": ("title", "due", "cause", "measure"),
    "exercises": ("title", "due", "status"),
    "late_steps": ("title", "due", "why"),
    "missing_roles": ("title", "steps"),
    "goals": ("goal", "title", "status", "due", "reference"),
    "budget": ("title", "cost_1", "cost_2", "cost_3", "goal"),
    "corrections": ("title", "counted", "corrected", "why"),
}
COSTS = ("cost_1", "cost_2", "cost_3")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of one table, and how many may not be told of (None: a few)."""

    rows: tuple[Row, ...] = ()
    withheld: int | None = 0


def listed(rows: Iterable[Row], withheld: int) -> Listed:
    """Keep rows, and how many more there are; few are not told apart."""
    return Listed(tuple(rows), None if 0 < withheld < FEW else withheld)


@dataclass(frozen=True, slots=True)
class Period:
    """What a report is about: the days it covers, and when it is to be decided."""

    milestone: str
    year: int  # the cycle year of the milestone
    first: date
    last: date
    decided_on: date | None  # by the calendar; None when it does not exist here

    @property
    def about(self) -> int:
        """The year the report tells of: that of the annual report is the one before."""
        return self.first.year


@dataclass(frozen=True, slots=True)
class Report:
    """A report on one body as it stood at a moment."""

    unit: str  # its code
    name: str
    period: Period
    at: datetime
    figures: Mapping[str, Figure] = field(default_factory=dict)
    tables: Mapping[str, Listed] = field(default_factory=dict)
    text: str = ""
    indicators: tuple[Row, ...] = ()
    ended: Row = field(default_factory=dict)  # that the body is no more, and what came after it
    bodies: tuple[Row, ...] = ()  # of the city: who has delivered


def corrections_in(figures: Iterable[Figure]) -> Listed:
    """The footnotes: each number that a person corrected, with what had been counted."""
    return Listed(
        tuple(
            {"title": one.key, "counted": one.counted, "corrected": one.value, "why": one.why}
            for one in figures
            if one.why
        )
    )


def period_of(calendar: Calendar, milestone: str, year: int) -> Period:
    """Say what a report covers by the unit's own calendar; what it lacks is by rule."""
    about = year - 1 if milestone == "VB" else year
    end = CASES.get(milestone)
    by_rule = {"T1": date(year, 4, 30), "T2": date(year, 8, 31)}.get(milestone)
    known = calendar.by_code.get((end, year)) if end else None
    last = (known.on if known and known.exists else None) or by_rule or date(about, 12, 31)
    decided = calendar.by_code.get((milestone, year))
    on = decided.on if decided and decided.exists else None
    return Period(milestone, year, date(about, 1, 1), last, on)


def before(milestone: str, year: int) -> tuple[str, int]:
    """Name the report before this one."""
    number = MILESTONES.index(milestone)
    return (MILESTONES[number - 1], year) if number else (MILESTONES[-1], year - 1)


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data, to be sealed or sent."""
    return asdict(report) | {
        "figures": [asdict(one) for one in report.figures.values()],
        "tables": {name: asdict(one) for name, one in report.tables.items()},
    }


def from_data(data: Mapping[str, Any]) -> Report:
    """The report as it was sealed."""
    period = Period(**{key: _day(value) for key, value in data["period"].items()})
    figures = {
        one["key"]: Figure(**{**one, "state": State(one["state"]), "rows": tuple(one["rows"])})
        for one in data["figures"]
        if one["key"] in FIGURES
    }
    tables = {
        name: Listed(tuple(one["rows"]), one["withheld"]) for name, one in data["tables"].items()
    }
    beside = {name: tuple(data[name]) for name in ("indicators", "bodies")}
    at = datetime.fromisoformat(data["at"])
    return Report(**{**data, "period": period, "figures": figures, "tables": tables, "at": at,
                     **beside})  # fmt: skip


def _day(value: Any) -> Any:
    is_day = isinstance(value, str) and len(value) == len("2027-05-25") and value[4] == "-"
    return date.fromisoformat(value) if is_day else value
