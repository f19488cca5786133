"""The pages of the calendar; each can be shown again with what was wrong in what was sent."""

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound as NoSuchPage

from webapp import calendar_forms as posted
from webapp.auth import actor
from webapp.format import language
from webapp.pages import page_number
from webapp.transactions import session
from workflows.calendar.names import MILESTONES, problem_said
from workflows.calendar.profiles import Profile
from workflows.calendar.workdays import FIRST_YEAR, LAST_YEAR
from workflows.language import N_
from workflows.permissions import Deed, may, require
from workflows.queries import calendar as questions
from workflows.steering.models import Replanning

PROFILES = {
    Profile.LARGE_CITY: N_("a large city"),
    Profile.MUNICIPALITY: N_("a municipality"),
    Profile.SMALL_MUNICIPALITY: N_("a small municipality"),
}


def to_year(found: Replanning) -> ResponseReturnValue:
    """Go back to the year a change is about."""
    return redirect(url_for("calendar.year", year=found.year, unit=found.unit_id))


def day(text: str) -> date:
    """Read a date of an address."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NoSuchPage from None


def year_page(number: int, wrong: list[str] | None = None, unit_id: int | None = None) -> str:
    """Show a year."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise NoSuchPage
    unit = questions.unit(session(), unit_id or posted.unit_id())
    found = questions.year(session(), unit, number)
    return render_template(
        "calendar/year.html",
        year=number,
        unit=unit,
        found=found,
        problems=[
            ("soon" if one.is_warning else "late", problem_said(one, language()))
            for one in found.problems
            if one.code not in ("no_calendar", "milestone_undated")  # the page says so itself
        ],
        bodies=questions.bodies(session()),
        may_change=may(actor(), Deed.CHANGE_CALENDAR, unit),
        names=MILESTONES,
        wrong=wrong or [],
        said=request.form,
        years=[each for each in range(number - 1, number + 3) if FIRST_YEAR <= each <= LAST_YEAR],
    )


def form(template: str, year: int, wrong: list[str], **more: object) -> str:
    """Render a form that changes the calendar of the unit the address names."""
    unit = questions.unit(session(), posted.unit_id())
    require(actor(), Deed.CHANGE_CALENDAR, unit)
    desk = questions.desk(session(), unit, year)
    return render_template(
        template, year=year, unit=unit, desk=desk, wrong=wrong, said=request.form, **more
    )


def milestone_page(year: int, code: str, wrong: list[str] | None = None) -> str:
    """Show the form of a milestone."""
    unit = questions.unit(session(), posted.unit_id())
    found = questions.desk(session(), unit, year).milestones.get(code)
    if found is None:
        raise NoSuchPage
    return form("calendar/milestone.html", year, wrong or [], milestone=found, names=MILESTONES)


def meeting_page(year: int, day: date | None = None, wrong: list[str] | None = None) -> str:
    """Show the form of a new meeting, or of the one on `day`."""
    unit = questions.unit(session(), posted.unit_id())
    held = questions.desk(session(), unit, year).book.meetings(unit.id)
    found = next((one for one in held if one.on == day), None)
    if day and found is None:
        raise NoSuchPage
    return form("calendar/meeting.html", year, wrong or [], meeting=found)


def habits_page(year: int, wrong: list[str] | None = None) -> str:
    """Show the form of how a unit keeps its year."""
    unit = questions.unit(session(), posted.unit_id())
    own = questions.desk(session(), unit, year).book.habits(unit.id)
    return form("calendar/habits.html", year, wrong or [], habits=own, profiles=PROFILES)


def change_page(change_id: int, wrong: list[str] | None = None) -> str:
    """Show a change and what it moves."""
    found = questions.find_change(session(), change_id, by=actor())
    page = page_number()
    return render_template(
        "calendar/change.html",
        found=questions.change(session(), found, by=actor(), page=page),
        page=page,
        page_size=questions.PAGE,
        names=MILESTONES,
        wrong=wrong or [],
    )
