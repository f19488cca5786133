"""Mail: how often one wants it, gathering what is to be told into letters, and sending them.

A letter is sent outside every transaction: taken for a while (`take`), handed to the server, and
then marked. Who dies in between leaves a letter that is sent again, under the same Message-ID.
"""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.notices.models import Choice, Fate, Letter, MailChoice, Notice
from workflows.notices.rows import choices, mail_times
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.permissions import Deed, require

LEASE = timedelta(minutes=15)
FIRST_PAUSE = timedelta(minutes=1)
CLOCK = Actor.system("clock")
TOLD = {Fate.SENT: "letter_sent", Fate.REFUSED: "letter_refused"}
MOST_DOUBLINGS = 9  # a little more than eight hours


def choose(session: Session, person: Person, choice: Choice, *, by: Actor, now: datetime) -> None:
    """Choose how often to get mail; what waits already goes by the new choice too.

    :raises Forbidden: if it is somebody else's mail
    """
    require(by, Deed.CHANGE_ACCOUNT, person)
    old = choices(session, [person.id])[person.id]
    if choice is old:
        return
    session.merge(MailChoice(person_id=person.id, choice=choice))
    waiting = sa.and_(
        Notice.person_id == person.id,
        Notice.letter_id.is_(None),
        Notice.mail_at > now,  # what goes at once goes, what is only shown is only shown
    )
    at = mail_times(session, {person.id: choice}, now=now)[person.id]
    session.execute(sa.update(Notice).where(waiting).values(mail_at=at))
    what = {"person": person.id, "choice": [old, choice]}
    record(session, "mail_choice_changed", by=by, now=now, what=what)


def gather(session: Session, person_id: int, *, host: str, now: datetime) -> Letter | None:
    """Put all that a person is to be mailed by now into one letter; None if another was faster."""
    person = session.get_one(Person, person_id)
    due = sa.and_(Notice.person_id == person_id, Notice.letter_id.is_(None), Notice.mail_at <= now)
    if person.closed_at is not None or person.is_demo:  # invented people have invented addresses
        session.execute(sa.update(Notice).where(due).values(mail_at=None))
        return None
    letter = Letter(
        message_id=f"<{secrets.token_hex(16)}@{host}>",
        person_id=person_id,
        made_at=now,
        due_at=now,
        attempts=0,
    )
    session.add(letter)
    session.flush()
    bound = session.execute(sa.update(Notice).where(due).values(letter_id=letter.id))
    if not bound.rowcount:  # type: ignore[attr-defined]  # an update has one
        session.delete(letter)
        return None
    return letter


def take(session: Session, letter_id: int, *, now: datetime) -> bool:
    """Take a letter to send it; it is nobody else's until the lease is over."""
    taken = session.execute(
        sa.update(Letter)
        .where(Letter.id == letter_id, Letter.done_at.is_(None), Letter.due_at <= now)
        .values(due_at=now + LEASE, attempts=Letter.attempts + 1)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]  # an update has one


def finish(
    session: Session, letter_id: int, fate: Fate, *, error: str | None = None, now: datetime
) -> None:
    """Mark what became of a letter."""
    person_id = session.scalar(
        sa.update(Letter)
        .where(Letter.id == letter_id, Letter.done_at.is_(None))
        .values(done_at=now, outcome=fate, error=error)
        .returning(Letter.person_id)
    )
    if person_id is not None and fate in TOLD:
        kinds = sa.select(Notice.kind, sa.func.count()).where(Notice.letter_id == letter_id)
        about = {row[0]: row[1] for row in session.execute(kinds.group_by(Notice.kind))}
        what = {"person": person_id, "letter": letter_id, "about": about}
        record(session, TOLD[fate], by=CLOCK, now=now, what=what)


def put_off(session: Session, letter_id: int, error: str, *, now: datetime) -> None:
    """Try a letter again later, each time after a longer pause."""
    letter = session.get_one(Letter, letter_id)
    letter.error = error
    letter.due_at = now + FIRST_PAUSE * 2 ** min(letter.attempts, MOST_DOUBLINGS)


def retry(session: Session, letter: Letter, *, by: Actor, now: datetime) -> None:
    """Send a refused or failing letter again as soon as may be, perhaps to a corrected address.

    :raises Conflict: if it has been sent
    """
    require(by, Deed.KEEP_OUTBOX, None)
    _refuse_done(letter)
    letter.done_at, letter.outcome, letter.due_at = None, None, now
    what = {"person": letter.person_id, "letter": letter.id}
    record(session, "letter_retried", by=by, now=now, what=what)


def drop(session: Session, letter: Letter, why: str, *, by: Actor, now: datetime) -> None:
    """Give up sending a letter; its notices stay on the receiver's own page.

    :raises Conflict: if it has been sent
    :raises Invalid: if no reason is given
    """
    require(by, Deed.KEEP_OUTBOX, None)
    _refuse_done(letter)
    if not why.strip():
        raise Invalid("reason_missing")
    letter.done_at, letter.outcome = now, Fate.DROPPED
    what = {"person": letter.person_id, "letter": letter.id}
    record(session, "letter_dropped", by=by, now=now, what=what, why=why.strip())


def _refuse_done(letter: Letter) -> None:
    if letter.done_at is not None and letter.outcome is not Fate.REFUSED:
        raise Conflict("letter_done")
