"""The move of one case to another version, and back: what `migrations` has done by the clock.

`queries.following` works out what becomes of a case. What was shown is what happens: a case that
would no longer move as it was shown is left where it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from workflows.cases.models import OPEN, Case, Timer
from workflows.engine import Description, Migrated, StepInfo
from workflows.history.folding import changes_of
from workflows.history.models import Chain, case_chain
from workflows.history.rows import know_head, record
from workflows.notices.rows import forget_calls, plan_calls
from workflows.operations import advance, approving
from workflows.organisation.actor import Actor
from workflows.processes.migrations import Fate, Follower, Migration, Verdict
from workflows.processes.rows import compiled
from workflows.queries import migrating
from workflows.queries.following import Followed, Standing, follow
from workflows.steering.rows import calendar_of
from workflows.tasks import versions
from workflows.tasks.models import Task

GONE_ON = Followed(Verdict.CANNOT, {"misfits": [{"element": "", "code": "gone_on"}]})


def asked(
    session: Session, standing: Standing, row: Follower, migration: Migration, *, now: datetime
) -> Followed:
    """Work out what becomes of a case, as it stands now."""
    case = standing.case
    if case.state not in OPEN or case.version_id != row.old_version_id:
        return GONE_ON
    mapping = migration.mappings[str(row.old_version_id)]
    pair = migrating.between(session, case.version, migration.version, mapping)
    return follow(session, standing, pair, advance.facts(case, now=now), to_write=True)


@dataclass(frozen=True, slots=True)
class Move:
    """A case on its way to another version."""

    standing: Standing
    row: Follower
    migration: Migration
    found: Followed
    migrated: Migrated

    @property
    def mapping(self) -> Mapping[str, str]:
        mapping: Mapping[str, str] = self.migration.mappings[str(self.row.old_version_id)]
        return mapping


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the move of a case has changed so far, and how that stood before."""

    move: Move
    what: dict[str, Any]
    touched: versions.Rows
    before: dict[str, Any]
    anew: list[Task]  # that call for attention at other times


def move_some(session: Session, moves: Iterable[Move], *, now: datetime) -> None:
    """Let cases stand in the new version, and keep what that changed.

    What changes in the rows of all of them is written at once: case by case, that would be half of
    what a move costs.
    """
    with session.no_autoflush:  # what one reads is nothing that another changes
        begun = [_begin(session, move, now=now) for move in moves]
    session.flush()
    for one in begun:
        case, by = one.move.standing.case, author(one.move.migration.applied_by_id)
        progress = one.move.migrated.progress
        advance.settle(session, case, progress, "case_migrated", by=by, now=now, what=one.what)
    for one in begun:
        row, progress = one.move.row, one.move.migrated.progress
        # What has gone out of the case cannot be taken back.
        is_alone = not (progress.thrown or progress.actions or progress.calls or progress.finished)
        row.before = versions.changed(one.before, one.touched, progress) if is_alone else None
        row.fate, row.due_at = Fate.MOVED, None
        row.revision = one.move.standing.case.revision
    call_anew(session, [task for one in begun for task in one.anew], now=now)


def _begin(session: Session, move: Move, *, now: datetime) -> _Begun:
    """Change the rows of a case to what they are in the new version."""
    standing, migration, found, mapping = move.standing, move.migration, move.found, move.mapping
    case = standing.case
    what = {
        "migration": migration.id,
        "old": case.version.number,
        "new": migration.version.number,
        "mapping": mapping,
        "tasks": found.told.get("tasks", []),
        "timers": found.told.get("timers", []),
    }
    open_rows = (standing.tasks, standing.timers, standing.waits)
    touched = versions.rows(session, case, open_rows, mapping, move.migrated.progress.closed)
    before = versions.snapshot(case, touched)
    old, new = (compiled(one).description for one in (case.version, migration.version))
    case.version = migration.version
    versions.rename(touched, mapping)
    versions.renamed_incidents(case, mapping)
    versions.renew(found.timers)
    versions.listen_anew(touched.waits, move.migrated.renewed)
    anew: list[Task] = []
    given: dict[str, list[tuple[str, int]]] = {}
    for task, info, dated in found.tasks:
        was = old.steps.get(task.element)
        versions.become(task, info, dated)
        if was is None or (was.roles, was.of) != (info.roles, info.of):
            given[task.step_id] = _give_roles(session, case, task, info, before, now=now)
        if was is None or dated is not None or _reminds(old, was) != _reminds(new, info):
            anew.append(task)
    return _Begun(move, what | {"roles": given}, touched, before, anew)


def call_anew(session: Session, tasks: Iterable[Task], *, now: datetime) -> None:
    """Plan anew when tasks call for attention, of however many cases at once."""
    session.flush()
    dated = [
        (task, calendar_of(session, task.unit_id, task.case.year, to_write=True)) for task in tasks
    ]
    if dated:
        plan_calls(session, dated, now=now)


def _reminds(version: Description, step: StepInfo) -> tuple[str, str, tuple[str, ...]]:
    return step.policy or version.policy, step.kind, step.roles


def _give_roles(
    session: Session,
    case: Case,
    task: Task,
    info: StepInfo,
    before: dict[str, Any],
    *,
    now: datetime,
) -> list[tuple[str, int]]:
    unit_id = advance.unit_of(session, case, info.of, advance.facts(case, now=now))
    if unit_id is None or info.assignee is not None:
        return [(one.role, one.unit_id) for one in task.roles]
    places = [(role, unit_id) for role in info.roles]
    versions.give_roles(session, task, places, before)
    return places


def is_as_moved(case: Case, row: Follower, migration: Migration) -> bool:
    """Tell whether nothing has happened in a case since it was moved."""
    at_rest = case.revision == row.revision and case.version_id == migration.version_id
    return at_rest and row.before is not None


def bring_back(session: Session, case: Case, row: Follower, *, by: Actor, now: datetime) -> None:
    """Let a case stand in the old version, exactly as it stood."""
    before, new, was = row.before or {}, case.version.number, case.data
    back = versions.put_back(session, case, before, now=now)
    session.flush()
    session.expire(case, ["version"])
    forget_calls(session, case.id)
    call_anew(session, back, now=now)
    row.fate, row.due_at, row.before = Fate.RETURNED, None, None
    record(
        session,
        "case_moved_back",
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        what={"migration": row.migration_id, "old": case.version.number, "new": new}
        | _as_it_stood(session, case, before)
        | changes_of("case_moved_back", was, case.data, {}),
    )
    approving.follow(session, case, kind="case_moved_back", by=by, now=now)


def _as_it_stood(session: Session, case: Case, before: Mapping[str, Any]) -> dict[str, Any]:
    """Tell how a case stands that has been put back, for those who ask later how it stood."""
    tasks = [session.get_one(Task, int(key)) for key in before["tasks"]]
    timers = [session.get_one(Timer, int(key)) for key in before["timers"]]
    return {
        "case_state": case.state,
        "withdrawn": [{"step_id": one} for one in before["new_steps"]],
        "over": [*before["new_waits"], *(one.wait_id for one in timers if one.closed_at)],
        "back": [
            advance.told(case, task, before["roles"].get(str(task.id), []))
            | {"closed_at": task.closed_at, "outcome": task.outcome}
            for task in tasks
        ],
        "timers": [advance.told_timer(one) for one in timers if not one.closed_at],
    }


_LOCKED = (
    sa.select(Case)
    .where(Case.id.in_(sa.bindparam("case_ids", expanding=True)))
    .order_by(Case.id)
    .options(undefer(Case.engine_state), joinedload(Case.version), joinedload(Case.unit))
    .with_for_update(of=Case)
    .execution_options(populate_existing=True)
)
_HEADS = sa.select(Chain.name, Chain.n, Chain.hash).where(
    Chain.name.in_(sa.bindparam("chains", expanding=True))
)


def locked_some(session: Session, case_ids: list[int]) -> dict[int, Case]:
    """Load cases and hold them, in the order of their ids, before anything of them is looked at."""
    cases = {case.id: case for case in session.scalars(_LOCKED, {"case_ids": case_ids})}
    chains = {case_chain(case_id): case_id for case_id in cases}
    for row in session.execute(_HEADS, {"chains": list(chains)}):
        know_head(session, chains[row.name], row.n, row.hash)
    return cases


def locked(session: Session, case_id: int) -> Case | None:
    """Load a case and hold it."""
    return locked_some(session, [case_id]).get(case_id)


def author(person_id: int | None) -> Actor:
    """Stand for whoever had it done; the clock does it in their name."""
    return Actor(id=person_id, name="")
