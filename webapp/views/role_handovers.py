"""Handing a role on: what is open, promised and begun, a note to the next, and having read it."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import abandon, session
from workflows.errors import Invalid, NotFound
from workflows.language import N_
from workflows.operations import role_handovers as verbs
from workflows.organisation.handing_over import RoleHandover
from workflows.organisation.models import Person, Unit
from workflows.organisation.roles import ROLES
from workflows.permissions import Deed, may, require
from workflows.queries import role_handovers as questions
from workflows.queries.receivers import by_address
from workflows.registers import definition

role_handovers = Blueprint("role_handovers", __name__, url_prefix="/units/<int:unit_id>/handover")


@role_handovers.get("/<role>/<int:person_id>")
def page(unit_id: int, role: str, person_id: int) -> ResponseReturnValue:
    return _page(_place(unit_id, role, person_id))


@role_handovers.post("/<role>/<int:person_id>")
def hand_over(unit_id: int, role: str, person_id: int) -> ResponseReturnValue:
    place, address = _place(unit_id, role, person_id), request.form.get("address", "").strip()
    try:
        to = by_address(session(), address) if address else None
        if address and to is None:
            raise Invalid("nobody_by_that_address", address=address)
        verbs.hand_over(
            session(), place, request.form.get("note", ""), to, by=actor(), now=clock.now()
        )
    except Invalid as refusal:
        abandon()
        return _page(_place(unit_id, role, person_id), posted.said(refusal)), 422
    tell(N_("The handover is kept. Whoever takes over sees it on their first page."))
    return redirect(url_for("role_handovers.page", unit_id=unit_id, role=role, person_id=person_id))


@role_handovers.post("/<int:handover_id>/reading")
def read(unit_id: int, handover_id: int) -> ResponseReturnValue:
    found = session().get(RoleHandover, handover_id)
    if found is None or found.unit_id != unit_id:
        raise NotFound
    verbs.read_handover(session(), found, by=actor(), now=clock.now())
    return redirect(url_for("home.page"))


def _place(unit_id: int, role: str, person_id: int) -> RoleHandover:
    """The role of somebody in a unit, not written anywhere yet.

    :raises NotFound: if there is none, or whoever asks may not know
    """
    unit, person = session().get(Unit, unit_id), session().get(Person, person_id)
    if unit is None or person is None or role not in ROLES:
        raise NotFound
    place = RoleHandover(role=role, unit_id=unit_id, from_id=person_id)
    require(actor(), Deed.SEE_HANDOVER, place)
    return place


def _page(place: RoleHandover, wrong: list[str] | None = None) -> str:
    left = questions.last_of(session(), place)
    return render_template(
        "handovers/role.html",
        place=place,
        person=session().get_one(Person, place.from_id),
        unit=session().get_one(Unit, place.unit_id),
        role=ROLES[place.role].name,
        found=questions.standing(session(), place, by=actor(), now=clock.now()),
        left=left,
        may_leave=may(actor(), Deed.HAND_OVER_ROLE, place),
        may_read=left is not None
        and left.read_at is None
        and may(actor(), Deed.READ_HANDOVER, left),
        register_title=lambda name: definition(name).title,
        wrong=wrong or [],
        said=request.form,
    )
