"""Closing a year: how far each body is, what is carried over or moved, frozen and sealed."""

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp import clock
from webapp.auth import actor
from webapp.format import language
from webapp.pages import LAST_YEAR, asked_year, numbers, posted_number, tell
from webapp.transactions import abandon, session
from workflows.errors import Invalid, NotFound
from workflows.follow_up.year_models import BodyYear, Switch, SwitchItem, SwitchKind, Verdict
from workflows.follow_up.year_rows import body_year
from workflows.language import N_, counted, on
from workflows.operations import year_switch as verbs
from workflows.operations import years as closing_verbs
from workflows.operations.year_switch import Said
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may, require
from workflows.processes.models import Secrecy
from workflows.queries import calendar as units
from workflows.queries import year_board
from workflows.queries import year_switch as questions
from workflows.registers import definition
from workflows.registers.models import Entry

years = Blueprint("years", __name__, url_prefix="/follow-up/year")

MOST_TO_LOOK_AT = 60
LAST_MONTH = 6  # in which the year before is what one most likely asks for
STEPS = {
    "open": (N_("not carried over"), ""),
    "waiting": (N_("waits for its turn"), "waiting"),
    "carried": (N_("carried over"), "planned"),
    "frozen": (N_("frozen"), "soon"),
    "sealed": (N_("sealed"), "done"),
}
VERDICTS = {
    Verdict.KEPT: N_("Goes on"),
    Verdict.CHANGED: N_("Goes on with another day"),
    Verdict.DROPPED: N_("Ends"),
    Verdict.NEW: N_("Is there already"),
    Verdict.MOVED: N_("Moves"),
    Verdict.STAYS: N_("Is finished where it is"),
}
REASONS = {
    "goes_on": N_("It is open."),
    "late": N_("Its day passed before the year was over."),
    "in_case": N_("A case that is still open works on it."),
    "look_again": N_("Its day has passed: look at it again."),
    "nobodys": N_("Nobody owns it."),
    "has_it": N_("The new year has it already."),
    "twice": N_("The receiver has one of the same name. Both will be there, or one ends here."),
    "case_there": N_("The receiver has the same case already."),
}


@years.get("")
def page() -> ResponseReturnValue:
    year, now = asked_year(), clock.now()
    if "year" not in request.args and on(now).month <= LAST_MONTH:
        year -= 1  # in spring it is last year that is being closed
    found = year_board.board(session(), year, by=actor())
    return render_template(
        "follow_up/year.html",
        found=found,
        year=year,
        years=[one for one in range(year - 1, year + 2) if one < LAST_YEAR],
        steps=STEPS,
        may_close=may(actor(), Deed.CLOSE_YEAR, None),
    )


@years.get("/<int:year>/rehearsal")
def rehearsal(year: int) -> ResponseReturnValue:
    """Show the whole change of year before any of it happens."""
    found, by = year_board.rehearsed(session(), year, by=actor()), actor()
    to_look_at = [
        (unit, one)
        for unit, one in found.to_look_at
        if isinstance(one.thing, Entry) and _may_see_entry(by, one.thing)
    ]
    return render_template(
        "follow_up/year_rehearsal.html",
        found=found,
        year=year,
        verdicts={one: word for one, word in VERDICTS.items() if found.totals[one]},
        to_look_at=to_look_at[:MOST_TO_LOOK_AT],
        more=len(found.to_look_at) - len(to_look_at[:MOST_TO_LOOK_AT]),
        steps=STEPS,
        reasons=REASONS,
        definition=definition,
    )


@years.post("/<int:year>/opening")
def open_year(year: int) -> ResponseReturnValue:
    closing_verbs.open_year(session(), year, by=actor(), now=clock.now())
    tell(N_("{year} is open."), year=str(year))
    return redirect(url_for("years.page", year=year - 1))


@years.post("/<int:year>/opening/undoing")
def take_back_opening(year: int) -> ResponseReturnValue:
    why = request.form.get("why", "")
    closing_verbs.take_back_opening(session(), year, why, by=actor(), now=clock.now())
    tell(N_("It is taken back."))
    return redirect(url_for("years.page", year=year - 1))


@years.post("/<int:year>/carrying")
def carry_all(year: int) -> ResponseReturnValue:
    count = verbs.ask_for_all(session(), year, by=actor(), now=clock.now())
    told = counted(count, "One body is carried over now.", "{count} bodies are carried over now.")
    flash(told.said(language()))
    return redirect(url_for("years.page", year=year))


@years.get("/<int:year>/<int:unit_id>")
def body(year: int, unit_id: int) -> ResponseReturnValue:
    return _body(year, unit_id)


def _body(year: int, unit_id: int) -> str:
    unit = _unit(unit_id)
    found = year_board.closing(session(), unit, year, by=actor())
    return render_template(
        "follow_up/year_body.html",
        found=found,
        unit=unit,
        year=year,
        switch=questions.standing(session(), SwitchKind.CARRY, unit.id, year),
        merge=questions.standing(session(), SwitchKind.MERGE, unit.id, year),
        others=[one for one in units.bodies(session()) if one.id != unit.id],
        may_close=may(actor(), Deed.CLOSE_YEAR, unit),
        may_carry=may(actor(), Deed.CARRY_OVER, unit),
    )


@years.post("/<int:year>/<int:unit_id>/carrying")
def prepare(year: int, unit_id: int) -> ResponseReturnValue:
    made = verbs.prepare(session(), _unit(unit_id), year, by=actor(), now=clock.now())
    return redirect(url_for("years.switch", switch_id=made.id))


@years.post("/<int:year>/<int:unit_id>/merging")
def merge(year: int, unit_id: int) -> ResponseReturnValue:
    require(actor(), Deed.CLOSE_YEAR, None)
    ids = numbers(request.form.getlist("to"))
    wanted = sa.select(Unit).where(Unit.id.in_(ids)).order_by(Unit.sort_key, Unit.id)
    made = verbs.prepare_merge(
        session(),
        _unit(unit_id),
        list(session().scalars(wanted)),
        posted.must_day("on"),
        by=actor(),
        now=clock.now(),
    )
    return redirect(url_for("years.switch", switch_id=made.id))


@years.post("/<int:year>/<int:unit_id>/freezing")
def freeze(year: int, unit_id: int) -> ResponseReturnValue:
    why, by = request.form.get("why", ""), actor()
    closing_verbs.freeze(session(), _unit(unit_id), year, why, by=by, now=clock.now())
    tell(N_("The year is frozen."))
    return redirect(url_for("years.body", year=year, unit_id=unit_id))


@years.post("/<int:year>/<int:unit_id>/thawing")
def thaw(year: int, unit_id: int) -> ResponseReturnValue:
    why = request.form.get("why", "")
    closing_verbs.thaw(session(), _state(year, unit_id), why, by=actor(), now=clock.now())
    tell(N_("The year is open again."))
    return redirect(url_for("years.body", year=year, unit_id=unit_id))


@years.post("/<int:year>/<int:unit_id>/sealing")
def seal(year: int, unit_id: int) -> ResponseReturnValue:
    closing_verbs.seal(session(), _state(year, unit_id), by=actor(), now=clock.now())
    tell(N_("The year is sealed."))
    return redirect(url_for("years.body", year=year, unit_id=unit_id))


@years.get("/switches/<int:switch_id>")
def switch(switch_id: int) -> ResponseReturnValue:
    return _switch(switch_id)


@years.post("/switches/<int:switch_id>")
def decide(switch_id: int) -> ResponseReturnValue:
    """Keep what was said of each row, and do it all if that was asked for."""
    found = questions.find(session(), switch_id, by=actor(), to_change=True)
    try:
        verbs.say(session(), found, dict(_said(found)), by=actor())
        if request.form.get("do") == "apply":
            verbs.apply(session(), found, by=actor(), now=clock.now())
    except Invalid as refusal:
        abandon()
        return _switch(switch_id, posted.said(refusal)), 422
    if found.applied_at is None:
        tell(N_("What you said is kept. Nothing is carried over yet."))
    else:
        tell(N_("It is done, and can be taken back until somebody builds upon it."))
    return redirect(url_for("years.switch", switch_id=switch_id))


@years.post("/switches/<int:switch_id>/undoing")
def undo(switch_id: int) -> ResponseReturnValue:
    found = questions.find(session(), switch_id, by=actor(), to_change=True)
    why = request.form.get("why", "")
    verbs.undo(session(), found, why, by=actor(), now=clock.now())
    tell(N_("It is taken back."))
    return redirect(url_for("years.body", year=found.year, unit_id=found.unit_id))


def _said(found: Switch) -> list[tuple[int, Said]]:
    said = []
    for item in found.items:
        text = request.form.get(f"verdict-{item.id}", "")
        if text not in set(Verdict):
            continue
        verdict = Verdict(text)
        due = posted.day(f"due-{item.id}") if verdict is Verdict.CHANGED else None
        to = posted_number(f"to-{item.id}") if verdict is Verdict.MOVED else None
        why = request.form.get(f"why-{item.id}", "")[:500]
        said.append((item.id, Said(verdict, why, due, to)))
    return said


def _switch(switch_id: int, wrong: list[str] | None = None) -> str:
    found, by = questions.find(session(), switch_id, by=actor()), actor()
    seen = [item for item in found.items if _may_see(by, item)]
    groups: dict[str, list[SwitchItem]] = {}
    for item in seen:
        groups.setdefault(item.entry.register if item.entry else "", []).append(item)
    deed = Deed.CARRY_OVER if found.kind is SwitchKind.CARRY else Deed.CLOSE_YEAR
    return render_template(
        "follow_up/year_switch.html",
        found=found,
        groups=groups,
        hidden=len(found.items) - len(seen),
        counts={one: sum(item.verdict is one for item in found.items) for one in Verdict},
        of_rows=verbs.OF_ROWS[found.kind],
        of_cases=verbs.OF_CASES,
        verdicts=VERDICTS,
        reasons=REASONS,
        to_look_at=year_board.TO_LOOK_AT,
        definition=definition,
        places=questions.successors_of(session(), found),
        may_do=found.applied_at is None and may(by, deed, found.unit),
        may_undo=found.applied_at is not None
        and found.undone_at is None
        and may(by, Deed.CLOSE_YEAR, found.unit),
        wrong=wrong or [],
        said=request.form,
    )


def _may_see(by: Actor, item: SwitchItem) -> bool:
    if item.entry is not None:
        return _may_see_entry(by, item.entry)
    return item.case is not None and may(by, Deed.SEE_CASE, item.case)


def _may_see_entry(by: Actor, entry: Entry) -> bool:
    return entry.level is not Secrecy.SECRET and may(by, Deed.SEE_ENTRY, entry)


def _unit(unit_id: int) -> Unit:
    unit = session().get(Unit, unit_id)
    if unit is None or not questions.may_look(actor(), unit):
        raise NotFound
    return unit


def _state(year: int, unit_id: int) -> BodyYear:
    state = body_year(session(), _unit(unit_id).id, year)
    if state is None:
        raise NotFound
    return state
