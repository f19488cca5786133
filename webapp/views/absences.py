"""Who is away and who stands in: one's own absences, those one keeps for others, taking over, and
planning anew what became late.
"""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp import clock
from webapp.auth import actor, visitor
from webapp.pages import number, numbers, tell
from webapp.transactions import abandon, session
from workflows.calendar.workdays import ClosedDays, add_workdays
from workflows.errors import Conflict, Invalid
from workflows.language import N_, on
from workflows.operations import absences as verbs
from workflows.operations import extensions, promises, tasks
from workflows.operations.absences import Cover
from workflows.organisation.models import Person
from workflows.organisation.roles import ROLES
from workflows.processes import rows as processes
from workflows.queries import absences as questions
from workflows.queries import cases as case_queries
from workflows.queries import history

absences = Blueprint("absences", __name__, url_prefix="/absences")

PROPOSED = 5  # working days, for what has become late


@absences.get("/")
def page() -> ResponseReturnValue:
    return _page(visitor().person_id)


@absences.get("/people/<int:person_id>")
def of_person(person_id: int) -> ResponseReturnValue:
    return _page(person_id)


@absences.post("/people/<int:person_id>")
def leave(person_id: int) -> ResponseReturnValue:
    person = questions.person(session(), person_id, by=actor())
    try:
        from_on, to_on = posted.must_day("from_on"), posted.must_day("to_on")
        verbs.leave(session(), person, from_on, to_on, _covers(person), by=actor(), now=clock.now())
    except (Invalid, Conflict) as refusal:
        abandon()
        return _page(person_id, posted.said(refusal)), 422
    tell(N_("The absence is kept."))
    return redirect(url_for("absences.of_person", person_id=person_id))


@absences.post("/<int:absence_id>/end")
def come_back(absence_id: int) -> ResponseReturnValue:
    absence = questions.absence(session(), absence_id, by=actor())
    verbs.come_back(session(), absence, by=actor(), now=clock.now())
    tell(N_("The absence is over. Nobody stands in any more."))
    return redirect(url_for("absences.of_person", person_id=absence.person_id))


@absences.post("/taken-over")
def take_over() -> ResponseReturnValue:
    chosen = _chosen()
    if request.form.get("all"):
        chosen = [one.task.id for one in questions.to_take_over(session(), actor())]
    for task_id in questions.case_by_case(session(), chosen):
        task = case_queries.task(session(), task_id, by=actor(), to_change=True)
        tasks.claim(session(), task, by=actor(), now=clock.now())
    return redirect(url_for("tasks.index") if chosen else url_for("absences.page"))


@absences.post("/late")
def plan_anew() -> ResponseReturnValue:
    """Promise everything late that was chosen by a day, and perhaps ask for longer time too."""
    why, now = request.form.get("why", ""), clock.now()
    chosen = questions.case_by_case(session(), _chosen())
    try:
        for task_id in chosen:
            until = posted.must_day(f"until-{task_id}")
            task = case_queries.task(session(), task_id, by=actor(), to_change=True)
            promises.promise(session(), task, until, why, by=actor(), now=now)
            if request.form.get("longer") and extensions.may_be_asked(session(), task):
                extensions.ask(session(), task, until, why, by=actor(), now=now)
    except (Invalid, Conflict) as refusal:
        abandon()
        return _page(visitor().person_id, posted.said(refusal)), 422
    if chosen:
        tell(N_("Your new days are kept with the tasks."))
    return redirect(url_for("absences.page"))


def _chosen() -> list[int]:
    return numbers(request.form.getlist("task"))


def _covers(person: Person) -> list[Cover]:
    """Read who stands in: one for all roles or somebody for each, perhaps in some processes."""
    named = set(request.form.getlist("process"))
    chosen: list[int | None] = [
        one.id for one in processes.all_of(session()) if str(one.id) in named
    ]
    return [
        replace(cover, process_id=process_id)
        for cover in _covers_of_roles(person)
        for process_id in chosen or [None]
    ]


def _covers_of_roles(person: Person) -> list[Cover]:
    everything = number(request.form.get("deputy", ""))
    places = questions.roles_to_cover(session(), person, by=actor(), today=on(clock.now()))
    chosen = {
        (role, unit.id): number(request.form.get(f"deputy-{role}-{unit.id}", "")) or everything
        for role, unit in places
    }
    may_all = questions.may_name_for_all(person, by=actor())
    if everything and may_all and set(chosen.values()) <= {everything}:
        return [Cover(everything)]
    return [Cover(deputy, *place) for place, deputy in chosen.items() if deputy]


def _page(person_id: int, wrong: list[str] | None = None) -> str:
    by, now = actor(), clock.now()
    today = on(now)
    person = questions.person(session(), person_id, by=by)
    is_me = person.id == by.id
    shown = questions.of_person(session(), person, by=by, today=today)
    since = questions.began(shown[0]) if shown else None
    return render_template(
        "absences/page.html",
        person=person,
        is_me=is_me,
        absences=shown,
        today=today,
        gaps={one.id: questions.uncovered(session(), one, today=today) for one in shown},
        deputies=questions.possible_deputies(session(), person),
        to_cover=questions.roles_to_cover(session(), person, by=by, today=today),
        role_names={code: role.name for code, role in ROLES.items()},
        stood_in=questions.stood_in_by(session(), by, today=today) if is_me else (),
        waiting=questions.to_take_over(session(), by) if is_me else (),
        taken_over=questions.to_take_back(session(), by) if is_me else (),
        late=questions.late_of(session(), person.id, now=now) if is_me else (),
        proposed=add_workdays(ClosedDays(), today, PROPOSED),
        processes=processes.all_of(session()),
        others=questions.keepable(session(), by) if is_me else (),
        in_my_name=history.in_the_name_of(session(), person.id, since=since)
        if is_me and since
        else (),
        wrong=wrong or [],
        said=request.form,
    )
