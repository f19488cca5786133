"""What is to go by the rules today, what a stop keeps, and what is held of a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.comments import Comment
from workflows.cases.models import OPEN, Case
from workflows.database import Base
from workflows.errors import NotFound
from workflows.language import ZONE, on
from workflows.organisation.actor import Actor
from workflows.organisation.mandates import with_below
from workflows.organisation.models import Person, Unit
from workflows.permissions import Deed, require
from workflows.processes.models import Process, Secrecy
from workflows.registers.models import Entry, EntryState
from workflows.retention import rows
from workflows.retention.models import (
    Disposal,
    DisposalItem,
    Fate,
    Kind,
    LegalHold,
    RetentionRule,
)
from workflows.tasks.models import Task

MOST = 2000  # things on one list


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is to go; `is_held` when a stop keeps it."""

    kind: Kind
    key: str
    fate: Fate
    thing_id: int
    label: str
    unit_id: int | None
    closed_at: datetime
    is_held: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What is to go by one rule: how many, since when the oldest, and how many a stop keeps."""

    rule: RetentionRule
    things: tuple[Due, ...]

    @property
    def going(self) -> tuple[Due, ...]:
        return tuple(one for one in self.things if not one.is_held)

    @property
    def oldest(self) -> datetime:
        return min(one.closed_at for one in self.things)


def rules(session: Session, *, by: Actor) -> dict[tuple[Kind, str], RetentionRule]:
    """Give the rules that are set, by what they are for.

    :raises Forbidden: if the actor does not look after them
    """
    require(by, Deed.KEEP_RETENTION, None)
    return {(one.kind, one.key): one for one in session.scalars(sa.select(RetentionRule))}


def preview(session: Session, *, by: Actor, now: datetime) -> list[Part]:
    """Show exactly what would go today, by each rule that lets anything go.

    :raises Forbidden: if the actor does not look after it
    """
    require(by, Deed.KEEP_RETENTION, None)
    wanted = sa.select(RetentionRule).where(RetentionRule.fate != Fate.KEEP)
    found = session.scalars(wanted.order_by(RetentionRule.kind, RetentionRule.key)).all()
    stops = _stops(session)
    parts = [Part(rule, tuple(_due(session, rule, stops, by=by, now=now))) for rule in found]
    return [one for one in parts if one.things]


def still_due(session: Session, item: DisposalItem, *, by: Actor, now: datetime) -> Due | None:
    """Ask of one thing on a list whether its rule still lets it go; None if not."""
    found = {"kind": item.kind, "key": item.key, "fate": item.fate}
    rule = session.scalars(sa.select(RetentionRule).filter_by(**found)).first()
    if rule is None:
        return None
    due = _due(session, rule, _stops(session), by=by, now=now, thing_id=item.thing_id)
    return next(due, None)


def sees_all_of(session: Session, disposal: Disposal, *, by: Actor, now: datetime) -> bool:
    """Tell whether somebody sees all that is on a list: who approves it must."""
    items = session.scalars(
        sa.select(DisposalItem)
        .where(DisposalItem.disposal_id == disposal.id)
        .order_by(DisposalItem.kind, DisposalItem.key)
    )
    return all(
        {one.thing_id for one in some} <= _seen(session, kind, by)
        for kind, some in groupby(items, attrgetter("kind"))
    )


def disposals(session: Session, *, by: Actor) -> list[Disposal]:
    """List the lists that were drawn up, the latest first."""
    require(by, Deed.KEEP_RETENTION, None)
    people = joinedload(Disposal.made_by), joinedload(Disposal.approved_by)
    wanted = sa.select(Disposal).options(*people).order_by(Disposal.id.desc()).limit(50)
    return list(session.scalars(wanted))


def disposal(session: Session, disposal_id: int, *, by: Actor) -> Disposal:
    """Find one list.

    :raises NotFound: if there is none
    """
    require(by, Deed.KEEP_RETENTION, None)
    found = session.get(Disposal, disposal_id)
    if found is None:
        raise NotFound
    return found


def items(session: Session, disposal: Disposal) -> list[DisposalItem]:
    """List what is on a list."""
    wanted = sa.select(DisposalItem).where(DisposalItem.disposal_id == disposal.id)
    return list(session.scalars(wanted.order_by(DisposalItem.id)))


def holds(session: Session, *, by: Actor) -> list[LegalHold]:
    """List the stops that stand."""
    require(by, Deed.KEEP_RETENTION, None)
    things = joinedload(LegalHold.case), joinedload(LegalHold.unit)
    wanted = sa.select(LegalHold).where(LegalHold.lifted_at.is_(None)).options(*things)
    return list(session.scalars(wanted.order_by(LegalHold.id)))


def held_of(session: Session, person: Person, *, by: Actor) -> dict[str, list[dict[str, Any]]]:
    """List every row that points at a person, by table and column; what others wrote of them in
    their own words is not found so.

    :raises NotFound: if it is not oneself, and one does not look after people
    """
    require(by, Deed.SEE_PERSON, person)
    found: dict[str, list[dict[str, Any]]] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                told = [one for one in table.columns if _may_be_told(one)]
                wanted = sa.select(*told).where(column == person.id).order_by(*table.primary_key)
                if lines := [dict(row._mapping) for row in session.execute(wanted)]:
                    found[f"{table.name}.{column.name}"] = lines
    return found


def _may_be_told(column: sa.Column[Any]) -> bool:
    """Leave out what is a secret of the account, and what is the case's and not the person's."""
    is_content = isinstance(column.type, sa.LargeBinary | sa.JSON)
    return not is_content and not column.name.endswith(("hash", "secret", "_key", "challenge"))


# --- what the rules let go ------------------------------------------------------------------


def _due(
    session: Session,
    rule: RetentionRule,
    stops: tuple[set[int], set[int]],
    *,
    by: Actor,
    now: datetime,
    thing_id: int | None = None,
) -> Iterator[Due]:
    if rule.fate is Fate.KEEP:
        return
    wanted, thing, closed_at = WANTED[rule.kind](rule.key)
    before = _years_before(on(now), rule.years)
    wanted = wanted.where(closed_at < datetime.combine(before, time(), ZONE))
    wanted = wanted.where(thing == thing_id) if thing_id is not None else wanted
    wanted = wanted.where(_may_let_go(by, rule.kind)).order_by(closed_at, thing).limit(MOST)
    units, cases = stops
    for found_id, label, unit_id, case_id, at in session.execute(wanted):
        is_held = unit_id in units or case_id in cases
        yield Due(rule.kind, rule.key, rule.fate, found_id, label, unit_id, at, is_held)


Wanted = tuple[Any, sa.SQLColumnExpression[int], sa.SQLColumnExpression[Any]]


def _cases(key: str) -> Wanted:
    wanted = (
        sa.select(Case.id, Case.key, Case.unit_id, Case.id, Case.closed_at)
        .join(Case.process)
        .where(Process.key == key, Case.state.not_in(OPEN), Case.purged_at.is_(None))
    )
    return wanted, Case.id, Case.closed_at


def _papers(key: str) -> Wanted:
    wanted, thing, closed_at = _cases(key)
    said = sa.exists().where(Comment.case_id == Case.id)
    files, documents = rows.superseded(Case.id).exists(), rows.earlier(Case.id).exists()
    return wanted.where(sa.or_(said, files, documents)), thing, closed_at


def _entries(key: str) -> Wanted:
    """Rows of a register of which no version stands or is proposed any more; the last of each."""
    other = sa.orm.aliased(Entry)
    is_last = ~sa.exists().where(
        other.identity == Entry.identity,
        sa.or_(other.id > Entry.id, other.state.in_((EntryState.APPROVED, EntryState.PROPOSED))),
    )
    label = sa.literal(f"{key} ") + sa.cast(Entry.id, sa.Text)
    wanted = sa.select(Entry.id, label, Entry.unit_id, Entry.case_id, Entry.closed_at).where(
        Entry.register == key,
        Entry.state.not_in((EntryState.APPROVED, EntryState.PROPOSED)),
        is_last,
    )
    return wanted, Entry.id, Entry.closed_at


def _people(_key: str) -> Wanted:
    theirs = (Task.done_by_id, Task.done_for_id, Task.assignee_id)
    in_open_case = sa.exists().where(
        sa.or_(*(column == Person.id for column in theirs)),
        Task.case_id == Case.id,
        Case.state.in_(OPEN),
    )
    label = sa.cast(Person.id, sa.Text).label("label")
    wanted = sa.select(Person.id, label, Person.unit_id, sa.null(), Person.closed_at).where(
        Person.closed_at.is_not(None), Person.purged_at.is_(None), ~in_open_case
    )
    return wanted, Person.id, Person.closed_at


WANTED = {
    Kind.CASES: _cases, Kind.PAPERS: _papers, Kind.REGISTER: _entries, Kind.PEOPLE: _people,
}  # fmt: skip


def _may_let_go(by: Actor, kind: Kind) -> sa.ColumnElement[bool]:
    """What somebody may let go: an administrator all but what is secret, a registrar what is of
    their units, and whoever guards secrets all."""
    if by.is_system or by.holds_anywhere("protective_security_chief"):
        return sa.true()
    if kind is Kind.PEOPLE:
        return sa.true() if by.holds_anywhere("administrator") else sa.false()
    unit_id, secrecy = (
        (Entry.unit_id, Entry.level) if kind is Kind.REGISTER else (Case.unit_id, Case.secrecy)
    )
    theirs: sa.ColumnElement[bool] = sa.true()
    if not by.holds_anywhere("administrator"):
        registrar = {held.unit_id for held in by.held if held.role == "registrar"}
        theirs = unit_id.in_(sorted(registrar))
    return sa.and_(secrecy != Secrecy.SECRET, theirs)


def _seen(session: Session, kind: Kind, by: Actor) -> set[int]:
    table = {Kind.REGISTER: Entry.id, Kind.PEOPLE: Person.id}.get(kind, Case.id)
    return set(session.scalars(sa.select(table).where(_may_let_go(by, kind))))


def _stops(session: Session) -> tuple[set[int], set[int]]:
    """The units a stop is set on, with all below them, and the cases."""
    wanted = sa.select(LegalHold.unit_id, LegalHold.case_id).where(LegalHold.lifted_at.is_(None))
    stops = session.execute(wanted).all()
    units = {unit for unit, _ in stops if unit is not None}
    if units:
        units = with_below(units, dict(session.execute(sa.select(Unit.id, Unit.parent_id)).all()))
    return units, {case for _, case in stops if case is not None}


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - years, day=28)
