"""What an operator does to cases: the list of those that stand still, the drawer, each deed."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import calendar_forms as posted
from webapp.auth import actor
from webapp.case_data import changes_rows
from webapp.case_messages import not_received
from webapp.case_words import name_of, why_stopped
from webapp.operator_page import DEEDS, perform, show_deed, show_drawer
from webapp.pages import posted_number, tell
from webapp.traces import leave_if_secret
from webapp.transactions import abandon, session
from workflows.cases.models import Case
from workflows.errors import Invalid
from workflows.operations.operators import Order
from workflows.queries import cases as case_queries
from workflows.queries import standing

operators = Blueprint("operators", __name__, url_prefix="/cases")

ONE_DEED = f"/<int:case_id>/<any({', '.join(DEEDS)}):deed>"


@operators.get("/standing-still")
def still() -> ResponseReturnValue:
    found = standing.standing_still(session(), by=actor())
    return render_template(
        "operators/still.html",
        found=found,
        messages=not_received(),
        name_of=name_of,
        why_stopped=why_stopped,
    )


@operators.get("/<int:case_id>/operator")
def drawer(case_id: int) -> ResponseReturnValue:
    return show_drawer(_seen(case_id))


@operators.get(ONE_DEED)
def preview(case_id: int, deed: str) -> ResponseReturnValue:
    return show_deed(_seen(case_id), deed)


@operators.post(ONE_DEED)
def do(case_id: int, deed: str) -> ResponseReturnValue:
    case = _case(case_id, to_change=True)
    if changes_rows():
        return show_deed(case, deed)
    form = request.form
    order = Order(form.get("why", ""), form.get("command", ""), posted_number("seen"))
    try:
        if errors := perform(case, deed, order):
            return show_deed(case, deed, errors=errors), 422
    except Invalid as refusal:
        abandon()
        return show_deed(_case(case_id), deed, wrong=posted.said(refusal)), 422
    tell(DEEDS[deed].done)
    return redirect(url_for("operators.drawer", case_id=case_id))


def _seen(case_id: int) -> Case:
    case = _case(case_id)
    leave_if_secret(case, by=actor())
    return case


def _case(case_id: int, *, to_change: bool = False) -> Case:
    return case_queries.case_to_operate(session(), case_id, by=actor(), to_change=to_change)
