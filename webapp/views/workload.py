"""How much is due ahead for each role, and how each step went in the years before."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, traces
from webapp import workload_page as drawing
from webapp.auth import actor
from webapp.format import language
from webapp.transactions import session
from workflows.errors import NotFound
from workflows.language import month_names
from workflows.organisation.models import Unit, UnitKind
from workflows.permissions import Deed, may
from workflows.processes.models import Secrecy
from workflows.queries import calendar as units
from workflows.queries import last_year, overview
from workflows.queries import wheel as own
from workflows.queries import workload as questions
from workflows.queries.cases import may_be_seen

workload = Blueprint("workload", __name__, url_prefix="/follow-up")


@workload.get("/workload")
def page() -> ResponseReturnValue:
    bodies, unit = _chosen()
    found = questions.ahead(
        session(), units=[unit.id] if unit else None, by=actor(), now=clock.now()
    )
    bars = drawing.bars(found)
    return render_template(
        "follow_up/workload.html",
        found=found,
        unit=unit,
        bodies=bodies,
        sees_city=may(actor(), Deed.SEE_CITY, None),
        bars=bars,
        most=max((bar.due for bar in bars), default=0),
        roles=drawing.roles(found),
        sunday=drawing.sunday,
        pitch=drawing.PITCH,
    )


@workload.get("/workload/near")
def near() -> ResponseReturnValue:
    """Say which of the nearest weeks hold too much; other pages fetch it once they stand."""
    _, unit = _chosen()
    found = questions.soon(session(), [unit.id] if unit else None, by=actor(), now=clock.now())
    url = url_for("workload.page", unit=unit.id if unit else None)
    return render_template("follow_up/near.html", found=found, url=url)


@workload.get("/steps")
def steps() -> ResponseReturnValue:
    """Show a process of a body, year against year."""
    bodies, unit = _chosen()
    unit = unit or next((one for one in bodies if one.kind is not UnitKind.CITY), None)
    if unit is None:
        raise NotFound
    year = clock.now().year
    known = [one for one, _ in overview.processes(session(), year, by=actor())]
    used = last_year.used_in(session(), unit)
    known = [one for one in known if one.id in used and may_be_seen(one, unit, actor())]
    if not known:
        return render_template("follow_up/steps.html", unit=unit, bodies=bodies, process=None)
    key = request.args.get("process", known[0].key)
    process = next((one for one in known if one.key == key), known[0])
    found = last_year.steps(session(), process, unit, request.args.get("occasion"), by=actor())
    if process.secrecy is Secrecy.SECRET:
        traces.leave("overview_read", by=actor(), what={"process": process.key, "year": str(year)})
    return render_template(
        "follow_up/steps.html",
        found=found,
        unit=unit,
        bodies=bodies,
        process=process,
        processes=known,
        marks=drawing.marks(found),
        months=month_names(language()),
        line=drawing.LINE,
        left=drawing.LEFT,
        month=drawing.MONTH,
    )


def _chosen() -> tuple[list[Unit], Unit | None]:
    """Give the bodies the actor may choose between, and the one asked for; none is the whole city.

    :raises NotFound: if it is not theirs to see
    """
    mine = own.units_of(session(), actor())
    sees_city = may(actor(), Deed.SEE_CITY, None)
    bodies = units.bodies(session()) if sees_city else mine
    text = request.args.get("unit", "")
    if text:
        unit = next((one for one in bodies if str(one.id) == text), None)
        if unit is None:
            raise NotFound
        return bodies, unit
    if sees_city:
        return bodies, None
    if not mine:
        raise NotFound
    return bodies, mine[0]
