"""A case: where it stands, its diagram, and what has happened in it."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from webapp.auth import actor
from webapp.case_page import show_case
from webapp.traces import leave_if_secret
from webapp.transactions import session
from workflows.queries import cases as case_queries

cases = Blueprint("cases", __name__, url_prefix="/cases")


@cases.get("/<int:case_id>")
def show(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor())
    leave_if_secret(case, by=actor())
    return show_case(case)


@cases.get("/<int:case_id>/diagram")
def diagram(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor())
    return Response(case.version.source, mimetype="application/xml")
