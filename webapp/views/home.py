"""The first page: what to do now."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.auth import actor
from webapp.format import language
from webapp.transactions import session
from workflows.language import counted
from workflows.queries import inbox

home = Blueprint("home", __name__)

MOST_URGENT = 3


@home.get("/")
def page() -> ResponseReturnValue:
    mine = inbox.mine(session(), actor())
    free = inbox.for_my_roles(session(), actor())
    lead = counted(mine.total + free.total, "One task waits.", "{count} tasks wait.")
    return render_template(
        "home/page.html",
        mine=mine,
        free=free,
        most_urgent=MOST_URGENT,
        lead=lead.said(language()) if mine.total + free.total else "",
    )
