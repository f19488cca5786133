"""Secret addresses for calendar programs: making one, which is shown once, and ending it."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import content_hash
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.notices.models import Feed, FeedKind
from workflows.organisation.actor import Actor
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, require

MOST = 20
BYTES = 32


def make(
    session: Session,
    kind: FeedKind,
    *,
    role: str | None = None,
    unit_id: int | None = None,
    by: Actor,
    now: datetime,
) -> str:
    """Make an address for one's own deadlines, a role's or a unit's; returns its secret part.

    :raises Conflict: if one has many already
    :raises Forbidden: if one does not hold the role, or any role in the unit
    """
    if kind is FeedKind.ROLE and role not in ROLES:
        raise Invalid("unknown_role")
    token = secrets.token_urlsafe(BYTES)
    feed = Feed(
        token_hash=content_hash(token),
        person_id=by.id,
        kind=kind,
        role=role if kind is FeedKind.ROLE else None,
        unit_id=unit_id if kind is not FeedKind.PERSON else None,
        made_at=now,
    )
    require(by, Deed.READ_FEED, feed)
    still = sa.select(sa.func.count(Feed.id)).where(
        Feed.person_id == by.id, Feed.ended_at.is_(None)
    )
    if (session.scalar(still) or 0) >= MOST:
        raise Conflict("too_many_feeds", most=MOST)
    session.add(feed)
    session.flush()
    what = {"feed": feed.id, "kind": kind, "role": feed.role}
    record(session, "feed_made", by=by, now=now, unit_id=feed.unit_id, what=what)
    return token


def renew(session: Session, feed: Feed, *, by: Actor, now: datetime) -> str:
    """Let an address lead nowhere and make another for the same; returns its secret part.

    :raises NotFound: if it is somebody else's
    :raises Conflict: if it has ended
    :raises Forbidden: if one has lost the right to what it tells
    """
    end(session, feed, by=by, now=now)
    return make(session, feed.kind, role=feed.role, unit_id=feed.unit_id, by=by, now=now)


def end(session: Session, feed: Feed, *, by: Actor, now: datetime) -> None:
    """End an address: from now on it leads nowhere.

    :raises NotFound: if it is somebody else's
    :raises Conflict: if it has ended
    """
    require(by, Deed.END_FEED, feed)
    if feed.ended_at is not None:
        raise Conflict("feed_ended")
    feed.ended_at = now
    record(session, "feed_ended", by=by, now=now, what={"feed": feed.id})
