"""The library of templates: what there is, what is new in it, and that one has read it."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.transactions import session
from webapp.uploads import only
from workflows.language import N_, on
from workflows.operations import library as verbs
from workflows.permissions import Deed, may
from workflows.queries import documents as questions

FIELDS = ("name", "owner", "area")

library = Blueprint("library", __name__, url_prefix="/library")


@library.get("/")
def index() -> ResponseReturnValue:
    today = on(clock.now())
    return render_template(
        "library/index.html",
        shelves=questions.shelves(session(), by=actor(), today=today),
        today=today,
        may_keep=may(actor(), Deed.KEEP_LIBRARY, None),
        longest=verbs.LONGEST,
    )


@library.post("/")
def add() -> ResponseReturnValue:
    received = only()
    name, owner, area = (" ".join(request.form.get(one, "").split()) for one in FIELDS)
    wanted = verbs.Wanted(name, owner, area, _day())
    verbs.add(session(), wanted, received, by=actor(), now=clock.now())
    tell(N_("It is in the library."))
    return redirect(url_for("library.index"))


@library.post("/<int:template_id>/reading")
def read(template_id: int) -> ResponseReturnValue:
    template = questions.template(session(), template_id)
    verbs.read(session(), template, by=actor(), now=clock.now())
    return redirect(url_for("library.index", _anchor=f"t-{template_id}"))


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("valid_from") or on(clock.now()).isoformat())
    except ValueError:
        raise BadRequest from None
