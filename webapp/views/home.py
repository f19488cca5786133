"""The first page: what to do now, what happened since last time, and a year as a wheel."""

from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor, visitor
from webapp.format import language
from webapp.pages import asked_year
from webapp.transactions import session
from webapp.wheel import NARROW, WIDE, draw
from workflows.errors import NotFound
from workflows.language import N_, counted, month_names, translator
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may
from workflows.queries import absences, inbox, news, role_handovers
from workflows.queries import wheel as questions
from workflows.queries.wheel import Wheel, Whose
from workflows.tasks.models import Task

home = Blueprint("home", __name__)

MOST_URGENT = 3
# Short words for the rim; the calendar has the whole ones.
RIM = {
    "VB": N_("Annual report"),
    "T1": N_("Tertial report 1"),
    "BUDGET_KS": N_("Budget proposal"),
    "T2": N_("Tertial report 2"),
    "RSA_CITY": N_("The city's RSA"),
    "BUDGET_KF": N_("The budget"),
    "VP": N_("Operational plan"),
}


@home.get("/")
def page() -> ResponseReturnValue:
    by, opened = actor(), session()
    mine, free = (inbox.listed(opened, name, by=by, most=MOST_URGENT) for name in ("mine", "role"))
    waiting = mine.total + free.total
    lead = counted(waiting, "One task waits.", "{count} tasks wait.").said(language())
    tasks = sorted([*mine.tasks, *free.tasks], key=_nearness)[:MOST_URGENT]
    units = questions.units_of(opened, by)
    whose, unit = _chosen(units)
    wheel = (
        questions.wheel(opened, unit, asked_year(), whose=whose, by=by, now=clock.now())
        if unit
        else None
    )
    return render_template(
        "home/page.html",
        tasks=tasks,
        mine=mine.total,
        free=free.total,
        answers=inbox.to_answer(opened, by),
        handovers=role_handovers.unread(opened, by=by),
        standing_in=len(absences.to_take_over(opened, by)),
        news=news.since_last_visit(opened, by=by, door_id=visitor().door_id),
        lead=lead if waiting else "",
        units=units,
        sees_city=may(by, Deed.SEE_CITY, None),
        wheel=wheel,
        drawn=_drawn(wheel) if wheel else (),
        rim={code: translator(language()).gettext(name) for code, name in RIM.items()},
    )


def _nearness(task: Task) -> tuple[datetime, int]:
    return task.due_at or inbox.NEVER, task.id


def _drawn(wheel: Wheel) -> tuple[object, ...]:
    months = month_names(language())
    names = [ring.process.name(language()) for ring in wheel.rings]
    return draw(wheel, WIDE, months, names), draw(wheel, NARROW, months, names)


def _chosen(units: list[Unit]) -> tuple[Whose, Unit | None]:
    """Find whose year is asked for: first that of one's own unit, for those who watch the city its.

    A unit is one of one's own, or any for those who may see the whole city.

    :raises NotFound: if the address asks for another
    """
    sees_city, city = may(actor(), Deed.SEE_CITY, None), questions.city_of(session())
    is_of_city = city is not None and city.id in {unit.id for unit in units}
    usual = Whose.CITY if sees_city and is_of_city else Whose.UNIT if units else Whose.PERSON
    asked, unit_id = request.args.get("view", usual), request.args.get("unit", "")
    if asked not in list(Whose) or (asked == Whose.CITY and not sees_city):
        raise NotFound
    if asked == Whose.CITY:
        return Whose.CITY, city
    first = units[0] if units else city
    if asked == Whose.PERSON:
        return Whose.PERSON, first
    unit = next((one for one in units if str(one.id) == unit_id), None)
    if unit is None and unit_id.isdecimal() and sees_city:
        unit = session().get(Unit, int(unit_id))
    if unit is None and unit_id:
        raise NotFound
    return Whose.UNIT, unit or first
