"""A register as it stood at a moment, by the events that tell of its rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.history.contents import content
from workflows.history.models import Event
from workflows.language import fold
from workflows.organisation.actor import Actor
from workflows.queries.registers import visible_to
from workflows.registers import Definition
from workflows.registers.content import fill, plain
from workflows.registers.models import Entry, EntryState

# What became of a row, where its event does not say it outright (those before version 0.5).
DEEDS = {
    "proposed": "proposed",
    "version_proposed": "proposed",
    "approved": "approved",
    "confirmed": "approved",
    "withdrawn": "withdrawn",
    "taken_out": "withdrawn",
    "ended": "ended",
}
ASIDE = ("secrecy", "lowering")  # told of among what changed, but no column


@dataclass(slots=True)
class EntryThen:
    """One version of a row: what it said, and whether it stood."""

    id: int
    identity: str
    state: str
    base_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    is_told: bool = True  # not: what it said is told nowhere but in the row


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a register that stood, as lists show them; and how many cannot be told."""

    entries: list[Entry]
    untold: int


def register(
    session: Session,
    wanted: Definition,
    *,
    unit_id: int | None = None,
    by: Actor,
    at: datetime,
) -> Found:
    """Say what stood in a register at a moment, of what the actor may see today, by name."""
    of_unit = () if unit_id is None else (Entry.unit_id == unit_id,)
    mine = (Entry.register == wanted.id, *of_unit)
    cases = sa.select(Entry.case_id).where(*mine, Entry.case_id.is_not(None)).distinct()
    # The city's chain tells of what came from files and of what no case wrote.
    events = sa.select(Event).where(
        sa.or_(Event.case_id.in_(cases), Event.case_id.is_(None)),
        Event.at <= at,
        Event.what.contains(f'"register":"{wanted.id}"', autoescape=True),
    )
    then = folded(session.scalars(events.order_by(Event.id)), wanted.id)
    stood = {key: one for key, one in then.items() if one.state == EntryState.APPROVED}
    rows = session.scalars(
        sa.select(Entry).where(*mine, visible_to(by)).options(joinedload(Entry.unit))
    )
    seen = {row.id: row for row in rows}
    shown = [
        _as_it_was(session, wanted, seen[key], one)
        for key, one in stood.items()
        if key in seen and one.is_told
    ]
    shown.sort(key=lambda entry: (entry.sort_key, entry.id))
    return Found(shown, sum(key in seen and not one.is_told for key, one in stood.items()))


def folded(events: Iterable[Event], name: str) -> dict[int, EntryThen]:
    """Let events happen to the rows of a register, one after the other."""
    found: dict[int, EntryThen] = {}
    for event in events:
        what = content(event.what)
        rows = what.get("entries")
        for row in rows if isinstance(rows, list) else [what]:
            if row.get("register", name) == name and "identity" in row:
                _happen(found, row)
    return found


def _happen(found: dict[int, EntryThen], row: Mapping[str, Any]) -> None:
    key, identity = row["id"], row["identity"]
    one = found.get(key)
    if one is None:
        base_id = row.get("base") or _standing(found, identity)
        base = found.get(base_id) if base_id else None
        is_told = row.get("name") != "–" and "register" in row and (base is None or base.is_told)
        one = found[key] = EntryThen(key, identity, "approved", base_id, is_told=is_told)
        one.data.update(base.data if base else {})
    one.identity, one.base_id = identity, row.get("base", one.base_id)
    for name, (_, new) in (row.get("changed") or {}).items():
        one.data[name] = new
        if new is None or name in ASIDE:
            del one.data[name]
    one.state = row.get("state") or DEEDS.get(row.get("deed", ""), one.state)
    base = found.get(one.base_id or 0)
    if base is not None and row.get("deed") == "taken_out":
        base.state = "approved"
    elif base is not None and one.state == "approved" and base.state == "approved":
        base.state = "superseded"


def _standing(found: Mapping[int, EntryThen], identity: str) -> int | None:
    alike = [
        one.id for one in found.values() if (one.identity, one.state) == (identity, "approved")
    ]
    return alike[-1] if alike else None


def _as_it_was(session: Session, wanted: Definition, row: Entry, one: EntryThen) -> Entry:
    """Make the row as it was: never added to the session."""
    with session.no_autoflush:
        entry = Entry(
            id=row.id,
            register=wanted.id,
            identity=one.identity,
            unit_id=row.unit_id,
            year=row.year,
            state=EntryState.APPROVED,
            level=row.level,
            secrecy=row.secrecy,
            # whose it was is said by its name: nobody need be looked for
            owner_key=fold(plain(one.data.get(wanted.owner))) if wanted.owner else "",
        )
        fill(session, wanted, entry, one.data)
    entry.__dict__["unit"] = row.unit
    return entry
