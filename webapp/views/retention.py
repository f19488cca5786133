"""How long things are kept, what is to be weeded out, and what is held of a person."""

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock, traces
from webapp.auth import actor
from webapp.format import language
from webapp.pages import posted_number, tell
from webapp.transactions import session
from workflows import registers
from workflows.canonical import canonical_text
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.language import N_
from workflows.operations import disposing as verbs
from workflows.organisation.models import Person, Unit
from workflows.permissions import Deed, may, require
from workflows.processes import rows as processes
from workflows.queries import people as organisation
from workflows.queries import retention as questions
from workflows.retention.models import Fate, Kind, LegalHold, Outcome

retention = Blueprint("retention", __name__, url_prefix="/history/retention")

KINDS = {
    Kind.CASES: N_("Cases, with all they hold"),
    Kind.PAPERS: N_("Working papers: comments, and files and documents with a later version"),
    Kind.REGISTER: N_("Rows of registers that stand no more"),
    Kind.PEOPLE: N_("People who have left: what the account says of them"),
}
FATES = {
    Fate.KEEP: N_("Keep for good"),
    Fate.PURGE: N_("Weed out"),
    Fate.ARCHIVE: N_("To the e-archive, then weed out"),
}
OUTCOMES = {
    None: N_("Waits"),
    Outcome.PURGED: N_("Weeded out"),
    Outcome.HELD: N_("Kept: a stop was set"),
    Outcome.GONE: N_("Kept: its rule no longer lets it go"),
}


@retention.get("/")
def index() -> ResponseReturnValue:
    by, now = actor(), clock.now()
    return render_template(
        "audit/retention.html",
        rules=questions.rules(session(), by=by),
        parts_due=questions.preview(session(), by=by, now=now),
        disposals=questions.disposals(session(), by=by),
        holds=questions.holds(session(), by=by),
        named=_named(),
        kinds=KINDS,
        fates=FATES,
        tree=organisation.tree(session(), by=by),
        most_years=verbs.MOST_YEARS,
    )


@retention.post("/rules")
def set_rule() -> ResponseReturnValue:
    require(actor(), Deed.KEEP_RETENTION, None)
    try:
        kind, fate = Kind(request.form.get("kind", "")), Fate(request.form.get("fate", ""))
    except ValueError:
        raise BadRequest from None
    key, basis = request.form.get("key", ""), request.form.get("basis", "")
    years = posted_number("years")
    verbs.set_rule(session(), kind, key, fate, years, basis, by=actor(), now=clock.now())
    tell(N_("The rule is saved."))
    return redirect(url_for("retention.index", _anchor=f"rule-{kind}-{key}"))


@retention.post("/stops")
def hold() -> ResponseReturnValue:
    require(actor(), Deed.KEEP_RETENTION, None)
    verbs.hold(session(), _stopped(), request.form.get("why", ""), by=actor(), now=clock.now())
    return redirect(url_for("retention.index", _anchor="stops-title"))


@retention.post("/stops/<int:hold_id>/lifting")
def lift(hold_id: int) -> ResponseReturnValue:
    require(actor(), Deed.KEEP_RETENTION, None)
    found = session().get(LegalHold, hold_id)
    if found is None:
        raise NotFound
    verbs.lift(session(), found, by=actor(), now=clock.now())
    return redirect(url_for("retention.index", _anchor="stops-title"))


@retention.post("/lists")
def draw_up() -> ResponseReturnValue:
    made = verbs.draw_up(session(), by=actor(), now=clock.now())
    return redirect(url_for("retention.show", disposal_id=made.id))


@retention.get("/lists/<int:disposal_id>")
def show(disposal_id: int) -> ResponseReturnValue:
    disposal = questions.disposal(session(), disposal_id, by=actor())
    items = questions.items(session(), disposal)
    return render_template(
        "audit/disposal.html",
        disposal=disposal,
        items=items,
        to_archive=[one.thing_id for one in items if one.fate is Fate.ARCHIVE],
        may_approve=may(actor(), Deed.APPROVE_DISPOSAL, disposal),
        named=_named(),
        kinds=KINDS,
        fates=FATES,
        outcomes=OUTCOMES,
    )


@retention.post("/lists/<int:disposal_id>/approval")
def approve(disposal_id: int) -> ResponseReturnValue:
    disposal = questions.disposal(session(), disposal_id, by=actor())
    verbs.approve(session(), disposal, by=actor(), now=clock.now())
    tell(N_("Approved. It goes piece by piece, as the clock comes to it."))
    return redirect(url_for("retention.show", disposal_id=disposal_id))


@retention.post("/lists/<int:disposal_id>/dropping")
def drop(disposal_id: int) -> ResponseReturnValue:
    disposal = questions.disposal(session(), disposal_id, by=actor())
    verbs.drop(session(), disposal, by=actor(), now=clock.now())
    return redirect(url_for("retention.index"))


@retention.post("/lists/<int:disposal_id>/receipt")
def receive(disposal_id: int) -> ResponseReturnValue:
    disposal = questions.disposal(session(), disposal_id, by=actor())
    receipt = request.form.get("receipt", "")
    verbs.receive(session(), disposal, receipt, by=actor(), now=clock.now())
    return redirect(url_for("retention.show", disposal_id=disposal_id))


@retention.get("/people/<int:person_id>")
def held(person_id: int) -> ResponseReturnValue:
    person = _person(person_id)
    found = questions.held_of(session(), person, by=actor())
    return render_template("audit/held.html", person=person, found=found)


@retention.get("/people/<int:person_id>/held.json")
def export_held(person_id: int) -> Response:
    by, person = actor(), _person(person_id)
    found = questions.held_of(session(), person, by=by)
    said = {one.key: getattr(person, one.key) for one in sa.inspect(Person).column_attrs}
    answer = Response(canonical_text({"person": said} | dict(found)), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="person-{person_id}.json"'
    rows = sum(map(len, found.values()))
    traces.leave("exported", by=by, what={"what": "held.json", "person": person_id, "rows": rows})
    return answer


def _person(person_id: int) -> Person:
    person = session().get(Person, person_id)
    if person is None:
        raise NotFound
    require(actor(), Deed.SEE_PERSON, person)
    return person


def _stopped() -> Case | Unit:
    """What a stop is set on: a case by its key, or a unit."""
    if key := request.form.get("case", "").strip().upper():
        case = session().scalars(sa.select(Case).where(Case.key == key)).one_or_none()
        if case is None:
            raise NotFound
        return case
    unit = session().get(Unit, posted_number("unit"))
    if unit is None:
        raise NotFound
    return unit


def _named() -> dict[tuple[Kind, str], str]:
    """What every rule there can be is for, as people call it."""
    called = [(one.key, one.name(language())) for one in processes.all_of(session())]
    rows = [(one, registers.definition(one).title[language()]) for one in registers.names()]
    return {
        **{(kind, key): name for kind in (Kind.CASES, Kind.PAPERS) for key, name in called},
        **{(Kind.REGISTER, key): name for key, name in rows},
        (Kind.PEOPLE, ""): "",
    }
