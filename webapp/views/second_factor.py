"""Showing a second factor, between the password and everything else."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from webapp import auth, carrying, clock, entry, passkeys
from webapp.auth import Factor, visitor
from webapp.carrying import Carried
from webapp.errors import SecondFactorMissing, SecondFactorNeeded
from webapp.transactions import abandon, session, this_app
from workflows.errors import Invalid, Refused
from workflows.operations import second_factors as verbs
from workflows.organisation.account_rows import passkey_by_credential, passkeys_of

second_factor = Blueprint("second_factor", __name__, url_prefix="/sign-in/second")


@second_factor.get("")
def page() -> ResponseReturnValue:
    if visitor().factor is not Factor.SHOW:
        return redirect("/")
    return _page(then="/")


@second_factor.post("")
def submit() -> ResponseReturnValue:
    code, key = request.form.get("code", ""), this_app().settings.secret_key()
    try:
        counts = entry.count_second_factor(visitor().person_id)
        door = auth.own_door()
        verbs.show_code(session(), door, code, key=key, by=visitor().actor, now=clock.now())
    except (Invalid, entry.TooManyAttempts) as refusal:
        return _refused(refusal)
    entry.forget_within(session(), counts)
    return _onward()


@second_factor.post("/passkey")
def passkey() -> ResponseReturnValue:
    credential, me = request.form.get("credential", ""), visitor()
    try:
        door = auth.own_door()
        found = passkey_by_credential(session(), passkeys.named(credential))
        uses, challenge = passkeys.shown(this_app().settings, credential, found, alone=False)
        verbs.show_passkey(
            session(), door, found, uses=uses, challenge=challenge, by=me.actor, now=clock.now()
        )
    except Invalid as refusal:
        return _refused(refusal)
    return _onward()


@second_factor.app_errorhandler(SecondFactorNeeded)
def ask(_refusal: SecondFactorNeeded) -> ResponseReturnValue:
    """Ask for the second factor where it was missing, and lose nothing that was typed."""
    abandon()
    return _page(then=carrying.way_back(), carried=carrying.picked_up()), 401


@second_factor.app_errorhandler(SecondFactorMissing)
def demand(_refusal: SecondFactorMissing) -> ResponseReturnValue:
    """Lead somebody whose roles demand a second factor to adding one, before anything else."""
    abandon()
    return redirect("/account/second-factors/new", 303)


def _onward() -> ResponseReturnValue:
    carried = carrying.handed_on()
    if carried.to:
        return render_template("sign_in/carried.html", carried=carried)
    return redirect(carrying.safe_next(request.form.get("next")))


def _refused(refusal: Refused) -> ResponseReturnValue:
    abandon()
    if isinstance(refusal, Invalid):
        entry.tell_of_refusal(visitor().person_id)
    then = carrying.safe_next(request.form.get("next"))
    status = 422 if isinstance(refusal, Invalid) else 429
    return _page(then=then, carried=carrying.handed_on(), refusal=refusal), status


def _page(*, then: str, carried: Carried | None = None, refusal: Refused | None = None) -> str:
    settings, has = this_app().settings, passkeys_of(session(), visitor().person_id)
    ids = [each.credential_id for each in has]
    can = bool(ids) and passkeys.is_possible(settings)
    return render_template(
        "sign_in/second.html",
        then=then,
        carried=carried or Carried(),
        refusal=refusal,
        passkey=passkeys.to_show(settings, ids, alone=False) if can else None,
    )
