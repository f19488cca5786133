"""The first page: what to do now, and the year as a wheel."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp.auth import actor
from webapp.format import language
from webapp.transactions import session
from webapp.wheel import NARROW, WIDE, draw
from workflows.language import N_, counted, month_names, on, translator
from workflows.organisation.models import Unit
from workflows.queries import absences, inbox
from workflows.queries import wheel as questions
from workflows.queries.wheel import Wheel

home = Blueprint("home", __name__)

MOST_URGENT = 3
FIRST_YEAR, LAST_YEAR = 1990, 2100
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
    by, units = actor(), questions.units_of(session(), actor())
    mine, free = inbox.mine(session(), by), inbox.for_my_roles(session(), by)
    lead = counted(mine.total + free.total, "One task waits.", "{count} tasks wait.")
    unit = _chosen(units)
    wheel = questions.wheel(session(), unit, _year(), by=by, now=clock.now()) if unit else None
    return render_template(
        "home/page.html",
        mine=mine,
        free=free,
        answers=inbox.to_answer(session(), by),
        standing_in=len(absences.to_take_over(session(), by)),
        most_urgent=MOST_URGENT,
        lead=lead.said(language()) if mine.total + free.total else "",
        units=units,
        wheel=wheel,
        drawn=_drawn(wheel) if wheel else (),
        rim={code: translator(language()).gettext(name) for code, name in RIM.items()},
    )


def _drawn(wheel: Wheel) -> tuple[object, ...]:
    months = month_names(language())
    names = [ring.process.name(language()) for ring in wheel.rings]
    return draw(wheel, WIDE, months, names), draw(wheel, NARROW, months, names)


def _chosen(units: list[Unit]) -> Unit | None:
    """Find the unit whose year is asked for: one of one's own, the first unless said."""
    wanted = request.args.get("unit", "")
    return next((unit for unit in units if str(unit.id) == wanted), units[0] if units else None)


def _year() -> int:
    text = request.args.get("year", str(on(clock.now()).year))
    if not text.isdecimal() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise BadRequest
    return int(text)
