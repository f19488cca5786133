"""What one is told, in words: on one's own page, in a mail, and in the outbox of mails."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.calendar.because import Because, read
from workflows.calendar.words import missing, short
from workflows.cases.models import Case
from workflows.language import Language, Sentence, on, translator
from workflows.notices import letters
from workflows.notices.kinds import KINDS, Kind
from workflows.notices.letters import Content, Line
from workflows.notices.models import Fate, Letter, Notice
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, may, require
from workflows.processes.models import Process, Secrecy
from workflows.processes.workshop import Proposal
from workflows.queries.holdings import held_by
from workflows.tasks.models import Task

PAGE = 50
DATES = ("from_on", "to_on")


def mine(session: Session, by: Actor, *, now: datetime) -> list[tuple[Notice, Line]]:
    """Tell what one was told lately, the latest first."""
    wanted = sa.select(Notice).where(Notice.person_id == by.id).order_by(Notice.id.desc())
    notices = session.scalars(_loaded(wanted.limit(PAGE)))
    reader = session.get_one(Person, by.id)
    return _told(session, notices, reader, now=now)


def letter(session: Session, letter_id: int, *, now: datetime) -> tuple[Letter, Content | None]:
    """Load a letter and put it into words; nothing, if all it told of is settled by now."""
    wanted = sa.select(Letter).where(Letter.id == letter_id).options(joinedload(Letter.person))
    found = session.scalars(wanted).one()
    return found, _content(session, Notice.letter_id == letter_id, found.person, now=now)


def preview(session: Session, by: Actor, *, now: datetime) -> Content | None:
    """Put into words the mail that waits for one's next digest."""
    waiting = sa.and_(
        Notice.person_id == by.id, Notice.letter_id.is_(None), Notice.mail_at.is_not(None)
    )
    return _content(session, waiting, session.get_one(Person, by.id), now=now)


def troubled(session: Session, *, by: Actor) -> list[Letter]:
    """List the mails that were refused or have failed, for whoever keeps the outbox.

    :raises Forbidden: if the actor does not
    """
    require(by, Deed.KEEP_OUTBOX, None)
    failing = sa.and_(Letter.done_at.is_(None), Letter.attempts > 0, Letter.error.is_not(None))
    return list(
        session.scalars(
            sa.select(Letter)
            .where(sa.or_(failing, Letter.outcome == Fate.REFUSED))
            .options(joinedload(Letter.person))
            .order_by(Letter.id.desc())
            .limit(PAGE)
        )
    )


def waiting_mails(session: Session, *, by: Actor) -> int:
    """Count the mails on their way.

    :raises Forbidden: if the actor does not keep the outbox
    """
    require(by, Deed.KEEP_OUTBOX, None)
    found = sa.select(sa.func.count(Letter.id)).where(Letter.done_at.is_(None))
    return session.scalar(found) or 0


def _content(
    session: Session, which: sa.ColumnElement[bool], reader: Person, *, now: datetime
) -> Content | None:
    notices = session.scalars(_loaded(sa.select(Notice).where(which).order_by(Notice.id)))
    still = [one for one in notices if not _is_settled(session, one)]
    told = _told(session, _once(still, now), reader, now=now)
    language = Language(reader.language)
    lines = [line for _, line in told]
    return letters.content(reader.name, lines, language) if lines else None


def _is_settled(session: Session, notice: Notice) -> bool:
    """Tell whether nothing is asked any more: a closed task, a review that somebody has given."""
    if notice.kind == "review_waits":
        proposal = session.get(Proposal, notice.what["proposal"])
        return proposal is None or not proposal.is_open
    return notice.task is not None and notice.task.closed_at is not None


def _once(notices: Iterable[Notice], now: datetime) -> list[Notice]:
    """Keep the most pressing notice of each task, in the order of the headings and of due dates."""
    order = list(KINDS)
    kept: dict[tuple[str, int], Notice] = {}
    for notice in sorted(notices, key=lambda one: (order.index(one.kind), one.id)):
        key = ("task", notice.task_id) if notice.task_id is not None else ("notice", notice.id)
        kept.setdefault(key, notice)
    headings = [kind.heading for kind in KINDS.values()]
    return sorted(
        kept.values(), key=lambda one: (headings.index(_kind(one, now).heading), _due(one), one.id)
    )


def _kind(notice: Notice, now: datetime) -> Kind:
    """Say what a notice tells by now: a reminder that waited for its digest may come too late."""
    task = notice.task
    is_open = task is not None and task.closed_at is None
    if notice.kind == "reminder" and is_open and _due(notice) < now:
        return KINDS["escalation"]
    return KINDS[notice.kind]


def _due(notice: Notice) -> datetime:
    return notice.task.due_at if notice.task and notice.task.due_at else notice.made_at


def _loaded(wanted: sa.Select[Notice]) -> sa.Select[Notice]:
    task = joinedload(Notice.task)
    return wanted.options(
        task.joinedload(Task.unit),
        task.joinedload(Task.case).joinedload(Case.process),
        task.selectinload(Task.roles),
    )


def _told(
    session: Session, notices: Iterable[Notice], reader: Person, *, now: datetime
) -> list[tuple[Notice, Line]]:
    """Put notices into the reader's words; what they may not see any more is left out."""
    by = Actor(reader.id, reader.name, held_by(session, reader.id, on(now)))
    language = Language(reader.language)
    return [
        (notice, _line(session, notice, language, now))
        for notice in notices
        if notice.task is None or may(by, Deed.SEE_TASK, notice.task)
    ]


def _line(session: Session, notice: Notice, language: Language, now: datetime) -> Line:
    kind = _kind(notice, now)
    params = _params(session, notice.what, language)
    when, path = "", PATHS.get(notice.kind, "/notices").format_map(notice.what)
    if (task := notice.task) is not None:
        params["task"] = name_of(task, language)
        when = when_of(task, language)
        path = f"/tasks/{task.id}"
    return Line(
        heading=translator(language).gettext(kind.heading),
        text=Sentence(kind.text, params).said(language),
        when=when,
        path=path,
    )


PATHS = {
    "absence_gap": "/absences/",
    "deputy_named": "/absences/",
    "absence_over": "/absences/",
    "deadlines_moved": "/tasks/",
    "case_stopped": "/cases/standing-still",
    "mentioned": "/cases/{case_id}#comments",
    "review_waits": "/processes/reviews/{proposal}",
    "review_returned": "/processes/reviews/{proposal}",
    "review_approved": "/processes/reviews/{proposal}",
}


def name_of(task: Task, language: Language) -> str:
    """Name a task to somebody outside the product: of something secret only the key."""
    if task.secrecy is Secrecy.SECRET:
        return task.case.key
    return f"{task.name(language)}, {task.unit.name} ({task.case.name(language)})"


def when_of(task: Task, language: Language) -> str:
    """Say when a task is due and why; of something secret nothing."""
    if task.secrecy is Secrecy.SECRET or task.because is None:
        return ""
    why = read(task.because)
    if not isinstance(why, Because):
        return missing(why, language)
    return short(why, task.due_at, language) if task.due_at else ""


def _params(session: Session, what: Mapping[str, Any], language: Language) -> dict[str, object]:
    said: dict[str, object] = dict(what)
    said |= {name: date.fromisoformat(what[name]) for name in DATES if name in what}
    if (person := session.get(Person, what.get("person", 0))) is not None:
        said["person"] = person.name
    if (process := session.get(Process, what.get("process_id", 0))) is not None:
        said["process"] = process.name(language)
    if "places" in what:
        said["places"] = [
            _place(session, role, unit_id, language) for role, unit_id in what["places"]
        ]
    return said


def _place(session: Session, role: str, unit_id: int, language: Language) -> str:
    name = translator(language).gettext(ROLES[role].name) if role in ROLES else role
    unit = session.get(Unit, unit_id)
    return f"{name} ({unit.name})" if unit else name
