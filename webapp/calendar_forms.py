"""What the forms of the calendar send, as values of the domain, and refusals in their words."""

from dataclasses import fields
from datetime import date
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from webapp.errors_words import words
from webapp.format import language
from webapp.pages import number_if_said
from workflows.calendar.consistency import Problem
from workflows.calendar.meeting_files import RowProblem
from workflows.calendar.meetings import Meeting, MeetingDays
from workflows.calendar.names import problem_said, row_said
from workflows.calendar.profiles import Profile
from workflows.errors import Invalid, Refused
from workflows.steering.values import DATES, Habits

LONGEST_BEFORE = 200  # days before a meeting; more is a slip of the hand


def said(refusal: Refused) -> list[str]:
    """Say what was refused: each problem of a calendar or a file, else the reason."""
    told = []
    for problem in getattr(refusal, "problems", ()):
        if isinstance(problem, Problem):
            told.append(problem_said(problem, language()))
        elif isinstance(problem, RowProblem):
            told.append(row_said(problem, language()))
    page = words(refusal.code, 422, refusal.params, language())
    return told or [f"{page.title}. {page.what}"]


def unit_id() -> int | None:
    """Which unit's calendar it is about; nothing for the city's."""
    return number_if_said(request.values.get("unit", ""))


def day(name: str) -> date | None:
    """Read a date; an empty box is none.

    :raises Invalid: if it is no date
    """
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("not_a_day", value=text) from None


def must_day(name: str) -> date:
    """Read a date that must be there.

    :raises Invalid: if it is not, or is no date
    """
    found = day(name)
    if found is None:
        raise Invalid("not_a_day", value="")
    return found


def meeting() -> Meeting:
    """Read the form of a meeting."""
    around: dict[str, Any] = {name: day(name) for name in DATES if name != "on"}
    return Meeting(must_day("on"), **around)


def habits() -> Habits:
    """Read the form of how a unit keeps its year.

    :raises Invalid: if a day or a number is none
    """
    form = request.form
    profile = form.get("profile") or None
    if profile is not None and profile not in set(Profile):
        raise BadRequest
    return Habits(
        profile=profile,
        squeeze={"yes": True, "no": False}.get(form.get("squeeze", "")),
        quiet=_quiet(),
        days=_days(),
    )


def _quiet() -> str | None:
    match request.form.get("quiet", ""):
        case "none":
            return ""
        case "own":
            first, last = must_day("quiet_from"), must_day("quiet_to")
            if (first.month, first.day) > (last.month, last.day):
                raise Invalid("quiet_period_order")
            return f"{first:%m-%d}/{last:%m-%d}"
        case _:
            return None


def _days() -> MeetingDays | None:
    names = [one.name for one in fields(MeetingDays)]
    given = {name: request.form.get(name, "").strip() for name in names}
    if not any(given.values()):
        return None
    if not all(text.isdecimal() and int(text) <= LONGEST_BEFORE for text in given.values() if text):
        raise Invalid("not_a_count")
    numbers: dict[str, Any] = {name: int(text) for name, text in given.items() if text}
    return MeetingDays(**({"draft_stop": None} | numbers))
