"""The comments of a case, and whom one may mention in it."""

import re
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.cases.comments import Comment
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Holding, Person
from workflows.permissions import Deed, may, require
from workflows.tasks.models import Task


def of_case(session: Session, case: Case) -> list[Comment]:
    """List what has been said of a case that may be seen, the latest first."""
    wanted = (
        sa.select(Comment)
        .where(Comment.case_id == case.id)
        .options(joinedload(Comment.by), joinedload(Comment.withdrawn_by))
        .order_by(Comment.id.desc())
    )
    return list(session.scalars(wanted))


def comment(session: Session, comment_id: int, *, by: Actor) -> Comment:
    """Load a comment of a case the actor may see.

    :raises NotFound: if there is none, or not for them
    """
    wanted = sa.select(Comment).where(Comment.id == comment_id)
    found = session.scalars(wanted.options(joinedload(Comment.case))).one_or_none()
    if found is None:
        raise NotFound
    require(by, Deed.SEE_CASE, found.case)
    return found


def mentionable(session: Session, case: Case, *, today: date) -> list[Person]:
    """List those who may be mentioned: who works in the unit, has had a hand in the case or
    watches over it, as far as their own roles let them see it.
    """
    near = sa.select(Holding.person_id).where(
        sa.or_(Holding.unit_id == case.unit_id, Holding.role == "central_security")
    )
    hands = (Task.done_by_id, Task.assignee_id)
    touched = (sa.select(one).where(Task.case_id == case.id, one.is_not(None)) for one in hands)
    said = sa.select(Comment.by_id).where(Comment.case_id == case.id)
    rows = session.execute(
        sa.select(Person, Holding.role, Holding.unit_id)
        .outerjoin(Holding, sa.and_(Holding.person_id == Person.id, *_on(today)))
        .where(Person.closed_at.is_(None), Person.id.in_(sa.union(near, *touched, said)))
        .order_by(Person.sort_key, Person.id)
    )
    held: dict[Person, set[Held]] = {}
    for person, role, unit_id in rows:
        held.setdefault(person, set()).update([Held(role, unit_id)] if role else [])
    return [
        person
        for person, roles in held.items()
        if may(Actor(person.id, person.name, frozenset(roles)), Deed.SEE_CASE, case)
    ]


def mentioned(text: str, people: Iterable[Person]) -> list[Person]:
    """Tell whom a text names, each with an @ before their whole name."""
    return [
        one
        for one in people
        if re.search(rf"@{re.escape(one.name)}(?!\w)", text, flags=re.IGNORECASE)
    ]


def _on(today: date) -> list[sa.ColumnElement[bool]]:
    return [
        sa.or_(Holding.from_on.is_(None), Holding.from_on <= today),
        sa.or_(Holding.to_on.is_(None), Holding.to_on >= today),
    ]
