"""Forgetting what signing in left behind, when nobody can need it any more."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.organisation.accounts import Attempts, Invitation, SignIn

# A browser that signed in this lately is still known, and has a count of attempts of its own.
SIGN_INS_KEPT = timedelta(days=180)
INVITATIONS_KEPT = timedelta(days=30)
ATTEMPTS_KEPT = timedelta(days=30)


def forget_old(session: Session, *, now: datetime) -> int:
    """Take away old sign-ins, invitations and counts of attempts; the record tells what was."""
    old = (
        sa.delete(SignIn).where(SignIn.expires_at < now - SIGN_INS_KEPT),
        sa.delete(Invitation).where(Invitation.expires_at < now - INVITATIONS_KEPT),
        sa.delete(Attempts).where(Attempts.last_at < now - ATTEMPTS_KEPT),
    )
    return sum(
        session.execute(each).rowcount  # type: ignore[attr-defined]  # a deletion has one
        for each in old
    )
