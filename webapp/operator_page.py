"""What an operator sees of a case: what is open and can be done to it, and each deed beforehand."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from webapp import clock
from webapp.auth import actor
from webapp.case_data import asked_for, facts_of, known_data, typed, view_of
from webapp.case_page import state_of
from webapp.case_words import closes, effects, name_of, why_stopped
from webapp.format import language
from webapp.transactions import session
from workflows import engine, forms
from workflows.cases.models import MOVING, Case
from workflows.errors import Conflict, Invalid, NotFound
from workflows.forms import Errors
from workflows.language import N_, Sentence, counted, on
from workflows.operations import operators as verbs
from workflows.operations.messages import send_message
from workflows.operations.operators import Order
from workflows.permissions import Deed, may, operating, require
from workflows.processes.rows import compiled
from workflows.queries import approvals
from workflows.queries import cases as case_queries
from workflows.queries.messages import open_wait
from workflows.queries.standing import Thing, open_thing, open_things

LONGEST_NUMBER = 15
NOT_REVIEWED = N_("Whoever does this does not review in the case afterwards.")
KEPT = N_("Old and new stay in the record.")
BREAKS = N_(
    "The decision “{step}” by {who} on {day} rests on this: it will show as broken, and who made it"
    " and who owns the process are told."
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a deed is called: as a heading, on its button, and when it is done."""

    title: str
    button: str
    done: str
    is_grave: bool = False


DEEDS = {
    "suspension": Words(N_("Pause the case"), N_("Pause"), N_("The case rests.")),
    "resumption": Words(N_("Let it go on"), N_("Let it go on"), N_("The case goes on.")),
    "cancellation": Words(
        N_("Cancel the case"), N_("Cancel for good"), N_("It is cancelled."), is_grave=True
    ),
    "retry": Words(N_("Try again"), N_("Try again"), N_("The step was tried again.")),
    "skip": Words(N_("Skip"), N_("Skip the step"), N_("The step was skipped."), is_grave=True),
    "move": Words(N_("Move"), N_("Move the case"), N_("The case was moved."), is_grave=True),
    "waking": Words(N_("Let it happen now"), N_("Let it happen now"), N_("It has happened.")),
    "message": Words(
        N_("Write in the message"), N_("Write in the message"), N_("The message is in the case.")
    ),
    "correction": Words(N_("Correct"), N_("Correct"), N_("The data is corrected.")),
}
STEERING = {"skip", "move", "waking", "message", "correction"}
ABOUT_ONE = {"skip", "move", "waking", "message", "retry"}


def show_drawer(case: Case) -> str:
    """Render what can be done to a case."""
    tasks = case_queries.tasks_of(session(), case)
    return render_template(
        "operators/drawer.html",
        case=case,
        state=state_of(case, tasks),
        things=open_things(session(), case),
        data=list(known_data(case)),
        may_steer=_may_steer(case) and case.state in MOVING,
        is_barred=not _may_steer(case),
        is_moving=case.state in MOVING,
        name_of=lambda element: name_of(case, element),
        why_stopped=why_stopped,
    )


def show_deed(
    case: Case, deed: str, *, wrong: list[str] | None = None, errors: Errors | None = None
) -> str:
    """Render a deed before it is done: where it leads, and why it is to be done."""
    if deed in STEERING:
        require(operating(actor(), case), Deed.STEER_CASE, case)
    thing = _thing(case)
    if thing is None and deed in ABOUT_ONE:
        raise NotFound
    to = request.args.get("to", "")
    asked = asked_for(case, deed, thing, may_steer=_may_steer(case))
    return render_template(
        "operators/deed.html",
        case=case,
        deed=deed,
        words=DEEDS[deed],
        thing=thing,
        of=thing.id if thing else None,
        to=to,
        step=name_of(case, thing.element) if thing else "",
        effects=_effects(case, deed, thing, to),
        notes=[NOT_REVIEWED] if deed in STEERING else [],
        targets=_targets(case, thing) if deed == "move" and thing and not to else None,
        view=view_of(case, asked, errors) if asked else None,
        command=request.form.get("command") or secrets.token_hex(16),
        why=request.form.get("why", ""),
        said=request.form.get("said", ""),
        wrong=wrong or [],
        names=request.args.getlist("name"),
    )


def perform(case: Case, deed: str, order: Order) -> Errors | None:
    """Do a deed that was posted; returns what is wrong with the data that came along.

    :raises Conflict: if it cannot be done any more
    :raises Invalid: if no reason is given
    """
    if verbs.is_repeated(case, order):
        return None
    by, now, db = actor(), clock.now(), session()
    if deed in ("suspension", "resumption", "cancellation"):
        verb = {"suspension": verbs.suspend, "resumption": verbs.resume}.get(deed, verbs.cancel)
        verb(db, case, order, by=by, now=now)
        return None
    thing = _thing(case)
    data: dict[str, Any] = {}
    if (asked := asked_for(case, deed, thing, may_steer=_may_steer(case))) is not None:
        checked = forms.check(asked, typed(asked), facts_of(case, asked))
        if isinstance(checked, Errors):
            return checked
        data = forms.understood(asked, checked.stored)
    if deed == "correction":
        verbs.correct_data(db, case, data, order, by=by, now=now)
        return None
    if thing is None:
        raise NotFound
    _do_to(case, thing, deed, data, order)
    return None


def _do_to(case: Case, thing: Thing, deed: str, data: dict[str, Any], order: Order) -> None:
    by, now, db = actor(), clock.now(), session()
    match deed:
        case "retry":
            verbs.retry_incident(db, case, thing, order, data=data, by=by, now=now)
        case "skip":
            verbs.skip(db, case, thing, order, by=by, now=now)
        case "move":
            verbs.move(db, case, thing, request.args.get("to", ""), order, by=by, now=now)
        case "message":
            wait = open_wait(db, case, thing.id)
            send_message(db, case, wait, _said(), order, by=by, now=now)
        case _:
            verbs.wake(db, case, thing, order, by=by, now=now)


def _said() -> dict[str, Any]:
    """Read what a message says: a line for each value, its name, a colon and the value.

    :raises Invalid: if a line is none of that
    """
    found: dict[str, Any] = {}
    for number, line in enumerate(request.form.get("said", "").splitlines(), start=1):
        name, colon, text = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if not colon or not name.isidentifier():
            raise Invalid("message_line", line=number)
        found[name] = int(text) if text.isdecimal() and len(text) < LONGEST_NUMBER else text
    return found


def _thing(case: Case) -> Thing | None:
    of = request.args.get("of")
    return open_thing(session(), case, of) if of else None


def _may_steer(case: Case) -> bool:
    return may(operating(actor(), case), Deed.STEER_CASE, case)


def _effects(case: Case, deed: str, thing: Thing | None, to: str) -> list[str]:
    things = open_things(session(), case)
    match deed, thing:
        case "retry", Thing():
            command: engine.Command = engine.Retry(thing.id)
        case "skip", Thing():
            command = engine.Skip(thing.id)
        case "waking", Thing():
            command = engine.Fire(thing.id)
        case "message", Thing():
            command = engine.Deliver(thing.id)
        case "move", Thing() if to:
            command = engine.MoveTo(thing.id, to)
        case _:
            said = _of_whole(case, deed, things)
            return [one.said(language()) for one in said]
    return effects(case, things, verbs.foresee(case, command, now=clock.now()))


def _of_whole(case: Case, deed: str, things: list[Thing]) -> Iterator[Sentence]:
    """Say what a deed to the whole case, or to its data, means."""
    now = clock.now()
    if deed == "suspension":
        yield Sentence(N_("Nothing can be handed in, no time runs out and nobody is reminded."))
        yield Sentence(N_("What has been typed stays, and can be typed on."))
    elif deed == "resumption":
        due = sum(1 for one in things if one.kind == "timer" and one.due_at and one.due_at <= now)
        yield Sentence(N_("Tasks can be handed in again."))
        if due:
            yield counted(
                due,
                "One thing has come due meanwhile and happens at once.",
                "{count} things have come due meanwhile and happen at once.",
            )
    elif deed == "cancellation":
        held, free = N_("{step} closes, and {who} is told."), N_("{step} closes.")
        yield from (closes(case, one, held, free) for one in things)
        yield Sentence(N_("What has been done stays. It cannot be undone."))
    elif deed == "correction":
        yield from _breaks(case)
        yield Sentence(N_("Open tasks stay open. What waits for this data is looked at again."))
        yield Sentence(KEPT)


def _breaks(case: Case) -> Iterator[Sentence]:
    """Say which decisions rest on the data that is to be corrected."""
    names = request.args.getlist("name")
    for one in approvals.in_force(session(), case):
        if any(name in one.content["data"] for name in names):
            said = {
                "step": name_of(case, one.element),
                "who": one.by.name if one.by else "–",
                "day": on(one.at),
            }
            yield Sentence(BREAKS, said)


def _targets(case: Case, thing: Thing) -> list[tuple[str, str]]:
    """The steps a case can be moved to from where one thing stands."""
    found = []
    for element in compiled(case.version).description.steps:
        try:
            verbs.foresee(case, engine.MoveTo(thing.id, element), now=clock.now())
        except Conflict:
            continue
        found.append((element, name_of(case, element)))
    return found
