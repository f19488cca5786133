"""Proving that nobody has changed the record: the check of all of it, seals to take away."""

from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, record_checks, traces
from webapp.auth import actor, visitor
from webapp.format import language
from webapp.pages import tell
from webapp.record_page import faults_told
from webapp.scheduler import post
from webapp.sealing import letter, mailed_to
from webapp.transactions import session, this_app
from workflows.errors import Conflict, Invalid
from workflows.history.checks import latest
from workflows.history.proof import Seal, read_seals, written
from workflows.history.seals import last_seal, last_set_at, seals
from workflows.language import N_
from workflows.notices.letters import AddressBusy, AddressRefused, PostAway
from workflows.operations import record_checks as verbs
from workflows.permissions import Deed, require

proving = Blueprint("proving", __name__, url_prefix="/history")

MOST_BYTES = 20_000_000


@proving.get("/proof")
def page() -> ResponseReturnValue:
    require(actor(), Deed.VERIFY, None)
    checks = latest(session())
    return render_template(
        "history/proof.html",
        checks=checks,
        running=next((one for one in checks[:1] if one.is_running(clock.now())), None),
        seal=last_seal(session()),
        sealed_at=last_set_at(session()),
        faults_told=partial(faults_told, session()),
        mailed_to=mailed_to(this_app().settings),
        has_mail=this_app().settings.smtp is not None,
    )


@proving.post("/proof")
def check() -> ResponseReturnValue:
    asked = verbs.ask(session(), _held_outside(), by=actor(), now=clock.now())
    session().commit()  # the process that does it must find it
    record_checks.begin(this_app().settings, asked.id)
    return redirect(url_for("proving.page"))


@proving.get("/seals.jsonl")
def take_away() -> Response:
    require(actor(), Deed.VERIFY, None)
    every = seals(session())
    traces.leave("exported", by=actor(), what={"what": "seals.jsonl", "rows": len(every)})
    answer = Response("".join(f"{written(one)}\n" for one in every), mimetype="text/plain")
    answer.headers["Content-Disposition"] = 'attachment; filename="seals.jsonl"'
    return answer


@proving.post("/seals/mails")
def mail() -> ResponseReturnValue:
    """Mail the last seal to whoever asks; no transaction is open while the server is spoken to."""
    require(actor(), Deed.VERIFY, None)
    with this_app().database.reading() as reading:
        last = last_seal(reading)
    way = post(this_app().settings)
    if last is None or way is None:
        raise Conflict("seal_not_mailed")
    to, what = visitor(), {"seal": last.n, "person": visitor().person_id}
    traces.leave("seal_mailed", by=actor(), what=what)
    try:
        way.send(letter(last, way.sender, (to.actor.name, to.email), language()))
    except (AddressRefused, AddressBusy, PostAway) as refusal:
        raise Conflict("seal_not_mailed") from refusal
    tell(N_("The seal has been mailed to you."))
    return redirect(url_for("proving.page"))


def _held_outside() -> list[Seal]:
    """Read the seals somebody brings along, if they do."""
    file = request.files.get("anchor")
    try:
        return read_seals(file.read(MOST_BYTES).decode()) if file else []
    except (ValueError, TypeError) as error:
        raise Invalid("anchor_unreadable") from error
