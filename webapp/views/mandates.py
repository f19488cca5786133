"""Who may read as an auditor, what and for how long; and letting somebody."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp import organisation_forms as forms
from webapp.auth import actor
from webapp.pages import numbers, tell
from webapp.transactions import session
from workflows.errors import Invalid
from workflows.language import N_
from workflows.operations import mandates as verbs
from workflows.operations.mandates import Terms
from workflows.organisation.writing import Wrong
from workflows.processes import rows as processes
from workflows.queries import mandates as questions
from workflows.queries import people as organisation

mandates = Blueprint("mandates", __name__, url_prefix="/history/auditors")


@mandates.get("/")
def page() -> ResponseReturnValue:
    return _page()


@mandates.post("/")
def give() -> ResponseReturnValue:
    def give() -> ResponseReturnValue:
        person = questions.person(session(), request.form.get("person", ""))
        if person is None:
            raise Invalid("organisation_invalid", problems=(Wrong("person", "unknown_person"),))
        verbs.give(session(), person, _terms(), by=actor(), now=clock.now())
        tell(N_("They may read from the day you said."))
        return redirect(url_for("mandates.page"))

    return forms.or_again(give, lambda wrong: _page(wrong))


@mandates.post("/<int:mandate_id>/ending")
def end(mandate_id: int) -> ResponseReturnValue:
    verbs.end(session(), questions.one(session(), mandate_id), by=actor(), now=clock.now())
    return redirect(url_for("mandates.page"))


def _page(wrong: dict[str, str] | None = None) -> str:
    tree = organisation.tree(session(), by=actor())
    every = processes.all_of(session())
    return render_template(
        "history/mandates.html",
        given=questions.given(session(), by=actor()),
        tree=tree,
        processes=every,
        unit_names={node.unit.id: node.unit.name for node in tree},
        process_names={one.id: one for one in every},
        today=forms.today(),
        may_give=questions.may_give(actor()),
        may_give_secret=questions.may_give(actor(), secret=True),
        wrong=wrong or {},
        said=request.form,
    )


def _terms() -> Terms:
    form = request.form
    return Terms(
        from_on=_day("from_on"),
        to_on=_day("to_on"),
        unit_ids=_ids("units"),
        process_ids=_ids("processes"),
        first_year=forms.number("first_year"),
        last_year=forms.number("last_year"),
        sees_secret=form.get("sees_secret") == "true",
        why=form.get("why", ""),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(text) if (text := request.form.get(name)) else None
    except ValueError:
        raise Invalid("organisation_invalid", problems=(Wrong(name, "not_a_date"),)) from None


def _ids(name: str) -> tuple[int, ...]:
    return tuple(numbers(request.form.getlist(name)))
