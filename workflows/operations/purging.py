"""Carrying a list of what is weeded out through, one thing at a time.

A purge takes what events tell and leaves their headers and hashes; an event of its own, which no
purge takes, says which. So the chain holds, and what was removed any other way is found.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.history.proof import PURGED
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.permissions import Deed, require
from workflows.queries import retention as questions
from workflows.registers.models import Entry
from workflows.retention import rows
from workflows.retention.models import DisposalItem, Kind, Outcome


def purge(session: Session, item_id: int, *, by: Actor, now: datetime) -> None:
    """Remove one thing on an approved list, if its rule still says so and no stop keeps it."""
    require(by, Deed.PURGE, None)
    item = session.get_one(DisposalItem, item_id, with_for_update=True)
    if item.due_at is None:
        return
    due = questions.still_due(session, item, by=by, now=now)
    item.due_at = None
    if due is None or due.is_held:
        item.outcome = Outcome.HELD if due else Outcome.GONE
        what = {"disposal": item.disposal_id, "kind": item.kind, "thing": item.thing_id}
        record(session, "disposal_spared", by=by, now=now, unit_id=item.unit_id, what=what)
        return
    item.outcome = Outcome.PURGED
    _PURGES[item.kind](session, item, by=by, now=now)


def _purge_case(session: Session, item: DisposalItem, *, by: Actor, now: datetime) -> None:
    case = session.scalars(sa.select(Case).where(Case.id == item.thing_id).with_for_update()).one()
    removed = rows.purge_case(session, case, now=now)
    told = rows.events_of_case(case.id, but=PURGED)
    _forget(session, item, told, {"removed": removed}, case=case, by=by, now=now)


def _purge_papers(session: Session, item: DisposalItem, *, by: Actor, now: datetime) -> None:
    case = session.scalars(sa.select(Case).where(Case.id == item.thing_id).with_for_update()).one()
    removed = rows.purge_papers(session, case, now=now)
    _forget(session, item, None, {"removed": removed}, case=case, by=by, now=now)


def _purge_entry(session: Session, item: DisposalItem, *, by: Actor, now: datetime) -> None:
    identity = session.get_one(Entry, item.thing_id).identity
    cases = rows.purge_entry(session, identity)
    told = rows.events_of_entry(session, identity, cases)
    _forget(session, item, told, {"identity": identity}, by=by, now=now)


def _pseudonymise(session: Session, item: DisposalItem, *, by: Actor, now: datetime) -> None:
    person = session.get_one(Person, item.thing_id)
    removed = rows.pseudonymise(session, person, now=now)
    told = rows.events_of_person(session, person.id)
    more = {"person": person.id, "removed": removed}
    _forget(session, item, told, more, by=by, now=now)


_PURGES = {
    Kind.CASES: _purge_case,
    Kind.PAPERS: _purge_papers,
    Kind.REGISTER: _purge_entry,
    Kind.PEOPLE: _pseudonymise,
}


def _forget(
    session: Session,
    item: DisposalItem,
    which: sa.ColumnElement[bool] | None,
    more: dict[str, object],
    *,
    case: Case | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Write in each chain which of its events no longer tell anything, and by which list; then take
    that out of them, which the database refuses until it is written."""
    gone: dict[int | None, rows.Numbers] = {case.id if case else None: []}
    gone |= rows.telling(session, which) if which is not None else {}
    for of_case, numbers in sorted(gone.items(), key=lambda one: one[0] or 0):
        what = {"disposal": item.disposal_id, "kind": item.kind, "numbers": numbers} | more
        record(session, PURGED, by=by, now=now, case_id=of_case, unit_id=item.unit_id, what=what)
    if which is not None:
        rows.forget(session, which)
