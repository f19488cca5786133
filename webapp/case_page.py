"""What the page of one case shows: where it stands, its outline, its diagram, its history."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for

from webapp import clock, decide_page, outline, register_page
from webapp.auth import actor
from webapp.case_messages import lines
from webapp.case_words import name_of, why_stopped
from webapp.comments import talk
from webapp.format import because, is_exact, language
from webapp.transactions import session
from workflows.calendar.words import missing, reason
from workflows.cases import incidents
from workflows.cases.models import Case, CaseState
from workflows.documents.kinds import BOARD_PACKAGE, DOCUMENTS
from workflows.engine import Description
from workflows.language import N_, Sentence, counted, local, on, sort_key, translator
from workflows.permissions import Deed, may
from workflows.processes.models import Secrecy
from workflows.processes.rows import compiled
from workflows.queries import approvals, documents, expected, files, history, registers
from workflows.queries import cases as case_queries
from workflows.queries.expected import Ahead
from workflows.tasks.models import Outcome, Task

STATE_WORDS = {
    "done": N_("Done"),
    "closed": N_("Not needed"),
    "late": N_("Late"),
    "waiting": N_("Open"),
    "planned": N_("To come"),
    "expected": N_("(expected)"),
}


@dataclass(frozen=True, slots=True)
class StepView:
    """One line of the outline: a task that was or is open, or a step that may come."""

    name: str
    state: str
    state_text: str
    element: str = ""
    who: str = ""
    date: datetime | None = None
    why: str = ""
    url: str = ""
    is_now: bool = False
    is_mine: bool = False  # whoever reads has it to do
    exact: bool = False  # the hour counts too
    anchor: str = ""  # of the last opening of each step: where other pages point


def show_case(case: Case) -> str:
    """Render the page of a case that may be seen."""
    tasks = case_queries.tasks_of(session(), case)
    description = compiled(case.version).description
    steps = _steps(case, description, tasks)
    events = history.of_case(session(), case)
    return render_template(
        "cases/show.html",
        case=case,
        steps=steps,
        open_steps=sorted({task.element for task in tasks if task.closed_at is None}),
        done_steps=sorted({task.element for task in tasks if task.outcome is Outcome.COMPLETED}),
        outline=outline.lines(description),
        trail={step.element: step for step in steps},
        events=events,
        messages=lines(case),
        decided=decide_page.lines(case, approvals.of_case(session(), case)),
        written=[
            (register, register_page.lines(register, found, today=on(clock.now())))
            for register, found in registers.of_case(session(), case)
        ],
        entry_states=register_page.STATES,
        state=state_of(case, tasks),
        outlook=_outlook(case, steps),
        next_of_mine=next((step for step in steps if step.is_mine), None),
        people=_people(tasks),
        talk=talk(case),
        stopped=[(name_of(case, one.element), why_stopped(one)) for one in incidents.of(case)],
        may_operate=may(actor(), Deed.OPERATE_CASE, case),
        **_files(case),
    )


def _outlook(case: Case, steps: list[StepView]) -> str:
    """Say how far a case that goes on has come, and when it is expected to end."""
    if case.closed_at is not None:
        return ""
    done = sum(step.state == "done" for step in steps)
    to_come = [step.date for step in steps if step.state != "done" and step.date]
    said = {"done": done, "count": sum(step.state != "closed" for step in steps)}
    if not to_come:
        return Sentence(N_("{done} of {count} steps are done."), said).said(language())
    told = N_("{done} of {count} steps are done, and the last is expected by {day}.")
    return Sentence(told, said | {"day": local(max(to_come)).date()}).said(language())


def _people(tasks: list[Task]) -> list[tuple[str, list[str], list[str]]]:
    """Who took part: what each has done, and what each has before them."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for task in tasks:
        who = task.done_by if task.closed_at else task.assignee
        if who is not None and task.outcome is not Outcome.WITHDRAWN:
            names = found.setdefault(who.name, ([], []))[task.closed_at is None]
            if task.name(language()) not in names:
                names.append(task.name(language()))
    return [(name, *both) for name, both in sorted(found.items(), key=lambda one: sort_key(one[0]))]


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


def _steps(case: Case, description: Description, tasks: list[Task]) -> list[StepView]:
    """What has been opened, in that order, then what is expected, then what is not needed here."""
    now = clock.now()
    coming = [_coming(description, one) for one in expected.ahead(session(), case, tasks, now=now)]
    seen = {task.element for task in tasks} | {step.element for step in coming}
    closed = [
        StepView(info.names.get(language(), element), "closed", _word("closed"), element)
        for element, info in description.steps.items()
        if element not in seen
    ]
    last = {task.element: task.id for task in tasks}
    opened = [_opened(task, is_last=last[task.element] == task.id) for task in tasks]
    return opened + coming + closed


def _coming(description: Description, one: Ahead) -> StepView:
    """A step that has not been opened; when it comes only if something happens, without a date."""
    info, window = description.steps[one.window.key], one.window
    lane = description.lanes.get(info.lane or "")
    why, due = "", None if one.is_aside else window.due_at
    if one.is_aside:
        why = Sentence(N_("Only if something happens")).said(language())
    elif window.missing is not None:
        why = missing(window.missing, language())
    elif window.because is not None and window.key:
        why = f"{reason(window.because, language())} {_word('expected')}"
    return StepView(
        name=info.names.get(language(), info.element),
        state="planned",
        state_text=_word("planned"),
        element=info.element,
        who=(lane.names.get(language()) or lane.names["sv"]) if lane else "",
        date=due,
        why=why,
        exact=window.because is not None and window.because.is_exact,
    )


def _opened(task: Task, *, is_last: bool) -> StepView:
    who = task.done_by or task.assignee
    state = _state(task)
    return StepView(
        name=task.name(language()),
        state=state,
        state_text=_word(state),
        element=task.element,
        who=who.name if who else "",
        date=task.closed_at or task.due_at,
        why=_why(task),
        url=url_for("tasks.show", task_id=task.id) if may(actor(), Deed.SEE_TASK, task) else "",
        is_now=task.closed_at is None,
        is_mine=task.closed_at is None and task.assignee_id == actor().id,
        exact=task.closed_at is None and is_exact(task.because),
        anchor=f"step-{task.element}" if is_last else "",
    )


def _why(task: Task) -> str:
    """Why a step is due when it is; of one that is done, whether it was in time."""
    if task.closed_at is None:
        return because(task.because, language()) if task.because else ""
    if task.outcome is Outcome.WITHDRAWN:
        return _word("closed")
    if task.due_at is None:
        return ""
    late = (local(task.closed_at).date() - local(task.due_at).date()).days
    if late <= 0:
        return Sentence(N_("in time")).said(language())
    return counted(late, "one day late", "{count} days late").said(language())


def _word(state: str) -> str:
    return translator(language()).gettext(STATE_WORDS[state])


def _state(task: Task) -> str:
    if task.outcome is Outcome.COMPLETED:
        return "done"
    if task.outcome is Outcome.WITHDRAWN:
        return "closed"
    return "late" if task.due_at and task.due_at < clock.now() else "waiting"
