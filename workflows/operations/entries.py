"""What people do to entries of registers: say how it goes, and how secret a row is.

What stands never changes: each of these deeds lets a new version take its place.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from workflows import forms
from workflows.errors import Conflict, Invalid
from workflows.follow_up.year_rows import refuse_frozen
from workflows.history.rows import record
from workflows.language import on
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, keeping, require
from workflows.processes.models import Secrecy
from workflows.registers import content, deciding
from workflows.registers.models import SECRET, Entry, EntryState, Marking
from workflows.registers.reading import changing


def change(
    session: Session,
    entry: Entry,
    raw: Mapping[str, object],
    *,
    seen: int,
    by: Actor,
    now: datetime,
) -> Entry:
    """Change the owner, the day, the status or what else of it may be changed by hand.

    :raises Conflict: if it stands no more, or has changed since it was `seen`
    :raises Forbidden: if `by` does not answer for it
    :raises Invalid: if the answers do not hold, or say nothing new
    """
    by = keeping(by, entry)
    require(by, Deed.CHANGE_ENTRY, entry)
    _must_stand(session, entry, seen)
    form = changing(entry.register)
    checked = forms.check(form, dict(raw), forms.Facts(names={"today": on(now)}))
    if isinstance(checked, forms.Errors):
        raise Invalid("answers", problems=checked)
    if not content.differs(entry, checked.stored):
        raise Invalid("nothing_differs")
    made = deciding.next_version(session, entry, checked.stored, now=now)
    made.entry.told_at = now
    _tell(session, "entry_changed", made.entry, made.changed, by=by, now=now)
    return made.entry


def stand_by(session: Session, entry: Entry, *, seen: int, by: Actor, now: datetime) -> None:
    """Say that it goes as was said last; that somebody has said so again is worth knowing.

    :raises Conflict: if it stands no more, or has changed since it was `seen`
    :raises Forbidden: if `by` does not answer for it
    """
    by = keeping(by, entry)
    require(by, Deed.CHANGE_ENTRY, entry)
    _must_stand(session, entry, seen)
    entry.told_at = now
    _tell(session, "entry_unchanged", entry, {}, by=by, now=now)


def mark(
    session: Session,
    entry: Entry,
    secrecy: Marking,
    why: str,
    *,
    seen: int,
    by: Actor,
    now: datetime,
) -> Entry:
    """Say how secret a row is; less secret than before waits for a second person.

    :raises Conflict: if it is over, or has changed since it was `seen`
    :raises Forbidden: if `by` does not answer for it
    :raises Invalid: without a reason, or if it says nothing new
    """
    by = keeping(by, entry)
    require(by, Deed.CHANGE_ENTRY, entry)
    if entry.state not in (EntryState.PROPOSED, EntryState.APPROVED) or entry.revision != seen:
        raise Conflict("overtaken")
    why = _reason(why)
    if secrecy is entry.secrecy:
        raise Invalid("nothing_differs")
    was_secret = entry.secrecy in SECRET or entry.level is Secrecy.SECRET
    if was_secret and secrecy not in SECRET:
        entry.lowering = {"to": secrecy.value, "by": by.id, "for": by.acting_for_id, "why": why}
        changed = {"lowering": (None, secrecy.value)}
        _tell(session, "lowering_asked_for", entry, changed, by=by, now=now, why=why)
        return entry
    return _marked(session, entry, secrecy, why, by=by, now=now)


def decide_lowering(
    session: Session, entry: Entry, why: str, *, agrees: bool, seen: int, by: Actor, now: datetime
) -> Entry:
    """Let a row be less secret, as somebody else has asked for, or let it stay as it is.

    :raises Conflict: if nobody asks for it any more
    :raises Forbidden: unless `by` guards secrets, and did not ask for it
    :raises Invalid: without a reason
    """
    by = keeping(by, entry)
    require(by, Deed.DECLASSIFY, entry)
    asked = entry.lowering
    if asked is None or entry.revision != seen:
        raise Conflict("overtaken")
    why = _reason(why)
    if agrees:
        return _marked(session, entry, Marking(asked["to"]), why, by=by, now=now)
    entry.lowering = None
    changed = {"lowering": (asked["to"], None)}
    _tell(session, "lowering_refused", entry, changed, by=by, now=now, why=why)
    return entry


def _marked(
    session: Session, entry: Entry, secrecy: Marking, why: str, *, by: Actor, now: datetime
) -> Entry:
    changed: Mapping[str, object] = {"secrecy": (entry.secrecy.value, secrecy.value)}
    if entry.state is EntryState.APPROVED:
        entry = deciding.next_version(session, entry, {}, secrecy=secrecy, now=now).entry
    else:
        entry.secrecy, entry.lowering = secrecy, None
    _tell(session, "entry_marked", entry, changed, by=by, now=now, why=why)
    return entry


def _must_stand(session: Session, entry: Entry, seen: int) -> None:
    if entry.state is not EntryState.APPROVED or entry.revision != seen:
        raise Conflict("overtaken")
    refuse_frozen(session, entry.unit_id, entry.year)


def _reason(why: str) -> str:
    if not why.strip():
        raise Invalid("reason_missing")
    return why.strip()


def _tell(
    session: Session,
    kind: str,
    entry: Entry,
    changed: Mapping[str, object],
    *,
    by: Actor,
    now: datetime,
    why: str | None = None,
) -> None:
    """Write it down with its case; what is secret and of no case is told of without its words."""
    session.flush()
    what: dict[str, object] = {
        "register": entry.register, "identity": entry.identity, "id": entry.id, "name": "–",
        "state": entry.state,
    }  # fmt: skip
    if entry.base_id is not None:
        what["base"] = entry.base_id
    if entry.case_id is not None or entry.level is not Secrecy.SECRET:
        what |= {"name": entry.name, "changed": dict(changed)}
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=entry.case_id,
        unit_id=entry.unit_id,
        what=what,
        why=why,
    )
