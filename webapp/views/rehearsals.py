"""A year rehearsed for one unit; the answer to the question is the page itself: nothing is kept."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp.auth import actor
from webapp.format import language
from webapp.pages import posted_number
from webapp.rehearsal_page import shown
from webapp.transactions import close, session, this_app
from workflows.calendar.workdays import FIRST_YEAR, LAST_YEAR
from workflows.language import on
from workflows.permissions import Deed, require
from workflows.queries import calendar as questions
from workflows.rehearsal.city import gathered
from workflows.rehearsal.looking import rehearse
from workflows.rehearsal.report import plain

rehearsals = Blueprint("rehearsals", __name__, url_prefix="/rehearsal")


@rehearsals.get("/")
def page() -> ResponseReturnValue:
    require(actor(), Deed.REHEARSE, None)
    return _page(on(clock.now()).year + 1)


@rehearsals.post("/")
def play() -> ResponseReturnValue:
    """Rehearse; it takes its time, so that is done without holding the right to write."""
    require(actor(), Deed.REHEARSE, None)
    year, unit_id = posted_number("year"), posted_number("unit")
    unit = questions.unit(session(), unit_id)
    if not FIRST_YEAR < year < LAST_YEAR:
        raise BadRequest
    close()
    with this_app().database.reading() as opened:
        city = gathered(opened, today=on(clock.now()))
        report = plain(rehearse(city, year, units=[unit.code]))
    return _page(year, unit_id, report)


def _page(
    year: int, unit_id: int | None = None, report: dict[str, object] | None = None
) -> ResponseReturnValue:
    this = on(clock.now()).year
    return render_template(
        "rehearsals/page.html",
        year=year,
        years=range(this, this + 3),
        unit_id=unit_id,
        bodies=questions.bodies(session()),
        found=shown(report, language()) if report else None,
    )
