"""Signing in with the city's account: away to the directory, and back."""

import flask
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp import carrying, clock, oidc
from webapp.oidc import Begun, DirectoryRefused
from webapp.traces import trace
from webapp.transactions import this_app
from webapp.views.sign_in import come_in, show_page
from workflows.errors import Forbidden, NotFound
from workflows.operations import signing_in

directory = Blueprint("directory", __name__, url_prefix="/sign-in/directory")

KEPT = "directory"


@directory.get("")
def start() -> ResponseReturnValue:
    if not oidc.is_used(this_app().settings):
        raise NotFound
    begun = Begun.anew(carrying.safe_next(request.args.get("next")))
    try:
        address = oidc.address(this_app().settings, begun, _back())
    except DirectoryRefused as refusal:
        return show_page(then=begun.then, refusal=refusal), 502
    flask.session[KEPT] = begun.packed()
    return redirect(address)


@directory.get("/callback")
def callback() -> ResponseReturnValue:
    """Take what the directory says.

    The standard makes this a GET that signs in: `state` shows that this browser asked for it, and
    the sign-in is written in a transaction of its own.
    """
    settings, kept = this_app().settings, flask.session.pop(KEPT, None)
    if not oidc.is_used(settings):
        raise NotFound
    try:
        if not kept or request.args.get("state") != kept["state"]:
            raise DirectoryRefused("directory_lost")
        if "code" not in request.args:
            raise DirectoryRefused("directory_cancelled")
        begun = Begun(**kept)
        found = oidc.vouched(settings, begun, request.args["code"], _back())
        with trace() as opened:
            person = signing_in.recognise(opened, found.subject, found.email, now=clock.now())
            return come_in(opened, person, how="directory", then=begun.then, factor=found.is_strong)
    except (DirectoryRefused, Forbidden) as refusal:
        return show_page(then="/", refusal=refusal), 403


def _back() -> str:
    return this_app().settings.url + url_for("directory.callback")
