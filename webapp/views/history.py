"""The record of the whole city: searched, paged and taken away."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import event_values, record_page, traces
from webapp.auth import actor
from webapp.format import language
from webapp.pages import number_if_said
from webapp.spreadsheets import download
from webapp.telling import dates_told, kinds_named, told
from webapp.transactions import session
from workflows.canonical import canonical_text, instant_text
from workflows.cases.models import Case
from workflows.history.kinds import KINDS
from workflows.language import N_, moment, translator
from workflows.processes import rows as processes
from workflows.queries import people as organisation
from workflows.queries import record as questions
from workflows.queries.history import PAGE, Told, tell
from workflows.queries.record import Wanted

history = Blueprint("history", __name__, url_prefix="/history")

MOST_EXPORTED = 50_000
FAMILIES = {"ipv4": "IPv4", "ipv6": "IPv6", "local": N_("this machine")}
COLUMNS = (
    N_("When"),
    N_("What"),
    N_("Dates and why"),
    N_("Who"),
    N_("Unit"),
    N_("Case"),
    N_("Reason"),
)


@history.get("/")
def index() -> ResponseReturnValue:
    wanted, by = _wanted(request.args), actor()
    before = request.args.get("before", type=int)
    events = questions.search(session(), wanted, by=by, before=before)
    more = events[-1].id if len(events) == PAGE else None
    return render_template(
        "history/index.html",
        events=events,
        more=more,
        wanted=wanted,
        arguments={name: text for name, text in request.args.items() if name != "before" and text},
        tree=organisation.tree(session(), by=by),
        processes=processes.all_of(session()),
        kinds=kinds_named(language()),
    )


@history.get("/<int:event_id>")
def show(event_id: int) -> ResponseReturnValue:
    event = questions.one(session(), event_id, by=actor())
    case = session().get_one(Case, event.case_id) if event.case_id is not None else None
    if case is not None:
        traces.leave_if_secret(case, by=actor())
    (words,) = tell(session(), [event])
    return render_template(
        "history/event.html",
        event=event,
        told=words,
        values=event_values.values(event, case),
        sealed_by=record_page.sealed_by(session(), event),
        families=FAMILIES,
    )


@history.get("/record.<kind>")
def export(kind: str) -> Response:
    wanted, by = _wanted(request.args), actor()
    events = questions.search(session(), wanted, by=by, most=MOST_EXPORTED)
    if kind == "json":
        answer = Response(
            canonical_text([_plain(one) for one in events]), mimetype="application/json"
        )
        answer.headers["Content-Disposition"] = 'attachment; filename="record.json"'
    else:
        words = translator(language())
        header = [words.gettext(column) for column in COLUMNS]
        answer = download("record", kind, header, [_row(one) for one in events])
    asked = {name: text for name, text in request.args.items() if text}
    traces.leave(
        "exported", by=by, what={"what": f"record.{kind}", "rows": len(events), "filter": asked}
    )
    return answer


def _row(event: Told) -> tuple[str, ...]:
    who = " / ".join(name for name in (event.actor, event.acting_for) if name)
    when = moment(event.at, language())
    dates = "; ".join(dates_told(event))
    return when, told(event), dates, who, event.unit or "", event.case or "", event.why or ""


def _plain(event: Told) -> dict[str, object]:
    return {
        "id": event.id,
        "at": instant_text(event.at),
        "kind": event.kind,
        "actor": event.actor,
        "acting_for": event.acting_for,
        "case": event.case,
        "step": event.step or None,
        "unit": event.unit,
        "what": event.what,
        "why": event.why,
    }


def _wanted(arguments: Mapping[str, str]) -> Wanted:
    """Read what is searched for from the address, which can be kept and sent."""
    return Wanted(
        first=_day(arguments.get("first", "")),
        last=_day(arguments.get("last", "")),
        person=arguments.get("person", "")[:100],
        unit_id=number_if_said(arguments.get("unit", "")),
        process_id=number_if_said(arguments.get("process", "")),
        kind=kind if (kind := arguments.get("event", "")) in KINDS else "",
        case=arguments.get("case", "")[:100],
        text=arguments.get("text", "")[:200],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest from None
