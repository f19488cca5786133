"""What cases do to registers: propose rows as steps are completed, let them stand, take them back.

Called where a case moves, in its transaction; whoever moved it was asked about already.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.calendar.workdays import add_workdays
from workflows.cases.models import Case
from workflows.forms import Form, Kind, Register
from workflows.forms.unknowns import unknowns
from workflows.history.rows import record
from workflows.language import N_, Language, on, translator
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.processes.actions import Outcome
from workflows.processes.models import PartKind, VersionPart
from workflows.processes.rows import Kept, compiled, form, kept_as
from workflows.registers import content, deciding, definition, proposing, rows
from workflows.registers.models import Entry
from workflows.steering.rows import calendar_of
from workflows.tasks.models import Task

FIND_OUT = N_("Find out: {what}")
FIND_OUT_WITHIN = 30  # working days
LONGEST_TITLE = 120
Told = list[dict[str, object]]
SYSTEM = Actor.system("register")
_declared: Kept[tuple[str, ...]] = Kept()  # the forms of a version that write to registers


def from_answers(
    session: Session, task: Task, answers: Mapping[str, Any], *, now: datetime
) -> Told:
    """Take in what a completed step writes to registers, and what it does not know yet; tells what
    became of each row."""
    asked = form(session, task.case.version, task.form) if task.form else None
    if asked is None:
        return []
    changes = list(_to_find_out(session, task, asked, answers, now=now))
    many = compiled(task.case.version).description.steps[task.element].many
    origin = rows.of_case(task.case, task.element, task.item if many else None)
    for into in asked.registers:
        changes += proposing.propose(
            session,
            definition(into.register),
            origin,
            _rows(asked, into, answers),
            is_whole=_is_list(asked, into),
            now=now,
        )
    return _told(changes)


def _to_find_out(
    session: Session,
    task: Task,
    asked: Form,
    answers: Mapping[str, Any],
    *,
    now: datetime,
) -> Iterator[rows.Change]:
    """Let what nobody knows be an action at once, once for each thing; it is done when known."""
    found = list(unknowns(asked, answers))
    if not found:
        return
    case, say = task.case, translator(Language.SV).gettext
    values = [into.values for _, each in _forms(session, case) for into in each.registers]
    said = (each["source"] for each in values if "source" in each)
    by = session.get(Person, task.done_by_id) if task.done_by_id else None
    closed = calendar_of(session, case.unit_id, case.year, to_write=True).closed
    row: dict[str, Any] = {
        "kind": "find_out",
        "source": next(said, "other"),
        "responsible": by.name if by else None,
        "start": on(now).isoformat(),
        "due": add_workdays(closed, on(now), FIND_OUT_WITHIN).isoformat(),
    }
    origin = rows.of_case(case, task.element)
    for one in found:
        title = say(FIND_OUT).format(what=one.what)[:LONGEST_TITLE]
        given = row | {"title": title, "secrecy": one.secrecy}
        yield from deciding.find_out(session, origin, given, is_known=not one.is_unknown, now=now)


def act(session: Session, case: Case, element: str, done: Outcome, *, now: datetime) -> None:
    """Do what a service task asks of registers."""
    if done.writes is not None:
        register, origin = definition(done.writes.register), rows.of_case(case, element)
        given = done.writes.rows
        changes = proposing.propose(session, register, origin, given, is_whole=False, now=now)
        _record(session, "entries_proposed", case, changes, by=SYSTEM, now=now, step=element)
    if done.closes:
        close(session, case, done.closes, element=element, now=now)


def close(
    session: Session,
    case: Case,
    only: Iterable[str] | None = None,
    *,
    element: str | None = None,
    by: Actor = SYSTEM,
    now: datetime,
) -> None:
    """Let what a case has proposed stand: in some registers, or when it finishes in all."""
    wanted = None if only is None else {definition(name).id for name in only}
    if wanted is None and not _writes(session, case):
        return
    changes = _brought_up(session, case, wanted)
    changes += deciding.approve(session, case, wanted, now=now)
    _record(session, "entries_approved", case, changes, by=by, now=now, step=element)


def take_back(session: Session, case: Case, *, by: Actor = SYSTEM, now: datetime) -> None:
    """Withdraw what a case has proposed, as it ends before its time."""
    if _writes(session, case):
        changes = deciding.withdraw(session, case, now=now)
        _record(session, "entries_withdrawn", case, changes, by=by, now=now)


def follow_correction(
    session: Session, case: Case, names: Iterable[str], *, by: Actor, now: datetime
) -> None:
    """Let the registers follow what an operator has corrected in what a case knows."""
    changed, changes = set(names), list[rows.Change]()
    for element, asked in _forms(session, case):
        origin = rows.of_case(case, element)
        for into in asked.registers:
            known = case.data.get(into.field)
            if into.field in changed and isinstance(known, list) and _wrote(session, origin):
                given = _rows(asked, into, case.data)
                changes += proposing.propose(
                    session, definition(into.register), origin, given, now=now
                )
    _record(session, "entries_proposed", case, changes, by=by, now=now)


def _brought_up(session: Session, case: Case, wanted: set[str] | None) -> list[rows.Change]:
    """Give proposals what rule tables and scripts have added to their rows since."""
    own = rows.of(session, case)
    changes: list[rows.Change] = []
    for element, asked in _forms(session, case) if own else ():
        for into in asked.registers:
            if wanted is not None and into.register not in wanted:
                continue
            mine = [
                one
                for one in own
                if (one.register, one.element) == (into.register, element)
                and one.place == element  # what a loop gathers stands elsewhere
            ]
            if mine and isinstance(case.data.get(into.field), list):
                given = _rows(asked, into, case.data)
                changes += proposing.amend(session, definition(into.register), mine, given)
    return changes


def _rows(asked: Form, into: Register, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    held = answers.get(into.field)
    if into.field == ".":
        held = {one.name: answers.get(one.name) for one in asked.columns(into)}
    found = held if isinstance(held, list) else [held]
    return [
        content.written(row, into.renamed, into.values) for row in found if isinstance(row, Mapping)
    ]


def _is_list(asked: Form, into: Register) -> bool:
    field = asked.find(into.field)
    return field is not None and field.kind is Kind.ROWS


def _writes(session: Session, case: Case) -> bool:
    """Tell whether cases of this version write to any register; most do not, and pay nothing."""
    called = {one.name for one in compiled(case.version).description.actions}
    return "write_register" in called or bool(_names(session, case))


def _forms(session: Session, case: Case) -> list[tuple[str, Form]]:
    names = _names(session, case)
    return [
        (step.element, form(session, case.version, step.form))
        for step in compiled(case.version).description.steps.values()
        if step.form in names
    ]


def _names(session: Session, case: Case) -> tuple[str, ...]:
    version = case.version

    def found() -> tuple[str, ...]:
        wanted = sa.select(VersionPart.name).where(
            VersionPart.version_id == version.id, VersionPart.kind == PartKind.FORM
        )
        return tuple(
            name
            for name in session.scalars(wanted.order_by(VersionPart.name))
            if form(session, version, name).registers
        ) or ("",)

    return tuple(name for name in _declared.get(kept_as(version), found) if name)


def _wrote(session: Session, origin: rows.Origin) -> bool:
    wanted = sa.select(Entry.id).where(
        sa.or_(
            sa.and_(Entry.case_id == origin.case_id, Entry.place == origin.place),
            Entry.verdict_case_id == origin.case_id,
        )
    )
    return session.scalars(wanted.limit(1)).first() is not None


def _told(changes: Iterable[rows.Change]) -> Told:
    return [change.told() for change in changes]


def _record(
    session: Session,
    kind: str,
    case: Case,
    changes: list[rows.Change],
    *,
    by: Actor,
    now: datetime,
    step: str | None = None,
) -> None:
    if changes:
        record(
            session,
            kind,
            by=by,
            now=now,
            case_id=case.id,
            unit_id=case.unit_id,
            step=step,
            what={"count": len(changes), "entries": _told(changes)},
        )
