"""Adding and removing one's own second factors."""

import segno
from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webapp import auth, clock, entry, passkeys
from webapp.auth import Factor, visitor
from webapp.pages import tell
from webapp.transactions import abandon, session, this_app
from workflows.errors import Invalid, NotFound, Refused
from workflows.language import N_
from workflows.operations import second_factors as verbs
from workflows.organisation import codes
from workflows.organisation.account_rows import passkeys_of
from workflows.organisation.accounts import Account, Passkey
from workflows.organisation.models import Person
from workflows.organisation.sealing import Unreadable, seal, unseal

factors = Blueprint("factors", __name__, url_prefix="/account/second-factors")


@factors.get("/new")
def choose() -> ResponseReturnValue:
    return _page(codes.new_secret())


@factors.post("/generator")
def add_generator() -> ResponseReturnValue:
    """The secret came along sealed, so that nothing is stored until a code shows it arrived."""
    me, key = visitor(), this_app().settings.secret_key()
    try:
        secret = unseal(request.form.get("sealed", ""), key=key, whose=me.person_id)
    except Unreadable:
        return redirect("/account/second-factors/new")
    try:
        counts = entry.count_second_factor(me.person_id)
        code, door = request.form.get("code", ""), auth.own_door()
        made = verbs.add_generator(
            session(), door, secret, code, key=key, by=me.actor, now=clock.now()
        )
    except (Invalid, entry.TooManyAttempts) as refusal:
        abandon()
        return _page(secret, refusal), 422
    entry.forget_within(session(), counts)
    return _added(made)


@factors.post("/passkeys")
def add_passkey() -> ResponseReturnValue:
    me, name = visitor(), request.form.get("name", "").strip()[:60]
    try:
        new = passkeys.added(
            this_app().settings,
            request.form.get("credential", ""),
            person_id=me.person_id,
            name=name or passkeys.UNNAMED,
        )
        made = verbs.add_passkey(session(), auth.own_door(), new, by=me.actor, now=clock.now())
    except Invalid as refusal:
        abandon()
        return _page(codes.new_secret(), refusal), 422
    return _added(made)


@factors.post("/generator/removal")
def remove_generator() -> ResponseReturnValue:
    _confirm()
    me = visitor()
    person = session().get_one(Person, me.person_id)
    verbs.remove_generator(session(), person, by=me.actor, now=clock.now())
    return redirect("/account")


@factors.post("/passkeys/<int:passkey_id>/removal")
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    _confirm()
    found = session().get(Passkey, passkey_id)
    if found is None:
        raise NotFound
    verbs.remove_passkey(session(), found, by=visitor().actor, now=clock.now())
    return redirect("/account")


@factors.post("/codes")
def renew_codes() -> ResponseReturnValue:
    _confirm()
    me = visitor()
    person = session().get_one(Person, me.person_id)
    made = verbs.renew_recovery_codes(session(), person, by=me.actor, now=clock.now())
    return render_template("account/codes.html", codes=made)


def _confirm() -> None:
    """Ask for the password again before a lock is taken off, of those who have one."""
    me = visitor()
    with this_app().database.reading() as reading:
        account = reading.get(Account, me.person_id)
    if account and account.password_hash:
        entry.by_password(me.email, request.form.get("password", ""))


def _added(made: list[str]) -> ResponseReturnValue:
    if made:
        return render_template("account/codes.html", codes=made)
    tell(N_("The second factor is added."))
    return redirect("/account")


def _page(secret: str, refusal: Refused | None = None) -> str:
    me, settings = visitor(), this_app().settings
    uri = codes.generator_uri(secret, me.email)
    has = [each.credential_id for each in passkeys_of(session(), me.person_id)]
    can = passkeys.is_possible(settings)
    add = passkeys.to_add(settings, me.person_id, me.email, me.actor.name, has) if can else None
    return render_template(
        "account/second_factor.html",
        is_demanded=me.factor is Factor.ADD,
        picture=Markup(  # noqa: S704 (made by segno from our own text)
            segno.make(uri, error="m").svg_inline(
                scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
            )
        ),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        sealed=seal(secret, key=settings.secret_key(), whose=me.person_id),
        passkey=add,
        refusal=refusal,
    )
