"""What is what between two versions, and running cases with what is open in them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from workflows import engine
from workflows.canonical import content_hash
from workflows.cases.messages import Wait
from workflows.cases.models import OPEN, Case, Timer
from workflows.errors import Invalid
from workflows.processes.models import PartKind, Process, Version, VersionPart
from workflows.processes.rows import Kept, compiled
from workflows.queries.following import Between, Standing
from workflows.tasks.models import Draft, Task

AT_ONCE = 200

_known: Kept[dict[str, str]] = Kept()  # the forms of a version, each by its hash

FactsOf = Callable[[Case], engine.Facts]


def open_elements(
    session: Session, process: Process, version: Version
) -> list[tuple[Version, set[str]]]:
    """List what is open in cases on other versions, by the version they are on."""
    wanted = sa.select(Case.version_id, Case.engine_state).where(
        Case.process_id == process.id, Case.version_id != version.id, Case.state.in_(OPEN)
    )
    found: dict[int, set[str]] = {}
    for version_id, state in session.execute(wanted):
        found.setdefault(version_id, set()).update(_elements(state))
    return [(session.get_one(Version, key), found[key]) for key in sorted(found)]


def _elements(state: bytes) -> list[str]:
    try:
        return engine.open_elements(state)
    except engine.BrokenState:
        return []  # the case itself is said to be unreadable when it is looked at


def mappings(
    session: Session,
    old_ids: Iterable[int],
    new: Version,
    edits: Mapping[int, Mapping[str, str]],
) -> dict[str, dict[str, str]]:
    """Say by each old version which element is which in the new one, with what people say of it.

    :raises Invalid: if an edit names no element, or one that could not be that one
    """
    pairs = {one: between(session, session.get_one(Version, one), new) for one in old_ids}
    return {str(one): edited(pair, edits.get(one, {})) for one, pair in pairs.items()}


def between(
    session: Session, old: Version, new: Version, mapping: Mapping[str, str] | None = None
) -> Between:
    """Lay two versions beside each other; without a mapping, as they can be told alike."""
    return between_this(session, old, compiled(new), _forms(session, new), mapping)


def between_this(
    session: Session,
    old: Version,
    after: engine.Compiled,
    forms: Mapping[str, str],
    mapping: Mapping[str, str] | None = None,
) -> Between:
    """Lay a version beside what may become one, with a hash of each of its forms."""
    before = compiled(old)
    mapping = engine.align(before, after) if mapping is None else mapping
    return Between(before, after, mapping, _forms(session, old), forms)


def edited(pair: Between, edits: Mapping[str, str]) -> dict[str, str]:
    """Give the mapping with what people say of it.

    :raises Invalid: if an element is not there, or could not be that one
    """
    mapping = dict(pair.mapping)
    for element, target in edits.items():
        if element not in pair.old.plan.nodes or target not in engine.candidates(
            pair.old, pair.new, element
        ):
            raise Invalid("no_such_mapping", element=element, to=target)
        mapping[element] = target
    return mapping


def _forms(session: Session, version: Version) -> dict[str, str]:
    def read() -> dict[str, str]:
        wanted = sa.select(VersionPart.name, VersionPart.content).where(
            VersionPart.version_id == version.id, VersionPart.kind == PartKind.FORM
        )
        return {row.name: content_hash(row.content) for row in session.execute(wanted)}

    return _known.get(version.content_hash, read)


def standings(session: Session, ids: list[int]) -> Iterator[Standing]:
    """Load cases with what is open in them, some at a time."""
    for begin in range(0, len(ids), AT_ONCE):
        some = ids[begin : begin + AT_ONCE]
        cases = session.scalars(
            sa.select(Case)
            .where(Case.id.in_(some))
            .options(undefer(Case.engine_state), joinedload(Case.unit))
        ).all()
        tasks = _by_case(session.scalars(_open_tasks(some)))
        timers = _by_case(session.scalars(_open_timers(some)))
        waits = _by_case(session.scalars(_open_waits(some)))
        drafted = frozenset(
            session.scalars(
                sa.select(Draft.task_id)
                .join(Task, Task.id == Draft.task_id)
                .where(Task.case_id.in_(some))
            )
        )
        for case in cases:
            opened, timed, waited = (
                tuple(found.get(case.id, ())) for found in (tasks, timers, waits)
            )
            yield Standing(case, opened, timed, waited, drafted)


def _open_tasks(case_ids: list[int]) -> sa.Select[Task]:
    open_ones = sa.select(Task).where(Task.case_id.in_(case_ids), Task.closed_at.is_(None))
    return open_ones.order_by(Task.id)


def _open_timers(case_ids: list[int]) -> sa.Select[Timer]:
    waiting = (Timer.closed_at.is_(None), Timer.fired_at.is_(None))
    return sa.select(Timer).where(Timer.case_id.in_(case_ids), *waiting).order_by(Timer.id)


def _open_waits(case_ids: list[int]) -> sa.Select[Wait]:
    open_ones = sa.select(Wait).where(Wait.case_id.in_(case_ids), Wait.closed_at.is_(None))
    return open_ones.order_by(Wait.id)


def _by_case(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found
