"""Weeding out: the rules, the stops, and a list that two people agree on (`purging` does it)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows import registers
from workflows.cases.models import Case
from workflows.errors import Conflict, Forbidden, Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may, require
from workflows.processes.rows import find as find_process
from workflows.queries import retention as questions
from workflows.retention.models import (
    Disposal,
    DisposalItem,
    Fate,
    Kind,
    LegalHold,
    RetentionRule,
)

MOST_YEARS, LONGEST = 100, 500


def set_rule(
    session: Session,
    kind: Kind,
    key: str,
    fate: Fate,
    years: int,
    basis: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Say how long one kind of thing is kept, and by which decision.

    :raises Forbidden: if the actor does not look after the rules
    :raises Invalid: if there is no such kind of thing, the years are wrong, or the basis is missing
    """
    require(by, Deed.KEEP_RETENTION, None)
    is_there = {
        Kind.REGISTER: lambda: key in registers.names(),
        Kind.PEOPLE: lambda: key == "",
    }.get(kind, lambda: find_process(session, key) is not None)()
    basis = " ".join(basis.split())[:LONGEST]
    if not is_there or not 0 <= years <= MOST_YEARS or (fate is not Fate.KEEP and not basis):
        raise Invalid("retention_rule", most=MOST_YEARS)
    if fate is Fate.ARCHIVE and kind is not Kind.CASES:
        raise Invalid("retention_rule", most=MOST_YEARS)
    new = {"fate": fate, "years": years, "basis": basis}
    wanted = sa.select(RetentionRule).filter_by(kind=kind, key=key).with_for_update()
    rule = session.scalars(wanted).first()
    old = {name: getattr(rule, name) for name in new} if rule else None
    if old == new:
        return
    if rule is None:
        rule = RetentionRule(kind=kind, key=key)
        session.add(rule)
    rule.fate, rule.years, rule.basis = fate, years, basis
    what = {"kind": kind, "key": key, "old": old, "new": new}
    record(session, "retention_rule_set", by=by, now=now, what=what)


def hold(session: Session, thing: Case | Unit, why: str, *, by: Actor, now: datetime) -> LegalHold:
    """Set a stop: nothing of a case, or of a unit and those below it, goes while it stands.

    :raises Forbidden: if the actor does not look after the rules
    :raises Invalid: if no reason is given
    """
    require(by, Deed.KEEP_RETENTION, None)
    if not why.strip():
        raise Invalid("reason_missing")
    is_case = isinstance(thing, Case)
    made = LegalHold(
        case_id=thing.id if is_case else None,
        unit_id=None if is_case else thing.id,
        why=why.strip()[:LONGEST],
        set_at=now,
        set_by_id=by.id,
    )
    session.add(made)
    session.flush()
    _tell_of_hold(session, made, "hold_set", why=made.why, by=by, now=now)
    return made


def lift(session: Session, hold: LegalHold, *, by: Actor, now: datetime) -> None:
    """Take a stop away.

    :raises Conflict: if it is gone already
    :raises Forbidden: if the actor does not look after the rules
    """
    require(by, Deed.KEEP_RETENTION, None)
    if hold.lifted_at is not None:
        raise Conflict("hold_lifted")
    hold.lifted_at = now
    _tell_of_hold(session, hold, "hold_lifted", by=by, now=now)


def draw_up(session: Session, *, by: Actor, now: datetime) -> Disposal:
    """Draw up a list of what is to go today, for a second person to approve.

    :raises Conflict: if nothing is to go
    :raises Forbidden: if the actor does not look after it
    """
    require(by, Deed.KEEP_RETENTION, None)
    going = [one for part in questions.preview(session, by=by, now=now) for one in part.going]
    waiting = sa.select(DisposalItem.kind, DisposalItem.thing_id).where(
        DisposalItem.outcome.is_(None),
        DisposalItem.disposal_id.in_(sa.select(Disposal.id).where(Disposal.dropped_at.is_(None))),
    )
    listed = {(kind, thing) for kind, thing in session.execute(waiting)}
    going = [one for one in going if (one.kind, one.thing_id) not in listed]
    if not going:
        raise Conflict("nothing_to_dispose")
    made = Disposal(made_at=now, made_by_id=by.id, count=len(going))
    session.add(made)
    session.flush()
    session.add_all(
        DisposalItem(
            disposal_id=made.id,
            kind=one.kind,
            key=one.key,
            fate=one.fate,
            thing_id=one.thing_id,
            label=one.label,
            unit_id=one.unit_id,
            closed_at=one.closed_at,
        )
        for one in going
    )
    what = {"disposal": made.id, "count": len(going), "oldest": min(o.closed_at for o in going)}
    record(session, "disposal_drawn_up", by=by, now=now, what=what)
    return made


def approve(session: Session, disposal: Disposal, *, by: Actor, now: datetime) -> None:
    """Let what is on a list go; what the e-archive is to have waits for its receipt.

    :raises Conflict: if it is decided already
    :raises Forbidden: if it is their own list, or they may not see all that is on it
    """
    require(by, Deed.APPROVE_DISPOSAL, disposal)
    _require_undecided(disposal)
    if not questions.sees_all_of(session, disposal, by=by, now=now):
        raise Forbidden("disposal_not_all_seen")
    disposal.approved_at, disposal.approved_by_id = now, by.id
    _let_go(session, disposal, Fate.PURGE, now=now)
    what = {"disposal": disposal.id, "count": disposal.count}
    record(session, "disposal_approved", by=by, now=now, what=what)


def drop(session: Session, disposal: Disposal, *, by: Actor, now: datetime) -> None:
    """Throw a list away before it is approved; nothing goes.

    :raises Conflict: if it is decided already
    """
    require(by, Deed.KEEP_RETENTION, None)
    _require_undecided(disposal)
    disposal.dropped_at = now
    record(session, "disposal_dropped", by=by, now=now, what={"disposal": disposal.id})


def receive(
    session: Session, disposal: Disposal, receipt: str, *, by: Actor, now: datetime
) -> None:
    """Say that the e-archive has what it is to have: then it goes here.

    :raises Conflict: if the list is not approved, or that was said already
    :raises Forbidden: if they may not see all of it
    :raises Invalid: if the receipt is missing
    """
    require(by, Deed.KEEP_RETENTION, None)
    if disposal.approved_at is None or disposal.received_at is not None:
        raise Conflict("disposal_decided")
    if not receipt.strip():
        raise Invalid("receipt_missing")
    archived = sa.select(DisposalItem.thing_id).filter_by(
        disposal_id=disposal.id, fate=Fate.ARCHIVE
    )
    handed_over = session.scalars(sa.select(Case).where(Case.id.in_(archived)))
    if not all(may(by, Deed.SEE_CASE, case) for case in handed_over):
        raise Forbidden("disposal_not_all_seen")  # what they took away cannot have been all of it
    disposal.receipt, disposal.received_at = receipt.strip()[:LONGEST], now
    _let_go(session, disposal, Fate.ARCHIVE, now=now)
    what = {"disposal": disposal.id, "receipt": disposal.receipt}
    record(session, "disposal_received", by=by, now=now, what=what)


def _tell_of_hold(
    session: Session,
    hold: LegalHold,
    kind: str,
    *,
    why: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    record(
        session, kind, by=by, now=now, case_id=hold.case_id, unit_id=hold.unit_id,
        what={"hold": hold.id}, why=why,
    )  # fmt: skip


def _require_undecided(disposal: Disposal) -> None:
    if disposal.approved_at is not None or disposal.dropped_at is not None:
        raise Conflict("disposal_decided")


def _let_go(session: Session, disposal: Disposal, fate: Fate, *, now: datetime) -> None:
    of_list = sa.update(DisposalItem).where(DisposalItem.disposal_id == disposal.id)
    session.execute(of_list.where(DisposalItem.fate == fate).values(due_at=now))
