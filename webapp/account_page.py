"""One's own page: who one is, how one wants to be told, who stands in, and how one gets in."""

from flask import render_template, request

from webapp import clock
from webapp.auth import actor, visitor
from webapp.transactions import session
from workflows.errors import Refused
from workflows.language import N_, on
from workflows.notices.models import Choice
from workflows.notices.rows import choices
from workflows.operations.profile import keeps_own_name
from workflows.organisation.account_rows import (
    last_sign_ins,
    open_sign_ins,
    passkeys_of,
    recovery_codes_left,
)
from workflows.organisation.accounts import Account
from workflows.organisation.models import Person, Unit
from workflows.organisation.roles import ROLES
from workflows.queries import absences, feeds

CHOICES = {
    Choice.DIRECT: N_("At once"),
    Choice.DAILY: N_("Once a day, in the morning"),
    Choice.WEEKLY: N_("Once a week, on Monday morning"),
    Choice.NONE: N_("Never"),
}


def shown(refusal: Refused | None = None, *, made: str = "") -> str:
    """Render the page, perhaps with what was refused, or with an address that is shown once."""
    me, by, today = visitor(), actor(), on(clock.now())
    person = session().get_one(Person, me.person_id)
    held = {(each.role, each.unit_id) for each in by.held}
    theirs = absences.of_person(session(), person, by=by, today=today)
    return render_template(
        "account/page.html",
        person=person,
        keeps_own_name=keeps_own_name(person),
        said=request.form,
        account=session().get(Account, me.person_id),
        passkeys=passkeys_of(session(), me.person_id),
        codes_left=recovery_codes_left(session(), me.person_id),
        sign_ins=open_sign_ins(session(), me.person_id, now=clock.now()),
        latest=last_sign_ins(session(), me.person_id),
        here=me.door_id,
        absences=[one for one in theirs if one.to_on >= today],
        stood_in=absences.stood_in_by(session(), by, today=today),
        choice=choices(session(), [me.person_id])[me.person_id],
        choices=CHOICES.items(),
        feeds=feeds.of_person(session(), by),
        role_names={code: role.name for code, role in ROLES.items()},
        held=sorted(held),
        units={one: session().get_one(Unit, one) for one in {unit_id for _, unit_id in held}},
        made=made,
        refusal=refusal,
    )
