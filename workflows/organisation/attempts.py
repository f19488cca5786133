"""Counting failed sign-ins and the wait each earns; the rows are shared by all processes.

An attempt is counted before the password is looked at, so that a hundred sent at once are a hundred
and not one. These counts are traces, in transactions of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.database import add_unless_there
from workflows.organisation.accounts import Attempts

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures are free; each one more doubles the wait, up to the longest."""

    free: int
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """Say how long nobody may try after so many failures."""
        beyond = failures - self.free
        if beyond <= 0:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2 ** min(beyond, 30)))


ACCOUNT = Limit(free=4, longest=timedelta(seconds=60))  # so nobody is locked out by others
DEVICE = Limit(free=4, longest=timedelta(seconds=60))
ADDRESS = Limit(free=30, longest=timedelta(minutes=5))  # a town hall shares one


@dataclass(frozen=True, slots=True)
class Count:
    """One thing failures are counted by."""

    key: str
    limit: Limit


def begin(session: Session, counts: Sequence[Count], *, now: datetime) -> timedelta:
    """Count an attempt as failed until `succeeded` says otherwise; returns the wait if any.

    A barred attempt is not counted: whoever waits as told gets in.
    """
    counts = sorted(counts, key=lambda count: count.key)  # one order, or two would lock each other
    rows = [_locked(session, count.key, now) for count in counts]
    wait = max(row.until_at - now for row in rows)
    if wait > timedelta(0):
        return wait
    for row, count in zip(rows, counts, strict=True):
        stale = now - row.last_at >= FORGOTTEN_AFTER
        row.failures = 1 if stale else row.failures + 1
        row.last_at = now
        row.until_at = now + count.limit.wait_after(row.failures)
    session.flush()
    return timedelta(0)


def succeeded(session: Session, counts: Sequence[Count], *, now: datetime) -> None:
    """Forget the failures of an account or device; take back the one counted on an address."""
    for count in sorted(counts, key=lambda count: count.key):
        row = _locked(session, count.key, now)
        row.failures = max(0, row.failures - 1) if count.limit is ADDRESS else 0
        row.until_at = now
    session.flush()


def failures(session: Session, count: Count) -> int:
    """Return how many failures are counted."""
    return session.scalar(sa.select(Attempts.failures).where(Attempts.key == count.key)) or 0


def _locked(session: Session, key: str, now: datetime) -> Attempts:
    add_unless_there(session, Attempts, key=key, failures=0, last_at=now, until_at=now)
    return session.scalars(
        sa.select(Attempts)
        .where(Attempts.key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
