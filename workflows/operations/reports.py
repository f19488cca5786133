"""Reports: sealed when they are approved, and what a case of the follow-up is given of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows.canonical import canonical_text, content_hash, parse
from workflows.cases.models import Case
from workflows.errors import Invalid
from workflows.follow_up.report import (
    FIGURES,
    MILESTONES,
    REPORTED,
    Report,
    State,
    as_data,
    from_data,
)
from workflows.follow_up.report_models import Correction, SealedReport
from workflows.follow_up.report_text import said
from workflows.follow_up.report_words import figure_said, name_of
from workflows.history.rows import record
from workflows.language import Language
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, require
from workflows.queries import reports as questions
from workflows.queries.city_report import city_report
from workflows.registers import rows as registers

SYSTEM = Actor.system("report")
NUMBERS = {
    "exercises_done": "exercises_held",
    "events": "events",
    "evaluations_open": "evaluations_open",
}
# What boards are asked for most; the rest of the figures go along in the tables.
INDICATORS = ("rsa_decided", "plans_adopted", "actions_done", "actions_late", "exercises_held")


def seal(
    session: Session, unit: Unit, milestone: str, year: int, *, by: Actor, now: datetime
) -> SealedReport:
    """Seal a report with all that it rests on; one that says the same as the last is the last.

    :raises Forbidden: if `by` does not answer for it
    :raises Invalid: if there is no such report
    """
    require(by, Deed.SEAL_REPORT, unit)
    if milestone not in MILESTONES:
        raise Invalid("unknown_milestone")
    if unit.kind is UnitKind.CITY:
        report = city_report(session, unit, milestone, year, now=now).report
    else:
        report = questions.live(session, [unit], milestone, year, now=now)[unit.id]
    return _keep(session, unit, report, case_id=None, by=by, now=now)


def correct(
    session: Session,
    unit: Unit,
    milestone: str,
    year: int,
    key: str,
    value: int | None,
    why: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Put another number in the place of a figure, or let what was counted stand again.

    What was counted is kept and told beside it. A report that is sealed stays as it is.

    :raises Forbidden: if `by` does not answer for the report
    :raises Invalid: without a reason, for a figure that is only counted, or if nothing would differ
    """
    require(by, Deed.CORRECT_REPORT, unit)
    if milestone not in MILESTONES or key not in FIGURES or FIGURES[key].guarded:
        raise Invalid("unknown_figure")
    if not why.strip():
        raise Invalid("reason_missing")
    stands = questions.live(session, [unit], milestone, year, now=now)[unit.id].figures[key]
    if value == stands.value if value is not None else not stands.why:
        raise Invalid("nothing_differs")
    given = Correction(
        unit_id=unit.id, year=year, milestone=milestone, key=key, value=value, why=why.strip(),
        at=now, by_id=by.id,
    )  # fmt: skip
    session.add(given)
    what = {"milestone": milestone, "year": str(year), "figure": key}
    new = stands.counted if value is None else value
    record(
        session, "figure_corrected", by=by, now=now, unit_id=unit.id,
        what=what | {"old": stands.value, "new": new}, why=given.why,
    )  # fmt: skip
    session.flush()


def seal_of_case(session: Session, case: Case, *, now: datetime) -> None:
    """Seal the report that a case has made; whoever moved the case was asked about already.

    A case that was started by hand for something else than a report has none.
    """
    if case.occasion in REPORTED:
        _keep(session, case.unit, _of_case(session, case, now=now), case.id, by=SYSTEM, now=now)


def given_to(
    session: Session, case: Case, data: Mapping[str, Any], *, now: datetime
) -> Mapping[str, Any]:
    """Give a case the figures, the drafted paragraph and the indicators of its report, and the
    deviations as those responsible have explained them; `data` is what the case knows now."""
    if case.occasion not in REPORTED:
        return {}
    report = _of_case(session, case, now=now)
    figures = report.figures
    known: dict[str, Any] = {
        name: figures[key].value
        for name, key in NUMBERS.items()
        if figures[key].state is State.KNOWN
    }
    rsa = figures["rsa_decided"]
    state = "missing" if rsa.state is not State.KNOWN else "decided" if rsa.value else "under_way"
    return known | {
        "analysis_state": state,
        "security_paragraph": said(report),
        "indicators": _indicators(session, case, report),
        "deviations": [
            {"action": one["title"], "cause": one.get("cause"), "measure": one.get("measure")}
            for one in data.get("actions") or ()
            if one.get("deviation")
        ],
    }


def _indicators(session: Session, case: Case, report: Report) -> list[dict[str, Any]]:
    """The indicators that people keep, and those that the run itself knows the outcome of."""
    kept = registers.standing(session, "indicator", unit_id=case.unit_id, level=case.secrecy)
    rows = {entry.name: dict(entry.data) for entry in kept}
    for key in INDICATORS:
        name = name_of(key, Language.SV)
        outcome = figure_said(report.figures[key], Language.SV)
        rows[name] = {"name": name} | rows.get(name, {}) | {"outcome_value": outcome}
    wanted = ("name", "target", "forecast", "outcome_value", "note")
    return [{key: row.get(key) for key in wanted if row.get(key)} for row in rows.values()]


def _of_case(session: Session, case: Case, *, now: datetime) -> Report:
    session.flush()
    found = questions.live(session, [case.unit], case.occasion, case.year, now=now)
    return found[case.unit_id]


def _keep(
    session: Session, unit: Unit, report: Report, case_id: int | None, *, by: Actor, now: datetime
) -> SealedReport:
    period = report.period
    last = questions.sealed(session, [unit.id], period.milestone, period.year).get(unit.id)
    content = parse(canonical_text(as_data(report)))
    assert isinstance(content, dict)  # noqa: S101 (it was one before it was written)
    if last is not None and _says_the_same(last.content, content):
        return last
    totals = {
        key: one.value for key, one in report.figures.items()
        if key in FIGURES and one.value is not None
    }  # fmt: skip
    made = SealedReport(
        unit_id=unit.id,
        year=period.year,
        milestone=period.milestone,
        number=last.number + 1 if last else 1,
        case_id=case_id,
        at=now,
        by_id=by.id,
        content=content,
        totals=totals,
        hash=content_hash(canonical_text(content)),
    )
    session.add(made)
    what = {
        "milestone": period.milestone,
        "year": str(period.year),
        "number": made.number,
        "hash": made.hash,
    }
    record(session, "report_sealed", by=by, now=now, case_id=case_id, unit_id=unit.id, what=what)
    session.flush()
    return made


def _says_the_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Compare what two reports say, apart from when; also one of an earlier release."""
    was, now = from_data(old), from_data(new)
    return replace(was, at=now.at) == now
