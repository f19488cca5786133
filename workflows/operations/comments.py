"""Saying something about a case, to all who see it or to somebody by name, and taking it back."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import content_hash
from workflows.cases.comments import LONGEST, REGRET, Comment
from workflows.cases.models import Case
from workflows.errors import Conflict, Invalid
from workflows.forms.values import clean
from workflows.history.rows import record
from workflows.language import on
from workflows.notices.rows import tell
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, may, require
from workflows.queries.comments import mentionable, mentioned

TWICE = timedelta(minutes=1)  # the same words again so soon are the same press of the button


def add(
    session: Session, case: Case, text: str, *, element: str | None, by: Actor, now: datetime
) -> Comment:
    """Say something; whoever is named with an @ and may see the case is told that they were.

    The record keeps the hash of the words and not the words, which a purge may have to take.

    :raises Forbidden: if `by` does not see the case, or it is secret: that holds no free words
    :raises Invalid: if nothing is said or too much, or in characters that are none
    """
    require(by, Deed.COMMENT, case)
    text = clean(text, lines=True)
    if not text or len(text) > LONGEST:
        raise Invalid("comment_length", most=LONGEST)
    if (same := _said_just_now(session, case, text, by, now)) is not None:
        return same
    named = mentioned(text, mentionable(session, case, today=on(now)))
    people = [one.id for one in named]
    comment = Comment(case=case, element=element, text=text, mentions=people, by_id=by.id, at=now)
    session.add(comment)
    session.flush()
    _tell(session, comment, "comment_added", by=by, now=now)
    what = {"case": case.key, "case_id": case.id, "person": by.id}
    tell(session, set(people) - {by.id or 0}, "mentioned", what=what, now=now)
    return comment


def withdraw(session: Session, comment: Comment, *, by: Actor, now: datetime) -> None:
    """Take a comment back: one's own soon after, any at any time as an operator of the case.

    :raises Conflict: if it is taken back already, or has stood too long to be only one's own
    :raises Forbidden: if it is neither theirs nor theirs to operate
    """
    require(by, Deed.WITHDRAW_COMMENT, comment)
    if comment.withdrawn_at is not None:
        raise Conflict("comment_gone")
    if now - comment.at > REGRET and not may(by, Deed.OPERATE_CASE, comment.case):
        raise Conflict("comment_stands", minutes=REGRET.seconds // 60)
    _tell(session, comment, "comment_withdrawn", by=by, now=now)
    comment.text, comment.withdrawn_at, comment.withdrawn_by_id = "", now, by.id
    session.flush()


def _said_just_now(
    session: Session, case: Case, text: str, by: Actor, now: datetime
) -> Comment | None:
    last = sa.select(Comment).where(Comment.case_id == case.id, Comment.by_id == by.id)
    found = session.scalars(last.order_by(Comment.id.desc()).limit(1)).first()
    return found if found and found.text == text and now - found.at < TWICE else None


def _tell(session: Session, comment: Comment, kind: str, *, by: Actor, now: datetime) -> None:
    case = comment.case
    record(
        session,
        kind,
        by=by,
        now=now,
        case_id=case.id,
        unit_id=case.unit_id,
        step=comment.element,
        what={
            "comment": comment.id,
            "hash": content_hash(comment.text.encode()),
            "mentions": comment.mentions,
        },
    )
