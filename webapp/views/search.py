"""Searching everything at once, from the box on every page."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.auth import actor
from webapp.format import language
from webapp.transactions import session
from workflows.queries import search as questions
from workflows.registers import definition

search = Blueprint("search", __name__)

LONGEST = 100


@search.get("/search")
def page() -> ResponseReturnValue:
    text = " ".join(request.args.get("q", "")[:LONGEST].split())
    found = questions.search(session(), text, by=actor())
    return render_template(
        "search/page.html",
        text=text,
        found=found,
        register_title=lambda name: definition(name).title[language()],
    )
