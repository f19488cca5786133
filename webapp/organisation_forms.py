"""The forms of the organisation: what they send, as values, and what they are filled with."""

from collections.abc import Callable, Mapping
from datetime import date

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp.format import language
from webapp.pages import number_if_said
from webapp.transactions import abandon
from workflows.errors import Invalid
from workflows.language import N_, on, translator
from workflows.organisation.models import Person, Unit, UnitKind
from workflows.organisation.roles import ROLES
from workflows.organisation.rows import Grant, PersonDetails, UnitDetails
from workflows.organisation.writing import Wrong
from workflows.queries.people import STATES, Wanted

KINDS = {
    UnitKind.CITY: N_("city"),
    UnitKind.BOARD: N_("board"),
    UnitKind.DISTRICT_BOARD: N_("district board"),
    UnitKind.COMPANY: N_("company"),
    UnitKind.OFFICE: N_("office"),
    UnitKind.SECTION: N_("section"),
}


def unit_details() -> UnitDetails:
    """Read the form of a unit."""
    form = request.form
    kind = form.get("kind", "")
    if kind not in set(UnitKind):
        raise Invalid("organisation_invalid", problems=(Wrong("kind", "missing"),))
    return UnitDetails(
        code=form.get("code", "").strip().upper(),
        name=form.get("name", "").strip(),
        kind=UnitKind(kind),
        parent_id=number("parent_id"),
        successor_id=number("successor_id"),
        valid_from=_day("valid_from"),
        valid_to=_day("valid_to"),
        has_geographic_area=form.get("has_geographic_area") == "true",
    )


def person_details() -> PersonDetails:
    """Read the form of a person."""
    form = request.form
    return PersonDetails(
        email=form.get("email", ""),
        name=form.get("name", "").strip(),
        unit_id=number("unit_id"),
        language=form.get("language", "sv"),
        external_id=form.get("external_id", "").strip() or None,
    )


def grant() -> Grant:
    """Read the form that gives a role, to a person or by sharing."""
    return Grant(
        role=request.form.get("role", ""),
        unit_id=number("unit_id") or 0,
        person_id=number("person_id"),
        same_as_role=request.form.get("same_as_role") or None,
        same_as_unit_id=number("same_as_unit_id"),
        from_on=_day("from_on"),
        to_on=_day("to_on"),
    )


def wanted(arguments: Mapping[str, str]) -> Wanted:
    """Read which people a list is to show; also used for the file made from it."""
    state = arguments.get("state", "here")
    if state not in STATES:
        raise BadRequest
    return Wanted(
        text=arguments.get("text", "")[:100],
        unit_id=number_if_said(arguments.get("unit", "")),
        role=arguments.get("role", ""),
        state=state,
    )


def number(name: str) -> int | None:
    """Read an id from a list of choices; nothing chosen is none."""
    return number_if_said(request.form.get(name, ""))


def or_again(
    do: Callable[[], ResponseReturnValue], again: Callable[[dict[str, str]], str]
) -> ResponseReturnValue:
    """Do it, or show the form again with what is wrong in it."""
    try:
        return do()
    except Invalid as refusal:
        if refusal.code != "organisation_invalid":
            raise
        wrong = {problem.field: problem.code for problem in refusal.problems}
        abandon()
        return again(wrong), 422


def said(thing: Unit | Person) -> dict[str, str]:
    """Say what a thing is now, as its form would send it."""
    values = {column.key: getattr(thing, column.key) for column in thing.__mapper__.columns}
    return {
        name: "true" if value is True else str(value)
        for name, value in values.items()
        if value not in (None, False)
    }


def roles_named() -> list[tuple[str, str]]:
    """Name every role, in the order of the reader's language."""
    words = translator(language())
    return sorted(
        ((role.code, words.gettext(role.name)) for role in ROLES.values()), key=lambda each: each[1]
    )


def today() -> date:
    """Say which day it is here."""
    return on(clock.now())


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("organisation_invalid", problems=(Wrong(name, "not_a_date"),)) from None
