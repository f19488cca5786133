"""What the page of one case shows: where it stands, its outline, its diagram, its history."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for

from webapp import clock, outline, register_page
from webapp.auth import actor
from webapp.case_messages import lines
from webapp.case_words import name_of, why_stopped
from webapp.format import because, language
from webapp.transactions import session
from workflows.cases import incidents
from workflows.cases.models import Case, CaseState
from workflows.documents.kinds import BOARD_PACKAGE, DOCUMENTS
from workflows.engine import Description
from workflows.language import N_, Sentence, local, on, translator
from workflows.permissions import Deed, may
from workflows.processes.models import Secrecy
from workflows.processes.rows import compiled
from workflows.queries import cases as case_queries
from workflows.queries import documents, files, history, registers
from workflows.tasks.models import Outcome, Task

STATE_WORDS = {
    "done": N_("Done"),
    "closed": N_("Not needed"),
    "late": N_("Late"),
    "waiting": N_("Open"),
    "planned": N_("To come"),
}


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the outline: a task that was or is open, or a step that may come."""

    name: str
    state: str
    state_text: str
    who: str = ""
    date: datetime | None = None
    why: str = ""
    url: str = ""
    is_now: bool = False


def show_case(case: Case) -> str:
    """Render the page of a case that may be seen."""
    tasks = case_queries.tasks_of(session(), case)
    description = compiled(case.version).description
    return render_template(
        "cases/show.html",
        case=case,
        steps=_steps(description, tasks, is_over=case.closed_at is not None),
        open_steps=sorted({task.element for task in tasks if task.closed_at is None}),
        done_steps=sorted({task.element for task in tasks if task.outcome is Outcome.COMPLETED}),
        outline=outline.lines(description),
        events=history.of_case(session(), case),
        messages=lines(case),
        written=[
            (register, register_page.lines(register, found, today=on(clock.now())))
            for register, found in registers.of_case(session(), case)
        ],
        entry_states=register_page.STATES,
        state=state_of(case, tasks),
        stopped=[(name_of(case, one.element), why_stopped(one)) for one in incidents.of(case)],
        may_operate=may(actor(), Deed.OPERATE_CASE, case),
        **_files(case),
    )


def _files(case: Case) -> dict[str, object]:
    attached = files.of_case(session(), case, by=actor())
    is_open = case.closed_at is None and case.secrecy is not Secrecy.SECRET
    return {
        "attached": attached,
        "may_attach": is_open and may(actor(), Deed.ATTACH, case),
        "documents": documents.of_case(session(), case),
        "may_make": may(actor(), Deed.MAKE_DOCUMENT, case),
        "kinds": DOCUMENTS,
        "board_package": BOARD_PACKAGE,
        "removable": {one.id for one in attached if may(actor(), Deed.REMOVE_FILE, one)},
    }


def state_of(case: Case, tasks: list[Task]) -> str:
    """Say in one sentence where the case stands."""
    if case.state is CaseState.CANCELLED and case.closed_at is not None:
        said = Sentence(N_("Cancelled {day}."), {"day": local(case.closed_at).date()})
    elif case.state is CaseState.SUSPENDED:
        said = Sentence(N_("Rests: nothing can be handed in until it goes on."))
    elif case.closed_at is not None:
        said = Sentence(N_("Finished {day}."), {"day": local(case.closed_at).date()})
    elif case.state is CaseState.STOPPED:
        said = Sentence(N_("Stopped: a step could not be taken. Nothing is lost."))
    else:
        names = [task.name(language()) for task in tasks if task.closed_at is None]
        said = Sentence(N_("Waits: there is nothing to do in it now."))
        if names:
            said = Sentence(N_("Now: {steps}."), {"steps": names})
    return said.said(language())


def _steps(description: Description, tasks: list[Task], *, is_over: bool) -> list[StepView]:
    """What has been opened, in that order, then what may come, or was never needed."""
    seen = {task.element for task in tasks}
    state = "closed" if is_over else "planned"
    coming = [
        StepView(info.names.get(language(), element), state, _word(state))
        for element, info in description.steps.items()
        if element not in seen
    ]
    return [_opened(task) for task in tasks] + coming


def _opened(task: Task) -> StepView:
    who = task.done_by or task.assignee
    state = _state(task)
    return StepView(
        name=task.name(language()),
        state=state,
        state_text=_word(state),
        who=who.name if who else "",
        date=task.closed_at or task.due_at,
        why=because(task.because, language()) if task.because and not task.closed_at else "",
        url=url_for("tasks.show", task_id=task.id) if may(actor(), Deed.SEE_TASK, task) else "",
        is_now=task.closed_at is None,
    )


def _word(state: str) -> str:
    return translator(language()).gettext(STATE_WORDS[state])


def _state(task: Task) -> str:
    if task.outcome is Outcome.COMPLETED:
        return "done"
    if task.outcome is Outcome.WITHDRAWN:
        return "closed"
    return "late" if task.due_at and task.due_at < clock.now() else "waiting"
