"""What checks find besides: what was done by hand, what is missing, what nobody has dealt with."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.models import Case, CaseState
from workflows.history.models import Event
from workflows.language import N_, Sentence, on
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.permissions import Deed, may
from workflows.processes.models import Process, Version, VersionState
from workflows.processes.rows import compiled
from workflows.processes.workshop import Proposal
from workflows.queries import role_check
from workflows.queries.checked_decisions import MOST, Hit
from workflows.queries.registers import visible_to
from workflows.queries.sight import visible_cases
from workflows.registers.models import Entry, EntryState

RSA = "rsa_annual"
FINDING_MAY_REST = timedelta(days=365)  # every finding is asked about in the next year's work
MOVED_BY_HAND = ("step_skipped", "case_moved")


def moved_by_hand(session: Session, by: Actor, _now: datetime) -> Iterator[Hit]:
    wanted = (
        sa.select(Event, Case, Person.name)
        .join(Case, Case.id == Event.case_id)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(
            Event.kind.in_(MOVED_BY_HAND),
            visible_cases(by),
        )
        .order_by(Event.at.desc(), Event.id.desc())
        .limit(MOST + 1)
    )
    for event, case, who in session.execute(wanted):
        names = compiled(case.version).description.names_of(event.step or "") or {}
        said = Sentence(N_("the step was passed over by hand"))
        if event.kind == "case_moved":
            said = Sentence(N_("the case was moved from the step by hand"))
        yield Hit(
            said, ("case", case.id), event.at, case.key, names, case.unit.name, who or "",
            event.why or "",
        )  # fmt: skip


def no_holder(session: Session, _by: Actor, now: datetime) -> Iterator[Hit]:
    for unit, gaps in role_check.everywhere(session, today=on(now)):
        for gap in gaps:
            said = Sentence(N_("nobody holds the role it asks for"))
            if gap.code == "second":
                said = Sentence(N_("nobody is left who may do it after the steps before it"))
            name = gap.process.names.get("sv", gap.process.key)
            yield Hit(said, ("unit", unit.id), None, name, dict(gap.step.names), unit.name)


def no_analysis(session: Session, by: Actor, now: datetime) -> Iterator[Hit]:
    process = session.scalars(sa.select(Process).where(Process.key == RSA)).first()
    if process is None or process.active_version is None:
        return
    kinds = compiled(process.active_version).description.per
    today = on(now)
    there = sa.select(Case.unit_id, Case.year, Case.state).where(
        Case.process_id == process.id, Case.state != CaseState.CANCELLED
    )
    cases = {(unit_id, year): state for unit_id, year, state in session.execute(there)}
    begun = {year for _, year in cases}
    for unit in session.scalars(sa.select(Unit).order_by(Unit.sort_key, Unit.id)):
        if unit.kind.value not in kinds or not unit.stands_on(today):
            continue
        if not may(by, Deed.SEE_CASE, Case.to_come(process, unit)):
            continue
        for year in (today.year, today.year - 1):
            state = cases.get((unit.id, year))
            said = Sentence(N_("no analysis of {year} has been started"), {"year": str(year)})
            if state is not None and (year == today.year or state is CaseState.FINISHED):
                continue
            if state is not None:
                said = Sentence(N_("the analysis of {year} is not finished"), {"year": str(year)})
            if year in begun and (unit.valid_from is None or unit.valid_from.year <= year):
                yield Hit(said, ("unit", unit.id), None, process.name_sv, {}, unit.name)


def finding_rests(session: Session, by: Actor, now: datetime) -> Iterator[Hit]:
    rests = sa.or_(Entry.due_on < on(now), Entry.approved_at < now - FINDING_MAY_REST)
    wanted = sa.select(Entry).where(
        Entry.register == "finding",
        Entry.state == EntryState.APPROVED,
        Entry.status.in_(("", "open")),
        Entry.is_open,
        rests,
        visible_to(by),
    )
    order = (Entry.approved_at.desc(), Entry.id.desc())
    for one in session.scalars(wanted.options(joinedload(Entry.unit)).order_by(*order)):
        said = Sentence(N_("nobody has said what becomes of it"))
        yield Hit(said, ("entry", one.id), one.approved_at, one.name, {}, one.unit.name, one.owner)


def published_alone(session: Session, _by: Actor, _now: datetime) -> Iterator[Hit]:
    reviewed = sa.exists().where(
        Proposal.version_id == Version.id,
        Proposal.decided_by_id.is_not(None),
        Proposal.decided_by_id.is_distinct_from(Proposal.submitted_by_id),
    )
    wanted = (
        sa.select(Version, Process, Person.name)
        .join(Version.process)
        .outerjoin(Person, Person.id == Version.published_by_id)
        .where(
            Version.state != VersionState.DRAFT,
            Version.published_at.is_not(None),
            ~Version.is_shipped,
            ~reviewed,
        )
        .order_by(Version.published_at.desc(), Version.id.desc())
    )
    for version, process, who in session.execute(wanted):
        said = Sentence(
            N_("version {number} was published and nobody else had reviewed it"),
            {"number": str(version.number)},
        )
        at = version.published_at
        day = on(at).isoformat() if at else ""
        yield Hit(said, ("day", day), at, process.name_sv, who=who or "")
