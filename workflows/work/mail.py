"""Sending mail: the only due work with an effect outside, between two short transactions."""

from datetime import datetime
from email.message import EmailMessage
from urllib.parse import urlsplit

import sqlalchemy as sa
import structlog

from workflows.database import Database
from workflows.notices import letters
from workflows.notices.letters import AddressBusy, AddressRefused, Post, PostAway
from workflows.notices.models import Fate, Letter, Notice
from workflows.operations import notices
from workflows.queries import notices as questions
from workflows.work.attempts import due_ids

log = structlog.get_logger()


def send_mail(database: Database, post: Post, *, now: datetime) -> int:
    """Gather what waits into letters and send those that are due; returns how many went."""
    host = urlsplit(post.url).hostname or "localhost"
    waiting = sa.select(Notice.person_id).where(Notice.letter_id.is_(None), Notice.mail_at <= now)
    for person_id in due_ids(database, waiting.distinct(), now=now):
        with database.writing() as session, session.begin():
            notices.gather(session, person_id, host=host, now=now)
    due = sa.select(Letter.id).where(Letter.done_at.is_(None), Letter.due_at <= now)
    sent = 0
    for letter_id in due_ids(database, due.order_by(Letter.due_at, Letter.id), now=now):
        try:
            sent += _send(database, letter_id, post, now=now)
        except PostAway as away:
            _put_off_letter(database, letter_id, str(away), now=now)
            break  # the rest would fare no better, and each attempt takes time
        except AddressBusy as busy:
            _put_off_letter(database, letter_id, str(busy), now=now)
        except Exception as fault:
            log.exception("letter_failed", row=letter_id)
            _put_off_letter(database, letter_id, type(fault).__name__, now=now)
    return sent


def _send(database: Database, letter_id: int, post: Post, *, now: datetime) -> bool:
    """Send one letter; no transaction is open while the server is spoken to."""
    with database.writing() as session, session.begin():
        if not notices.take(session, letter_id, now=now):
            return False
    with database.reading() as session:
        letter, told = questions.letter(session, letter_id, now=now)
    fate, error = Fate.EMPTY, None
    if told is not None:
        to = (letter.person.name, letter.person.email)
        fate, error = _hand_over(
            post,
            letters.message(told, post, to=to, message_id=letter.message_id, at=letter.made_at),
        )
    with database.writing() as session, session.begin():
        notices.finish(session, letter_id, fate, error=error, now=now)
    return fate is Fate.SENT


def _hand_over(post: Post, mail: EmailMessage) -> tuple[Fate, str | None]:
    try:
        post.send(mail)
    except AddressRefused as refused:
        return Fate.REFUSED, str(refused)
    return Fate.SENT, None


def _put_off_letter(database: Database, letter_id: int, error: str, *, now: datetime) -> None:
    with database.writing() as session, session.begin():
        notices.put_off(session, letter_id, error, now=now)
