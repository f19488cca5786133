"""Checks that are run over the record: what each asks, and what it finds."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, traces
from webapp.auth import actor
from webapp.format import language
from webapp.spreadsheets import download
from webapp.transactions import session
from workflows.language import N_, capital, moment, translator
from workflows.permissions import Deed, may
from workflows.queries import checks as questions
from workflows.queries.checked_decisions import Hit

checks = Blueprint("checks", __name__, url_prefix="/history/checks")

COLUMNS = (N_("What"), N_("What was found"), N_("When"), N_("Unit"), N_("Who"))
PLACES = {
    "case": ("cases.show", "case_id"),
    "task": ("tasks.show", "task_id"),
    "entry": ("registers.show", "entry_id"),
    "unit": ("history.index", "unit"),
    "process": ("history.index", "process"),
}


@checks.get("/")
def index() -> ResponseReturnValue:
    answers = questions.run(session(), by=actor(), now=clock.now())
    return render_template("audit/checks.html", answers=answers)


@checks.get("/<name>")
def show(name: str) -> ResponseReturnValue:
    answer = questions.run_one(session(), name, by=actor(), now=clock.now())
    rows = [(hit, _where(hit)) for hit in answer.hits]
    return render_template("audit/check.html", answer=answer, rows=rows, columns=COLUMNS)


@checks.get("/<name>.<kind>")
def export(name: str, kind: str) -> Response:
    by = actor()
    answer = questions.run_one(session(), name, by=by, now=clock.now())
    words = translator(language())
    header = [words.gettext(column) for column in COLUMNS]
    file = download(name, kind, header, [_row(hit) for hit in answer.hits])
    traces.leave("exported", by=by, what={"what": f"{name}.{kind}", "rows": len(answer.hits)})
    return file


def _where(hit: Hit) -> str:
    """Where a hit can be read; of a unit where its roles are mended, for those who may."""
    place, thing = hit.place
    match place:
        case "case":
            return url_for("cases.show", case_id=thing)
        case "task":
            return url_for("tasks.show", task_id=thing)
        case "entry":
            return url_for("registers.show", name="finding", entry_id=thing)
        case "unit" if may(actor(), Deed.CHANGE_ORGANISATION, None):
            return url_for("organisation.show_unit", unit_id=thing)
        case "unit":
            return url_for("history.index", unit=thing)
    return url_for("history.index", first=thing, last=thing)  # the day it happened


def _row(hit: Hit) -> tuple[str, ...]:
    what = ", ".join(part for part in (hit.about, hit.step.get(language())) if part)
    found = f"{capital(hit.said.said(language()))} {hit.why}".strip()
    return what, found, moment(hit.at, language()) if hit.at else "", hit.unit, hit.who
