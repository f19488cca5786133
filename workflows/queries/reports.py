"""Reports: counted from the run itself, as they were sealed, and over all bodies of the city."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from workflows.cases.models import CaseState
from workflows.errors import NotFound
from workflows.follow_up.report import (
    COSTS,
    FIGURES,
    SOURCES,
    Figure,
    Listed,
    Report,
    Row,
    before,
    counted,
    from_data,
    inapplicable,
    listed,
    missing,
    period_of,
    summed,
)
from workflows.follow_up.report_models import SealedReport
from workflows.language import ZONE, on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, may, require
from workflows.queries.report_facts import Facts, facts
from workflows.registers.models import Marking
from workflows.steering.rows import calendar_of

BODIES = (UnitKind.BOARD, UnitKind.DISTRICT_BOARD, UnitKind.COMPANY)
ORDER = list(UnitKind)
PROMINENT = ("orange", "red")
SERIOUS = ("serious", "extraordinary", "heightened_alert")
DECIDED = ("approved", "approved_changed")
EXPLAINED = ("cause", "measure")
MOST_ROWS = 200  # of a table; a report is read
YEARS = 3


def unit_of(session: Session, code: str, *, by: Actor) -> Unit:
    """Find a body by its code, or the city by its own or by `city`.

    :raises NotFound: if there is none, or its reports are not for the actor
    """
    is_city = Unit.kind == UnitKind.CITY
    wanted = sa.select(Unit).where(is_city if code == "city" else Unit.code == code)
    unit = session.scalars(wanted.order_by(Unit.id)).first()
    if unit is None or unit.kind not in (*BODIES, UnitKind.CITY):
        raise NotFound
    require(by, Deed.SEE_REPORT, unit)
    return unit


def bodies(session: Session, year: int) -> list[Unit]:
    """List the bodies that stood on any day of a year, in the organisation's own order."""
    found = session.scalars(sa.select(Unit).where(Unit.kind.in_(BODIES)))
    first, last = date(year, 1, 1), date(year, 12, 31)
    stood = [
        one
        for one in found
        if (one.valid_from is None or one.valid_from <= last)
        and (one.valid_to is None or one.valid_to >= first)
    ]
    return sorted(stood, key=lambda one: (ORDER.index(one.kind), one.sort_key, one.id))


def seen_by(units: Iterable[Unit], by: Actor) -> list[Unit]:
    """Those whose reports somebody may see."""
    return [one for one in units if may(by, Deed.SEE_REPORT, one)]


def live(
    session: Session, units: Sequence[Unit], milestone: str, year: int, *, now: datetime
) -> dict[int, Report]:
    """Count reports from the run itself; one whose time has passed as it stood when it was due."""
    periods = {
        one.id: period_of(calendar_of(session, one.id, year), milestone, year) for one in units
    }
    if not periods:
        return {}
    due = max((one.decided_on or one.last for one in periods.values()), default=on(now))
    at = min(now, datetime.combine(due + timedelta(days=1), time(), ZONE))
    successors = _named(session, [one.successor_id for one in units])
    known = facts(session, {one.id: one for one in units}, periods, at=at)
    return {
        id_: Report(
            unit=one.unit.code,
            name=one.unit.name,
            period=one.period,
            at=at,
            figures={figure.key: figure for figure in _figures(one)},
            tables=_tables(one),
            text=str(_said(one).get("security_paragraph") or ""),
            indicators=tuple(_said(one).get("indicators") or ()),
            ended=_ended(one, successors),
        )
        for id_, one in known.items()
    }


def _named(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return {}
    return dict(session.execute(sa.select(Unit.id, Unit.name).where(Unit.id.in_(wanted))).all())


def _ended(of: Facts, successors: Mapping[int, str]) -> Row:
    if of.unit.valid_to is None or of.unit.valid_to > of.period.last:
        return {}
    after = successors.get(of.unit.successor_id or 0, "")
    return {"on": of.unit.valid_to.isoformat(), "successor": after}


def _said(of: Facts) -> Mapping[str, Any]:
    return of.follow_up.data if of.follow_up is not None else {}


def _figures(of: Facts) -> Iterator[Figure]:
    yield from _risks(of)
    yield from _plans(of)
    yield from _actions(of)
    yield from _exercises(of)
    yield from _events(of)
    for key, register in (("sua", "sua_case"), ("psa", "psa_status")):
        yield counted(key, _ids(of, register, lambda one: one.is_open))
    late = [one.id for one in of.tasks]
    yield counted("steps_late", late)
    yield counted("steps_explained", [one.id for one in of.tasks if one.why], len(late))
    asked = [one for one in of.asked if on(one.asked_at) >= of.period.first]
    yield counted("longer_time", [one.id for one in asked if one.is_given], len(asked))
    yield Figure("roles_missing", len(of.roles))


def _ids(of: Facts, register: str, holds: Callable[[Any], bool]) -> list[int]:
    return [one.id for one in of.entries.get(register, ()) if holds(one)]


def _risks(of: Facts) -> Iterator[Figure]:
    analyses = [one for one in of.cases if one.key == "rsa_annual" and one.year == of.period.about]
    decided = [one.id for one in analyses if _is_decided(one, of.at)]
    if analyses:
        rows = tuple(one.id for one in analyses)
        yield Figure("rsa_decided", len(decided), len(rows), rows=rows)
    else:
        yield missing("rsa_decided", 1) if "rsa_annual" in of.runs else inapplicable("rsa_decided")
    risks = [one for one in of.entries.get("risk", ()) if one.is_open]
    keys = [key for key in FIGURES if key.startswith("risks")]
    if not risks and not of.risks_before and not decided:
        yield from (missing(key) for key in keys)
        return
    prominent = [one for one in risks if one.data.get("band") in PROMINENT]
    yield counted("risks", [one.id for one in risks])
    yield counted("risks_prominent", [one.id for one in prominent], len(risks))
    yield counted(
        "risks_red", [one.id for one in prominent if one.data["band"] == "red"], len(risks)
    )
    was = of.risks_before
    yield counted("risks_new", [one.id for one in prominent if one.identity not in was])
    moved = [(one, _moved(one, was)) for one in risks]
    yield counted("risks_up", [one.id for one, by in moved if by > 0])
    yield counted("risks_down", [one.id for one, by in moved if by < 0])


def _is_decided(case: Any, at: datetime) -> bool:
    over = case.state is CaseState.FINISHED and case.closed_at <= at
    return over or (case.data.get("outcome") in DECIDED and case.closed_at is None)


def _moved(risk: Any, was: Mapping[str, Any]) -> int:
    """How much the value of a risk has changed since the year began; 0 if it cannot be said."""
    old = was[risk.identity].data.get("value") if risk.identity in was else None
    new = risk.data.get("value")
    return int(new) - int(old) if old is not None and new is not None else 0


def _plans(of: Facts) -> Iterator[Figure]:
    depends = [one for one in of.entries.get("dependency", ()) if one.is_open]
    plans = [one for one in of.entries.get("continuity_plan", ()) if one.is_open]
    needed = sum(one.data.get("need") == "mandatory" for one in depends)
    if needed or plans:
        adopted = [one.id for one in plans if one.status == "adopted"]
        yield counted("plans_adopted", adopted, max(needed, len(plans)))
    else:
        yield inapplicable("plans_adopted") if depends else missing("plans_adopted")
    yield counted("plans_untested", [one.id for one in plans if _is_before(one.due_on, of.at)])
    if depends:
        unknown = [one.id for one in depends if one.data.get("need") == "gap"]
        yield counted("outages_unknown", unknown, len(depends))
    else:
        yield missing("outages_unknown")


def _is_before(day: date | None, at: datetime) -> bool:
    return day is not None and day < on(at)


def _actions(of: Facts) -> Iterator[Figure]:
    actions = of.entries.get("action", ())
    standing = [one for one in actions if one.is_open]
    closed = [one for one in actions if not one.is_open and on(one.made_at) >= of.period.first]
    yield counted("actions_open", [one.id for one in standing])
    for status in ("not_started", "in_progress"):
        of_it = [one.id for one in standing if (one.status or "not_started") == status]
        yield counted(f"actions_{status}", of_it, len(standing))
    for status in ("done", "stopped"):
        yield counted(f"actions_{status}", [one.id for one in closed if one.status == status])
    late = [one for one in standing if _is_before(one.due_on, of.at)]
    yield counted("actions_late", [one.id for one in late], len(standing))
    yield counted("actions_unowned", [one.id for one in standing if not one.owner], len(standing))
    red = [one for one in late if one.data.get("risk_band") == "red"]
    yield counted("deviations", [one.id for one in red], len(standing))
    told = {row.get("action") for row in _rows(_said(of), "deviations")}
    explained = sum(one.name in told for one in red)
    rows = (of.follow_up.id,) if of.follow_up is not None else ()
    yield Figure("deviations_explained", explained, len(red), rows=rows)
    for source in SOURCES:
        mine = [one.id for one in standing if (one.data.get("source") or "other") == source]
        yield counted(f"from_{source}", mine, len(standing))


def _exercises(of: Facts) -> Iterator[Figure]:
    planned = [
        one
        for one in of.entries.get("exercise_plan", ())
        if one.year == of.period.about and one.data.get("kind") != "training"
    ]
    held = [one for one in _within(of, "exercise") if one.status == "held"]
    if planned or held:
        rows = [one.id for one in held]
        yield counted("exercises_held", rows, max(len(planned), len(held)))
    else:
        yield missing("exercises_held")
    cases = [one for one in of.cases if one.key == "exercise" and one.year == of.period.about]
    goals = [(one.id, row) for one in cases for row in _rows(one.data, "goals") if row.get("met")]
    if goals:
        met = sum(row["met"] == "yes" for _, row in goals)
        rows = sorted({id_ for id_, _ in goals})
        yield Figure("exercise_goals_met", met, len(goals), rows=tuple(rows))
    else:
        yield inapplicable("exercise_goals_met")


def _events(of: Facts) -> Iterator[Figure]:
    events = [
        one for one in of.entries.get("occurrence", ()) if _is_in(of, one.data.get("known_at"))
    ]
    yield counted("events", [one.id for one in events])
    serious = [one.id for one in events if one.data.get("level") in SERIOUS]
    yield counted("events_serious", serious, len(events))
    cases = [one for one in of.cases if one.key == "event_evaluation"]
    done = [one for one in cases if one.closed_at is not None and one.closed_at <= of.at]
    finished = [one.id for one in done if one.state is CaseState.FINISHED]
    yield counted("evaluations_done", finished, len(cases))
    closed = {one.id for one in done}
    yield counted("evaluations_open", [one.id for one in cases if one.id not in closed])
    duties = [
        one
        for one in of.entries.get("reporting_duty", ())
        if _is_in(of, one.data.get("clock_start")) and one.data.get("due_at")
    ]
    now = of.at.isoformat()
    in_time: list[int] = []
    late: list[int] = []
    for one in duties:
        sent, due = one.data.get("sent_at"), _instant(one.data["due_at"])
        if sent:
            (in_time if _instant(sent) <= due else late).append(one.id)
        elif one.is_open and due < _instant(now):
            late.append(one.id)
    yield counted("reports_in_time", in_time, len(duties))
    yield counted("reports_late", late, len(duties))


def _within(of: Facts, register: str) -> list[Any]:
    return [
        one
        for one in of.entries.get(register, ())
        if one.due_on is not None and of.period.first <= one.due_on <= of.period.last
    ]


def _is_in(of: Facts, moment: object) -> bool:
    return bool(moment) and of.period.first <= on(_instant(str(moment))) <= of.period.last


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _rows(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    held = data.get(name)
    return [row for row in held if isinstance(row, dict)] if isinstance(held, list) else []


def _tables(of: Facts) -> dict[str, Listed]:
    actions = [one for one in of.entries.get("action", ()) if one.is_open]
    named = {one.name: one for one in of.entries.get("action", ())}
    risks = [
        one
        for one in of.entries.get("risk", ())
        if one.is_open and one.data.get("band") in PROMINENT
    ]
    red = [
        one
        for one in actions
        if _is_before(one.due_on, of.at) and one.data.get("risk_band") == "red"
    ]
    told = {row.get("action"): row for row in _rows(_said(of), "deviations")}
    deviating = {one.name: one for one in red}
    deviating |= {name: named[name] for name in told if name in named}
    asking = [one for one in actions if one.data.get("funding") == "budget_request"]
    planned = [one for one in actions if one.data.get("plan_goal")]
    return {
        "risks": _open(
            sorted(risks, key=lambda one: -(one.data.get("value") or 0)),
            lambda one: {
                "value": one.data.get("value"),
                "band": one.data.get("band"),
                "before": of.risks_before[one.identity].data.get("value")
                if one.identity in of.risks_before
                else None,
            },
        ),
        "deviations": _open(
            list(deviating.values()),
            lambda one: _due(one) | {key: told.get(one.name, {}).get(key) for key in EXPLAINED},
        ),
        "exercises": _open(_within(of, "exercise"), lambda one: _due(one) | {"status": one.status}),
        "late_steps": listed(
            (
                {"title": f"{one.name_sv}, {one.of}", "due": on(one.due_at), "why": one.why}
                for one in of.tasks[:MOST_ROWS]
            ),
            0,
        ),
        "missing_roles": listed(
            ({"title": role, "steps": steps} for role, steps in sorted(of.roles.items())), 0
        ),
        "goals": _open(
            sorted(planned, key=lambda one: one.data["plan_goal"]),
            lambda one: (
                _due(one)
                | {
                    "goal": one.data["plan_goal"],
                    "status": one.status,
                    "reference": one.data.get("steering_reference"),
                }
            ),
        ),
        "budget": _open(
            asking,
            lambda one: (
                {key: one.data.get(key) for key in COSTS} | {"goal": one.data.get("plan_goal")}
            ),
        ),
    }


def _due(one: Any) -> Row:
    return {"due": one.due_on}


def _open(entries: Sequence[Any], row: Callable[[Any], Row]) -> Listed:
    """Keep the rows that are marked open: nothing else leaves the house but as a number."""
    told = [one for one in entries if one.secrecy is Marking.OPEN]
    rows = ({"title": one.name} | row(one) for one in told[:MOST_ROWS])
    return listed(rows, len(entries) - len(told))


# what has been sealed


def sealed(
    session: Session, unit_ids: Iterable[int], milestone: str, year: int
) -> dict[int, SealedReport]:
    """Find the last sealed report of each of some bodies, with what it says."""
    wanted = (
        sa.select(SealedReport)
        .where(
            SealedReport.unit_id.in_(list(unit_ids)),
            SealedReport.milestone == milestone,
            SealedReport.year == year,
        )
        .order_by(SealedReport.number)
        .options(undefer(SealedReport.content))
    )
    return {one.unit_id: one for one in session.scalars(wanted)}


def at_compare(
    session: Session, unit: Unit, milestone: str, year: int, *, now: datetime
) -> list[tuple[str, int, Report]]:
    """Give what a report is compared with: the one before, and that of the year before."""
    found = []
    for code, of in (before(milestone, year), (milestone, year - 1)):
        kept = sealed(session, [unit.id], code, of).get(unit.id)
        if kept is not None:
            found.append((code, of, from_data(kept.content)))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """One body in the report of the city."""

    unit: Unit
    report: Report
    sealed_at: datetime | None
    is_expected: bool  # it has not ended before the report was to be decided


@dataclass(frozen=True, slots=True)
class Summed:
    """One figure over all bodies, and from how many it is missing."""

    figure: Figure
    gaps: int


@dataclass(frozen=True, slots=True)
class CityReport:
    """The report of the city: every body, and the figures over them all."""

    report: Report
    bodies: tuple[Standing, ...]
    sums: Mapping[str, Summed]

    @property
    def delivered(self) -> int:
        return sum(one.sealed_at is not None for one in self.bodies if one.is_expected)

    @property
    def expected(self) -> int:
        return sum(one.is_expected for one in self.bodies)

    @property
    def gaps(self) -> list[Standing]:
        return [one for one in self.bodies if one.is_expected and one.sealed_at is None]


def city_report(
    session: Session, city: Unit, milestone: str, year: int, *, now: datetime
) -> CityReport:
    """Add up the bodies: what they have sealed, and of the others what stands now."""
    period = period_of(calendar_of(session, city.id, year), milestone, year)
    units = bodies(session, period.about)
    kept = sealed(session, [one.id for one in units], milestone, year)
    others = live(session, [one for one in units if one.id not in kept], milestone, year, now=now)
    standing = tuple(
        Standing(
            one,
            from_data(kept[one.id].content) if one.id in kept else others[one.id],
            kept[one.id].at if one.id in kept else None,
            one.stands_on(period.decided_on or period.last) or one.id in kept,
        )
        for one in units
    )
    reports = [one.report for one in standing]
    sums = {key: Summed(*summed(key, reports)) for key in FIGURES}
    tables = {
        name: _gathered(name, standing) for name in ("deviations", "risks", "goals", "budget")
    }
    report = Report(
        unit=city.code,
        name=city.name,
        period=period,
        at=max((one.at for one in reports), default=now),
        figures={key: one.figure for key, one in sums.items()},
        tables=tables,
        bodies=tuple(_as_body(one) for one in standing),
    )
    return CityReport(report, standing, sums)


def _as_body(one: Standing) -> Row:
    return {
        "code": one.unit.code,
        "name": one.unit.name,
        "sealed_at": one.sealed_at,
        "is_expected": one.is_expected,
        "figures": {
            key: {"value": figure.value, "of": figure.of, "state": figure.state}
            for key, figure in one.report.figures.items()
            if not FIGURES[key].guarded
        },
    }


def _gathered(name: str, standing: Iterable[Standing]) -> Listed:
    rows: list[Row] = []
    withheld, has_few = 0, False
    for one in standing:
        table = one.report.tables.get(name, Listed())
        rows += [{"unit": one.unit.name} | row for row in table.rows]
        withheld, has_few = withheld + (table.withheld or 0), has_few or table.withheld is None
    if name in ("risks", "deviations"):
        rows.sort(key=lambda row: (-(row.get("value") or 0), str(row.get("due") or "9")))
    return Listed(tuple(rows[:MOST_ROWS]), None if has_few and not withheld else withheld)


def trends(
    session: Session, unit_ids: Iterable[int], year: int
) -> list[tuple[str, int, int, dict[str, int]]]:
    """Add up what bodies have sealed at each milestone of the last years: the milestone, its year,
    how many bodies, and the sums by figure."""
    wanted = (
        sa.select(
            SealedReport.milestone, SealedReport.year, SealedReport.unit_id, SealedReport.totals
        )
        .where(SealedReport.unit_id.in_(list(unit_ids)), SealedReport.year > year - YEARS - 1)
        .order_by(SealedReport.year, SealedReport.number)
    )
    last: dict[tuple[int, str], dict[int, dict[str, int]]] = {}
    for milestone, of, unit_id, totals in session.execute(wanted):
        last.setdefault((of, milestone), {})[unit_id] = totals
    order = sorted(last, key=lambda one: (one[0], ("VB", "T1", "T2", "VP").index(one[1])))
    return [
        (
            milestone,
            of,
            len(last[of, milestone]),
            {
                key: sum(totals.get(key) or 0 for totals in last[of, milestone].values())
                for key in FIGURES
            },
        )
        for of, milestone in order
    ]
