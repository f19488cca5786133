"""What reports are counted from, for many bodies at once and as it stood at any moment.

Entries are versions that never change, so that an earlier moment is asked for like this one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.follow_up.report import Period
from workflows.language import on
from workflows.notices.models import Promise
from workflows.organisation.models import Unit
from workflows.processes.models import Process, Secrecy
from workflows.queries import role_check
from workflows.queries.starts import left_out
from workflows.registers.models import Entry, EntryState
from workflows.steering.rows import lineages
from workflows.tasks.extensions import Extension
from workflows.tasks.models import Task

FOLLOW_UP = "action_followup"
YEARLY = ("rsa_annual", FOLLOW_UP)
READ = (*YEARLY, "exercise", "event_evaluation")
COUNTED = ("sua_case", "psa_status")  # of what is secret only how many
REGISTERS = (
    "risk", "action", "dependency", "continuity_plan", "exercise", "exercise_plan", "occurrence",
    "reporting_duty", "indicator", *COUNTED,
)  # fmt: skip
_COLUMNS = (
    Entry.id, Entry.identity, Entry.register, Entry.unit_id, Entry.year, Entry.name, Entry.status,
    Entry.is_open, Entry.owner, Entry.due_on, Entry.secrecy, Entry.state, Entry.data,
    Entry.made_at, Entry.approved_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one body."""

    unit: Unit
    period: Period
    at: datetime
    entries: Mapping[str, Sequence[Any]]
    risks_before: Mapping[str, Any]  # by identity, as the year began
    cases: Sequence[Any]
    tasks: Sequence[Any]
    asked: Sequence[Any]  # for longer time
    roles: Mapping[str, int]  # without a holder: how many steps wait for each
    runs: frozenset[str]  # the processes that run here

    @property
    def follow_up(self) -> Any | None:
        """The case that makes this very report."""
        wanted = (FOLLOW_UP, self.period.year, self.period.milestone)
        return next(
            (one for one in self.cases if (one.key, one.year, one.occasion) == wanted), None
        )


def facts(
    session: Session, units: Mapping[int, Unit], periods: Mapping[int, Period], *, at: datetime
) -> dict[int, Facts]:
    """Gather what is known of bodies by their id, in as many statements for all as for one."""
    cases = _by_unit(_cases(session, periods, at))
    own = [one.id for rows in cases.values() for one in rows if one.key == FOLLOW_UP]
    entries = _by_unit(_entries(session, periods, REGISTERS, at, own))
    begun = min(datetime.combine(one.first, at.timetz().min, at.tzinfo) for one in periods.values())
    before = _by_unit(_entries(session, periods, ("risk",), begun, ()))
    tasks, asked = _by_unit(_late(session, periods, at)), _by_unit(_asked(session, periods, at))
    roles, runs = _roles(session, periods, at)
    found = {}
    for unit_id, period in periods.items():
        shelves: dict[str, list[Any]] = defaultdict(list)
        for entry in entries[unit_id]:
            shelves[entry.register].append(entry)
        found[unit_id] = Facts(
            units[unit_id],
            period,
            at,
            shelves,
            {one.identity: one for one in before[unit_id]},
            cases[unit_id],
            tasks[unit_id],
            asked[unit_id],
            roles[unit_id],
            runs[unit_id],
        )
    return found


def _by_unit(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(row)
    return found


def _entries(
    session: Session,
    unit_ids: Collection[int],
    registers: Sequence[str],
    at: datetime,
    own: Collection[int],
) -> Iterable[Any]:
    """What stood at a moment; what the case of the report had proposed goes before it."""
    lived = sa.or_(Entry.closed_at.is_(None), Entry.closed_at > at)
    proposed = sa.and_(
        Entry.case_id.in_(own), sa.or_(Entry.approved_at.is_(None), Entry.approved_at > at)
    )
    wanted = sa.select(*_COLUMNS).where(
        Entry.register.in_(registers),
        Entry.unit_id.in_(unit_ids),
        sa.or_(Entry.level != Secrecy.SECRET, Entry.register.in_(COUNTED)),
        Entry.made_at <= at,
        lived,
        sa.or_(Entry.approved_at <= at, proposed),
    )
    found: dict[str, Any] = {}
    session.flush()
    # Rows as they are: tens of thousands of them are read for a city.
    for row in session.connection().execute(wanted.order_by(Entry.sort_key, Entry.id)):
        is_proposed = row.state is EntryState.PROPOSED or row.approved_at is None
        if row.identity not in found or is_proposed:
            found[row.identity] = row
    return found.values()


def _cases(session: Session, periods: Mapping[int, Period], at: datetime) -> Iterable[Any]:
    years = {one.year for one in periods.values()} | {one.about for one in periods.values()}
    wanted = (
        sa.select(
            Case.id, Case.unit_id, Case.year, Case.occasion, Case.state, Case.data, Case.opened_at,
            Case.closed_at, Process.key,
        )
        .join(Process, Process.id == Case.process_id)
        .where(
            Case.unit_id.in_(periods),
            Case.year.in_(years),
            Process.key.in_(READ),
            Case.secrecy != Secrecy.SECRET,
            Case.opened_at <= at,
        )
    )  # fmt: skip
    return session.execute(wanted.order_by(Case.id)).all()


def _late(session: Session, unit_ids: Collection[int], at: datetime) -> Iterable[Any]:
    """The steps that were late at a moment, with the last reason that was given by then."""
    last = sa.select(sa.func.max(Promise.id)).where(
        Promise.task_id == Task.id, Promise.given_at <= at
    )
    wanted = (
        sa.select(
            Task.id, Task.unit_id, Task.name_sv, Task.due_at, Promise.why,
            Process.name_sv.label("of"),
        )
        .join(Process, Process.id == Task.process_id)
        .outerjoin(Promise, Promise.id == last.correlate(Task).scalar_subquery())
        .where(
            Task.unit_id.in_(unit_ids),
            Task.secrecy != Secrecy.SECRET,
            Task.due_at < at,
            Task.opened_at <= at,
            sa.or_(Task.closed_at.is_(None), Task.closed_at > at),
        )
    )  # fmt: skip
    return session.execute(wanted.order_by(Task.due_at, Task.id)).all()


def _asked(session: Session, periods: Mapping[int, Period], at: datetime) -> Iterable[Any]:
    first = min(one.first for one in periods.values())
    wanted = (
        sa.select(Extension.id, Task.unit_id, Extension.asked_at, Extension.is_given)
        .join(Task, Task.id == Extension.task_id)
        .where(
            Task.unit_id.in_(periods),
            Task.secrecy != Secrecy.SECRET,
            Extension.asked_at >= datetime.combine(first, at.timetz().min, at.tzinfo),
            Extension.asked_at <= at,
        )
    )
    return session.execute(wanted.order_by(Extension.id)).all()


def _roles(
    session: Session, unit_ids: Collection[int], at: datetime
) -> tuple[dict[int, dict[str, int]], dict[int, frozenset[str]]]:
    """Say which roles nobody held in each body, and which processes run there."""
    described = [
        one for one in role_check.descriptions(session) if one.secrecy != Secrecy.SECRET.value
    ]
    units = session.execute(sa.select(Unit.id, Unit.kind, Unit.parent_id))
    bodies = {id_: role_check.Body(id_, kind, parent) for id_, kind, parent in units}
    lines = lineages(session)
    near = {above for unit_id in unit_ids for above, _ in lines[unit_id]}
    holders = role_check.who_holds(session, today=on(at), near=near)
    not_here = left_out(session)
    lacks: dict[int, dict[str, int]] = {}
    runs: dict[int, frozenset[str]] = {}
    for unit_id in unit_ids:
        counts: dict[str, int] = defaultdict(int)
        for gap in role_check.gaps_of(bodies[unit_id], described, bodies, holders):
            if gap.code == "nobody" and gap.unit_id == unit_id:
                counts[gap.step.roles[0]] += 1
        lacks[unit_id] = counts
        here = bodies[unit_id].kind
        runs[unit_id] = frozenset(
            one.key
            for one in described
            if (not one.per or here in one.per) and (one.key, unit_id) not in not_here
        )
    return lacks, runs
