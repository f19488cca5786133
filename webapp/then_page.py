"""How things stood at a moment, in the reader's words: which moment, the steps, their marks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp.case_page import STATE_WORDS
from webapp.format import because, is_exact, language
from workflows.cases.models import CaseState
from workflows.engine import Description
from workflows.engine.picture import Mark, picture
from workflows.history.as_it_stood import CaseThen, TaskThen
from workflows.language import N_, ZONE, Sentence, local, moment, on, short_day, translator
from workflows.processes.rows import compiled
from workflows.queries.then import Seen

LOOKS = {"done": "#dfe8d3", "waiting": "#dcebf0", "late": "#f4ddd5", "closed": "#eceeec"}
STATES = {
    CaseState.RUNNING: N_("Under way"),
    CaseState.STOPPED: N_("Stands still"),
    CaseState.SUSPENDED: N_("Rests"),
    CaseState.FINISHED: N_("Finished"),
    CaseState.CANCELLED: N_("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class StepThen:
    """A step as it stood: opened by then, in that order."""

    name: str
    element: str
    state: str
    state_text: str
    who: str
    date: datetime | None
    exact: bool
    why: str


def asked_at() -> datetime:
    """Read the moment from the address, by the clock on the wall unless it names a zone; now
    unless said, and a day alone is the end of it."""
    text = request.args.get("at", "").strip()
    if not text:
        return clock.now()
    try:
        at = datetime.fromisoformat(text if "T" in text else f"{text}T23:59")
    except ValueError:
        raise BadRequest from None
    if not 1990 <= at.year <= 2200:
        raise BadRequest
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(UTC)


def typed(at: datetime) -> str:
    """Write a moment as a field of a form holds it."""
    return local(at).strftime("%Y-%m-%dT%H:%M")


def steps(seen: Seen, at: datetime) -> list[StepThen]:
    """The steps that had been opened, and how they stood."""
    if seen.then is None or seen.version is None:
        return []
    return [_step(task, names, seen, at) for task, names in _named(seen)]


def state(then: CaseThen) -> str:
    return translator(language()).gettext(STATES[CaseState(then.state)])


def drawn(seen: Seen, description: Description, at: datetime) -> str:
    """The diagram as it was, with the trail of the case."""
    if seen.version is None:
        return ""
    marks = {one.element: Mark(LOOKS[one.state], _tag(one), one.state) for one in steps(seen, at)}
    title = description.names.get(language()) or description.names.get("sv", "")
    return picture(seen.version.source, marks, language=language(), title=title)


def waited_for(seen: Seen, description: Description) -> list[tuple[str, datetime | None]]:
    """What the case waited for, and until when."""
    return [
        (_called(description.names_of(one.element), one.element), one.due_at)
        for one in (seen.then.timers.values() if seen.then else ())
    ]


def untold(at: datetime, first: datetime | None) -> str:
    """Say why there is nothing to show."""
    if first is not None and at < first:
        said = Sentence(N_("It had not begun: it began {moment}."), {"moment": _moment(first)})
        return said.said(language())
    return Sentence(
        N_(
            "Its history does not hold all that is needed to show how it stood: some of it was "
            "written by a version of Årshjul before 0.5, or has been weeded out. What is told of "
            "it stands in the history as always."
        )
    ).said(language())


def _named(seen: Seen) -> Iterator[tuple[TaskThen, Mapping[str, str]]]:
    if seen.then is None or seen.version is None:
        return
    known = compiled(seen.version).description
    for task in seen.then.tasks.values():
        yield task, task.names or known.names_of(task.element)


def _step(task: TaskThen, names: Mapping[str, str], seen: Seen, at: datetime) -> StepThen:
    state = {"completed": "done", "withdrawn": "closed"}.get(task.outcome or "", "waiting")
    if state == "waiting" and task.due_at and task.due_at < at:
        state = "late"
    who = seen.people.get(task.done_by_id or task.assignee_id or 0, "")
    if stands_in := seen.people.get(task.done_for_id or 0):
        told = Sentence(N_("{who}, for {absent}"), {"who": who, "absent": stands_in})
        who = told.said(language())
    return StepThen(
        name=_called(names, task.element),
        element=task.element,
        state=state,
        state_text=translator(language()).gettext(STATE_WORDS[state]),
        who=who,
        date=task.closed_at or task.due_at,
        exact=task.closed_at is None and is_exact(task.because),
        why=because(task.because, language()) if task.because and not task.closed_at else "",
    )


def _tag(step: StepThen) -> str:
    if step.date is None:
        return step.state_text
    return f"{step.state_text} {short_day(on(step.date), language())}"


def _called(names: Mapping[str, str], element: str) -> str:
    return names.get(language()) or names.get("sv") or element


def _moment(at: datetime) -> str:
    return moment(at, language())
