"""The record of the whole city."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.auth import actor
from webapp.transactions import session
from workflows.queries import history as questions

history = Blueprint("history", __name__, url_prefix="/history")


@history.get("/")
def index() -> ResponseReturnValue:
    before = request.args.get("before", type=int)
    events = questions.latest(session(), by=actor(), before=before)
    more = events[-1].id if len(events) == questions.PAGE else None
    return render_template("history/index.html", events=events, more=more)
