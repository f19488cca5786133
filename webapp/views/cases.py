"""A case: starting one by hand, where it stands, its diagram, and what has happened in it."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.case_data import answered
from webapp.case_page import show_case
from webapp.pages import posted_number
from webapp.traces import leave_if_secret
from webapp.transactions import session
from workflows.errors import NotFound
from workflows.language import on
from workflows.operations import cases as verbs
from workflows.queries import cases as case_queries
from workflows.queries import history

cases = Blueprint("cases", __name__, url_prefix="/cases")

YEARS = (-1, 0, 1)  # before and after this one
LONGEST_OCCASION = 60


@cases.get("/new")
def new() -> ResponseReturnValue:
    today = on(clock.now())
    processes, units = case_queries.startable(session(), by=actor(), today=today)
    return render_template(
        "cases/new.html",
        processes=processes,
        units=units,
        years=[today.year + each for each in YEARS],
        this_year=today.year,
        longest=LONGEST_OCCASION,
    )


@cases.post("")
def start() -> ResponseReturnValue:
    processes, units = case_queries.startable(session(), by=actor(), today=on(clock.now()))
    process = next((one for one in processes if one.id == posted_number("process")), None)
    unit = next((one for one in units if one.id == posted_number("unit")), None)
    if not process or not unit:
        raise NotFound
    year, occasion = posted_number("year"), " ".join(request.form.get("occasion", "").split())
    case = verbs.start(
        session(),
        process,
        unit,
        year,
        occasion=occasion[:LONGEST_OCCASION],
        by=actor(),
        now=clock.now(),
    )
    return redirect(url_for("cases.show", case_id=case.id))


@cases.get("/<int:case_id>")
def show(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor())
    leave_if_secret(case, by=actor())
    if case.purged_at is not None:
        events = history.of_case(session(), case)
        return render_template("cases/purged.html", case=case, events=events)
    return show_case(case)


@cases.get("/<int:case_id>/data")
def data(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor())
    leave_if_secret(case, by=actor())
    return render_template("cases/data.html", case=case, forms=answered(case))


@cases.get("/<int:case_id>/diagram")
def diagram(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor())
    return Response(case.version.source, mimetype="application/xml")
