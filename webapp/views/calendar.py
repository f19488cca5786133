"""The calendar of the city and its units; what a change moves is shown before it is made."""

from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp import calendar_pages as pages
from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import abandon, close, session, this_app
from workflows.calendar.meeting_files import read_meetings
from workflows.errors import Conflict, Invalid
from workflows.language import N_, on
from workflows.operations import calendar as verbs
from workflows.permissions import Deed, require
from workflows.queries import calendar as questions
from workflows.queries.redating import TOLD_ANEW
from workflows.queries.replanning import preview
from workflows.queries.wheel import units_of
from workflows.steering import changes
from workflows.steering.changes import Desk
from workflows.steering.values import Change

calendar = Blueprint("calendar", __name__, url_prefix="/calendar")

WorkOut = Callable[[Desk], Change]


@calendar.get("/")
def index() -> ResponseReturnValue:
    own = units_of(session(), actor())
    unit_id = own[0].id if own else None
    return redirect(url_for("calendar.year", year=on(clock.now()).year, unit=unit_id))


@calendar.get("/<int:year>")
def year(year: int) -> ResponseReturnValue:
    return pages.year_page(year)


@calendar.post("/<int:year>/draft")
def draft(year: int) -> ResponseReturnValue:
    return _propose(year, changes.draft, lambda wrong: pages.year_page(year, wrong))


@calendar.get("/<int:year>/milestones/<code>")
def milestone(year: int, code: str) -> ResponseReturnValue:
    return pages.milestone_page(year, code)


@calendar.post("/<int:year>/milestones/<code>")
def change_milestone(year: int, code: str) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        state, day = request.form.get("state"), posted.day("on")
        if state == "dated" and day is None:
            raise Invalid("not_a_day", value="")
        return changes.set_milestone(
            desk,
            code,
            on=day if state == "dated" else None,
            exists=state != "absent",
            confirmed=request.form.get("confirmed") == "true",
        )

    return _propose(year, work_out, lambda wrong: pages.milestone_page(year, code, wrong))


@calendar.post("/<int:year>/milestones/<code>/confirmation")
def confirm_milestone(year: int, code: str) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.confirm(desk, code)

    return _propose(year, work_out, lambda wrong: pages.year_page(year, wrong))


@calendar.post("/<int:year>/milestones/<code>/city-date")
def follow_city(year: int, code: str) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.follow_city(desk, code)

    return _propose(year, work_out, lambda wrong: pages.milestone_page(year, code, wrong))


@calendar.get("/<int:year>/meetings/new")
def new_meeting(year: int) -> ResponseReturnValue:
    return pages.meeting_page(year)


@calendar.post("/<int:year>/meetings/new")
def add_meeting(year: int) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.set_meeting(desk, posted.meeting())

    return _propose(year, work_out, lambda wrong: pages.meeting_page(year, wrong=wrong))


@calendar.get("/<int:year>/meetings/<day>")
def meeting(year: int, day: str) -> ResponseReturnValue:
    return pages.meeting_page(year, pages.day(day))


@calendar.post("/<int:year>/meetings/<day>")
def change_meeting(year: int, day: str) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.set_meeting(desk, posted.meeting(), instead_of=pages.day(day))

    return _propose(year, work_out, lambda wrong: pages.meeting_page(year, pages.day(day), wrong))


@calendar.post("/<int:year>/meetings/<day>/cancellation")
def cancel_meeting(year: int, day: str) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.cancel_meeting(desk, pages.day(day))

    return _propose(year, work_out, lambda wrong: pages.meeting_page(year, pages.day(day), wrong))


@calendar.get("/<int:year>/meetings/file")
def meetings_file(year: int) -> ResponseReturnValue:
    return pages.form("calendar/meetings_file.html", year, [])


@calendar.post("/<int:year>/meetings/file")
def read_file(year: int) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        sent = request.files.get("file")
        name, content = (sent.filename or "", sent.stream.read()) if sent else ("", b"")
        return changes.set_meetings(desk, read_meetings(name, content))

    def again(wrong: list[str]) -> str:
        return pages.form("calendar/meetings_file.html", year, wrong)

    return _propose(year, work_out, again)


@calendar.post("/<int:year>/closed-days")
def close_day(year: int) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.close_day(desk, posted.must_day("on"), request.form.get("name", ""))

    return _propose(year, work_out, lambda wrong: pages.year_page(year, wrong))


@calendar.post("/<int:year>/closed-days/<day>/opening")
def open_day(year: int, day: str) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.open_day(desk, pages.day(day))

    return _propose(year, work_out, lambda wrong: pages.year_page(year, wrong))


@calendar.get("/<int:year>/habits")
def habits(year: int) -> ResponseReturnValue:
    return pages.habits_page(year)


@calendar.post("/<int:year>/habits")
def change_habits(year: int) -> ResponseReturnValue:
    def work_out(desk: Desk) -> Change:
        return changes.set_habits(desk, posted.habits())

    return _propose(year, work_out, lambda wrong: pages.habits_page(year, wrong))


@calendar.get("/changes/<int:change_id>")
def change(change_id: int) -> ResponseReturnValue:
    return pages.change_page(change_id)


@calendar.post("/changes/<int:change_id>/application")
def apply_change(change_id: int) -> ResponseReturnValue:
    found = questions.find_change(session(), change_id, by=actor())
    why = request.form.get("why", "")
    try:
        verbs.apply(session(), found, why=why, by=actor(), now=clock.now())
    except Invalid as refusal:
        abandon()
        return pages.change_page(change_id, posted.said(refusal)), 422
    tell(N_("The calendar is changed."))
    return pages.to_year(found)


@calendar.post("/changes/<int:change_id>/undoing")
def undo_change(change_id: int) -> ResponseReturnValue:
    found = questions.find_change(session(), change_id, by=actor())
    turned = verbs.turned_round(found)
    return _propose(
        found.year,
        lambda _desk: turned,
        lambda wrong: pages.year_page(turned.year, wrong, turned.unit_id),
        unit_id=turned.unit_id,
        undoes=found.id,
    )


@calendar.post("/changes/<int:change_id>/discarding")
def discard_change(change_id: int) -> ResponseReturnValue:
    found = questions.find_change(session(), change_id, by=actor())
    answer = pages.to_year(found)
    verbs.forget(session(), found, by=actor())
    return answer


def _propose(
    year: int,
    work_out: WorkOut,
    again: Callable[[list[str]], str],
    *,
    unit_id: int | None = None,
    undoes: int | None = None,
) -> ResponseReturnValue:
    """Work a change out and show what it moves; one that moves nothing is made at once.

    Reading everything takes its time, so that it is done before the right to write is taken.
    """
    by, now = actor(), clock.now()
    close()
    try:
        with this_app().database.reading() as opened:
            unit = questions.unit(opened, unit_id or posted.unit_id())
            require(by, Deed.CHANGE_CALENDAR, unit)
            found = preview(opened, work_out(questions.desk(opened, unit, year)), now=now)
        prepared = verbs.prepare(session(), found, by=by, now=now, undoes_id=undoes)
    except (Invalid, Conflict) as refusal:
        abandon()
        return again(posted.said(refusal)), 422
    if found.starts or any(move.fate != TOLD_ANEW for move in found.moves):
        return redirect(url_for("calendar.change", change_id=prepared.id))
    verbs.apply(session(), prepared, why="", by=by, now=now)
    tell(N_("The calendar is changed. No date of a task or a timer moved."))
    return pages.to_year(prepared)
