"""The calendar under a secret address: whoever knows the address reads it."""

from flask import Blueprint, Response

from webapp import clock
from webapp.transactions import session, this_app
from workflows.queries import feeds as questions

feeds = Blueprint("feeds", __name__)


@feeds.get("/feeds/<token>.ics")
def read(token: str) -> Response:
    url = this_app().settings.url
    written = questions.read(session(), token, url=url, now=clock.now())
    return Response(written, mimetype="text/calendar")
