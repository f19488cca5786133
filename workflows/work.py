"""What the clock does: each piece of due work is a row, done and marked in one transaction.

Mail alone has an effect outside the database: it is sent between two short transactions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from workflows.cases.models import Case, CaseState, Timer
from workflows.database import Database
from workflows.notices import letters
from workflows.notices.letters import AddressBusy, AddressRefused, Post, PostAway
from workflows.notices.models import Call, Fate, Letter, Notice
from workflows.operations import absences, new_dates, notices, reminders, timers
from workflows.organisation.absences import Absence
from workflows.organisation.actor import Actor
from workflows.queries import notices as questions
from workflows.tasks import rows as task_rows

CLOCK = Actor.system("clock")
MOST_AT_ONCE = 200
MOST_DOUBLINGS = 9
MINUTE = timedelta(minutes=1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of due work: which rows are due, how one is done, and put off when it failed."""

    name: str
    due: Callable[[datetime], sa.Select[int]]
    do: Callable[[Session, int, datetime], None]
    put_off: Callable[[Session, int, datetime], None]


def run_due(database: Database, *, now: datetime, post: Post | None = None) -> int:
    """Do what is due, each piece in a transaction of its own; returns how many were done.

    One that fails is tried again later, and never keeps the others waiting. Without `post` there
    is no mail, and what would be mailed waits.
    """
    done = sum(
        _attempt(database, kind, row_id, now=now)
        for kind in KINDS
        for row_id in _ids(database, kind.due(now))
    )
    return done + (_mail(database, post, now=now) if post else 0)


def _ids(database: Database, wanted: sa.Select[int]) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(wanted.limit(MOST_AT_ONCE)))


def _attempt(database: Database, kind: Kind, row_id: int, *, now: datetime) -> bool:
    try:
        with database.writing() as session, session.begin():
            kind.do(session, row_id, now)
    except Exception:  # one stuck row never blocks the others; it is tried again
        log.exception("due_work_failed", kind=kind.name, row=row_id)
        with database.writing() as session, session.begin():
            kind.put_off(session, row_id, now)
        return False
    return True


# timers


def _due_timers(now: datetime) -> sa.Select[int]:
    return (
        sa.select(Timer.id)
        .join(Case, Case.id == Timer.case_id)
        .where(
            Timer.fired_at.is_(None),
            Timer.closed_at.is_(None),
            Timer.due_at <= now,
            sa.or_(Timer.retry_at.is_(None), Timer.retry_at <= now),
            Case.state.in_((CaseState.RUNNING, CaseState.STOPPED)),
        )
        .order_by(Timer.due_at, Timer.id)
    )


def _fire(session: Session, timer_id: int, now: datetime) -> None:
    of_timer = sa.select(Timer.case_id).where(Timer.id == timer_id).scalar_subquery()
    case = session.scalars(sa.select(Case).where(Case.id == of_timer).with_for_update()).one()
    timers.fire(session, session.get_one(Timer, timer_id), case, by=CLOCK, now=now)


def _put_off_timer(session: Session, timer_id: int, now: datetime) -> None:
    _later(session.get_one(Timer, timer_id), now)


def _later(row: Timer | Call, now: datetime) -> None:
    row.attempts += 1
    row.retry_at = now + MINUTE * 2 ** min(row.attempts, MOST_DOUBLINGS)


# calls for attention


def _due_calls(now: datetime) -> sa.Select[int]:
    return (
        sa.select(Call.id)
        .where(
            Call.fired_at.is_(None),
            Call.due_at <= now,
            sa.or_(Call.retry_at.is_(None), Call.retry_at <= now),
        )
        .order_by(Call.due_at, Call.id)
    )


def _call(session: Session, call_id: int, now: datetime) -> None:
    task_id = session.scalar(sa.select(Call.task_id).where(Call.id == call_id))
    task = task_rows.find(session, task_id or 0, to_change=True)
    call = session.get(Call, call_id)  # after the lock: another clock may have been here
    if call is not None and task is not None:
        reminders.call(session, call, task, by=CLOCK, now=now)


def _put_off_call(session: Session, call_id: int, now: datetime) -> None:
    if (call := session.get(Call, call_id)) is not None:
        _later(call, now)


# absences


def _due_absences(now: datetime) -> sa.Select[int]:
    return sa.select(Absence.id).where(_leaving(now) | _coming_back(now)).order_by(Absence.id)


def _leaving(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Absence.warned_at.is_(None), Absence.warn_at <= now)


def _coming_back(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Absence.told_at.is_(None), Absence.back_at <= now)


def _look_at(session: Session, absence_id: int, now: datetime) -> None:
    wanted = sa.select(Absence).where(Absence.id == absence_id).with_for_update()
    absence = session.scalars(wanted).one()
    if absence.warn_at <= now:
        absences.warn(session, absence, now=now)
    if absence.back_at <= now:
        absences.welcome(session, absence, now=now)


def _put_off_absence(session: Session, absence_id: int, now: datetime) -> None:
    absence = session.get_one(Absence, absence_id)
    absence.warn_at = max(absence.warn_at, now + 60 * MINUTE)
    absence.back_at = max(absence.back_at, now + 60 * MINUTE)


# what follows when the calendar has moved dates


def _due_new_dates(_now: datetime) -> sa.Select[int]:
    return new_dates.due()


def _plan(session: Session, move_id: int, now: datetime) -> None:
    new_dates.plan(session, move_id, now=now)


def _leave(_session: Session, _move_id: int, _now: datetime) -> None:
    """Keep it as it is: it is due until it is done, and keeps nobody waiting."""


KINDS = (
    Kind("timer", _due_timers, _fire, _put_off_timer),
    Kind("call", _due_calls, _call, _put_off_call),
    Kind("new_dates", _due_new_dates, _plan, _leave),
    Kind("absence", _due_absences, _look_at, _put_off_absence),
)


# mail


def _mail(database: Database, post: Post, *, now: datetime) -> int:
    host = urlsplit(post.url).hostname or "localhost"
    waiting = sa.select(Notice.person_id).where(Notice.letter_id.is_(None), Notice.mail_at <= now)
    for person_id in _ids(database, waiting.distinct()):
        with database.writing() as session, session.begin():
            notices.gather(session, person_id, host=host, now=now)
    due = sa.select(Letter.id).where(Letter.done_at.is_(None), Letter.due_at <= now)
    sent = 0
    for letter_id in _ids(database, due.order_by(Letter.due_at, Letter.id)):
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
