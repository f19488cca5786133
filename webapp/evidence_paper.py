"""One case as somebody reads it who takes it away: told once, and then as a page and as a PDF."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from webapp import decide_page, then_page
from webapp.auth import actor
from webapp.case_data import answered
from webapp.case_page import STATE_WORDS
from webapp.format import language
from webapp.telling import dates_told, told
from webapp.transactions import session
from workflows.cases.models import Case
from workflows.documents.models import File
from workflows.documents.paper import Block, Heading, Paper, Paragraph, Table
from workflows.engine.picture import Mark, picture
from workflows.forms.views import FieldView
from workflows.history.models import Event
from workflows.language import N_, capital, day, file_size, moment, on, short_day, translator
from workflows.language.rich import Span
from workflows.queries import approvals, comments, history
from workflows.tasks.models import Outcome, Task

Pairs = tuple[tuple[str, str], ...]
NONE = "–"
TAKEN_BACK = N_("A comment that was taken back.")


def paper(
    case: Case,
    tasks: Sequence[Task],
    events: Iterable[Event],
    listed: Sequence[tuple[File, str]],
    *,
    now: datetime,
) -> Paper:
    """Tell all of a case; `listed` are its files, each with why it is not there, if it is not."""
    say = translator(language()).gettext
    about = [
        (say(N_("Unit")), case.unit.name),
        (say(N_("Name")), case.key),
        (say(N_("Process")), case.process.name(language())),
        (say(N_("Version of the process")), str(case.version.number)),
        (say(N_("State")), say(then_page.STATES[case.state])),
        (say(N_("Opened")), _moment(case.opened_at)),
        (say(N_("Closed")), _moment(case.closed_at)),
        (say(N_("Taken away")), f"{_moment(now)}, {actor().name}"),
    ]
    blocks = [
        *_steps(tasks, now),
        *_answers(case),
        *_decisions(case),
        *_files(listed),
        *_comments(case),
    ]
    return Paper(
        case.name(language()) + ", " + case.unit.name,
        tuple(about),
        "",
        (*blocks, *_happened(events)),
        language=language(),
    )


def trail(case: Case, tasks: Sequence[Task], *, now: datetime) -> str:
    """Draw the diagram that the case runs, with the way it has taken."""
    marks = {task.element: _mark(task, now) for task in tasks}
    title = case.process.name(language())
    return picture(case.version.source, marks, language=language(), title=title)


def _mark(task: Task, now: datetime) -> Mark:
    state, date = _state(task, now), task.closed_at or task.due_at
    word = translator(language()).gettext(STATE_WORDS[state])
    label = f"{word} {short_day(on(date), language())}" if date else word
    return Mark(then_page.LOOKS[state], label, state)


def _state(task: Task, now: datetime) -> str:
    if task.outcome is not None:
        return "done" if task.outcome is Outcome.COMPLETED else "closed"
    return "late" if task.due_at and task.due_at < now else "waiting"


def _steps(tasks: Iterable[Task], now: datetime) -> Iterator[Block]:
    say = translator(language()).gettext
    rows = tuple(
        (
            task.name(language()),
            say(STATE_WORDS[_state(task, now)]),
            who.name if (who := task.done_by or task.assignee) else NONE,
            day(on(task.due_at), language()) if task.due_at else NONE,
            _moment(task.closed_at),
        )
        for task in tasks
    )
    yield from _table(
        N_("Steps"), (N_("Step"), N_("State"), N_("Who"), N_("Due"), N_("Closed")), rows
    )


def _answers(case: Case) -> Iterator[Block]:
    say = translator(language()).gettext
    for title, view in answered(case):
        fields = [one for section in view.sections for one in section.fields]
        lists = [one for one in fields if one.kind == "rows" and one.rows]
        said = tuple(_said(fields))
        if said or lists:
            yield Heading(title)
        if said:
            yield Table((say(N_("Question")), say(N_("Answer"))), said)
        for one in lists:
            yield Heading(one.label, 2)
            head = (capital(one.row_word or one.label), *(each.label for each in one.fields))
            rows = tuple(
                (row.label, *(each.value or NONE for each in row.fields)) for row in one.rows
            )
            yield Table(head, rows)


def _said(fields: Iterable[FieldView]) -> Iterator[tuple[str, str]]:
    for one in fields:
        if one.kind == "group":
            yield from _said(one.fields)
        elif one.kind != "rows" and one.value:
            yield one.label, one.value


def _decisions(case: Case) -> Iterator[Block]:
    lines = decide_page.lines(case, approvals.of_case(session(), case))
    rows = tuple(
        (
            line.step,
            line.outcome,
            _moment(line.approval.at),
            line.approval.why or NONE,
            ", ".join(line.differing) or NONE,
        )
        for line in lines
    )
    head = (N_("Step"), N_("Decision"), N_("When"), N_("Reason"), N_("Changed since"))
    yield from _table(N_("Decisions"), head, rows)


def _files(listed: Iterable[tuple[File, str]]) -> Iterator[Block]:
    rows = tuple(
        (
            file.name,
            str(file.version),
            file_size(file.size, language()),
            _moment(file.at),
            file.sha256,
            why or NONE,
        )
        for file, why in listed
    )
    head = (
        N_("File"), N_("Version"), N_("Size"), N_("When"), "SHA-256", N_("Left out because"),
    )  # fmt: skip
    yield from _table(N_("Files"), head, rows)


def _comments(case: Case) -> Iterator[Block]:
    """What was said of it, the first first; what somebody took back says only that."""
    rows = tuple(
        (
            _moment(one.at),
            one.by.name if one.by else NONE,
            one.text if one.withdrawn_at is None else translator(language()).gettext(TAKEN_BACK),
        )
        for one in reversed(comments.of_case(session(), case))
    )
    yield from _table(N_("Comments"), (N_("When"), N_("Who"), N_("Comment")), rows)


def _happened(events: Iterable[Event]) -> Iterator[Block]:
    rows = tuple(
        (_moment(one.at), ". ".join([told(one), *dates_told(one)]), one.why or NONE)
        for one in history.tell(session(), events)
    )
    yield from _table(N_("What has happened"), (N_("When"), N_("What"), N_("Reason")), rows)


def _table(title: str, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Iterator[Block]:
    say = translator(language()).gettext
    yield Heading(say(title))
    if rows:
        yield Table(tuple(say(one) for one in head), rows)
    else:
        yield Paragraph((Span(say(N_("Nothing."))),))


def _moment(at: datetime | None) -> str:
    return moment(at, language()) if at else NONE
