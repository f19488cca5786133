"""The figures of a report, counted from what is known of one body."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from workflows.cases.models import CaseState
from workflows.follow_up.report import (
    FIGURES,
    SOURCES,
    Figure,
    counted,
    inapplicable,
    missing,
)
from workflows.language import ZONE, on
from workflows.queries.report_facts import Facts

PROMINENT = ("orange", "red")
SERIOUS = ("serious", "extraordinary", "heightened_alert")
DECIDED = ("approved", "approved_changed")


def said(of: Facts) -> Mapping[str, Any]:
    return of.follow_up.data if of.follow_up is not None else {}


def figures(of: Facts) -> Iterator[Figure]:
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
    yield counted("plans_untested", [one.id for one in plans if is_before(one.due_on, of.at)])
    if depends:
        unknown = [one.id for one in depends if one.data.get("need") == "gap"]
        yield counted("outages_unknown", unknown, len(depends))
    else:
        yield missing("outages_unknown")


def is_before(day: date | None, at: datetime) -> bool:
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
    late = [one for one in standing if is_before(one.due_on, of.at)]
    yield counted("actions_late", [one.id for one in late], len(standing))
    yield counted("actions_unowned", [one.id for one in standing if not one.owner], len(standing))
    red = [one for one in late if one.data.get("risk_band") == "red"]
    yield counted("deviations", [one.id for one in red], len(standing))
    told = {row.get("action") for row in rows_of(said(of), "deviations") if row.get("cause")}
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
    held = [one for one in within(of, "exercise") if one.status == "held"]
    if planned or held:
        rows = [one.id for one in held]
        yield counted("exercises_held", rows, max(len(planned), len(held)))
    else:
        yield missing("exercises_held")
    cases = [one for one in of.cases if one.key == "exercise" and one.year == of.period.about]
    goals = [(one.id, row) for one in cases for row in rows_of(one.data, "goals") if row.get("met")]
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


def within(of: Facts, register: str) -> list[Any]:
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


def rows_of(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    held = data.get(name)
    return [row for row in held if isinstance(row, dict)] if isinstance(held, list) else []
