"""Samples that an auditor draws, and what they say of each thing in them."""

import secrets
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock, traces
from webapp.auth import actor
from webapp.format import language
from webapp.pages import posted_number, tell
from webapp.spreadsheets import download
from webapp.transactions import session
from workflows.auditing.models import Of, Per, Verdict
from workflows.language import N_, ZONE, local, translator
from workflows.operations import sampling as verbs
from workflows.permissions import Deed, may, require
from workflows.processes import rows as processes
from workflows.queries import people as organisation
from workflows.queries import samples as questions
from workflows.queries.samples import Wanted

samples = Blueprint("samples", __name__, url_prefix="/history/samples")

OF = {
    Of.CASES: N_("Cases"),
    Of.DECISIONS: N_("Decisions"),
    Of.APPROVALS: N_("Approvals"),
}
PER = {
    Per.ALL: N_("All alike"),
    Per.UNIT: N_("A fair share of each unit"),
    Per.PROCESS: N_("A fair share of each process"),
    Per.YEAR: N_("A fair share of each year"),
}
VERDICTS = {
    None: N_("Not judged"),
    Verdict.OK: N_("OK"),
    Verdict.DEVIATION: N_("Deviation"),
}
COLUMNS = (N_("No."), N_("Case"), N_("Unit"), N_("Part"), N_("Conclusion"), N_("Note"))
SIZE = 25
SEED_BYTES = 4


@samples.get("/")
def index() -> ResponseReturnValue:
    return render_template(
        "audit/samples.html",
        found=questions.of(session(), by=actor()),
        of=OF,
        per=PER,
        size=SIZE,
        most=verbs.MOST,
        seed=secrets.token_hex(SEED_BYTES),
        moment=local(clock.now()).strftime("%Y-%m-%dT%H:%M"),
        tree=organisation.tree(session(), by=actor()),
        processes=processes.all_of(session()),
    )


@samples.post("/")
def draw() -> ResponseReturnValue:
    require(actor(), Deed.DRAW_SAMPLE, None)
    sample = verbs.draw(session(), _wanted(), by=actor(), now=clock.now())
    return redirect(url_for("samples.show", sample_id=sample.id))


@samples.get("/<int:sample_id>")
def show(sample_id: int) -> ResponseReturnValue:
    sample = questions.find(session(), sample_id, by=actor())
    is_own = may(actor(), Deed.KEEP_SAMPLE, sample)
    items = questions.seen(session(), sample, by=actor())
    return render_template(
        "audit/sample.html",
        sample=sample,
        items=items,
        case_ids=list(dict.fromkeys(one.case_id for one, _ in items)),
        is_own=is_own,
        is_same=questions.is_same(session(), sample, by=actor()) if is_own else None,
        of=OF,
        per=PER,
        verdicts=VERDICTS,
        longest=verbs.LONGEST_NOTE,
    )


@samples.post("/<int:sample_id>/conclusions/<int:n>")
def judge(sample_id: int, n: int) -> ResponseReturnValue:
    sample = questions.find(session(), sample_id, by=actor())
    said = request.form.get("verdict", "")
    if said not in ("", *Verdict):
        raise BadRequest
    verdict = Verdict(said) if said else None
    note = request.form.get("note", "")
    verbs.judge(session(), sample, n, verdict, note, by=actor(), now=clock.now())
    return redirect(url_for("samples.show", sample_id=sample_id, _anchor=f"item-{n}"))


@samples.post("/<int:sample_id>/sharing")
def share(sample_id: int) -> ResponseReturnValue:
    sample = questions.find(session(), sample_id, by=actor())
    is_to_be = request.form.get("shared") == "yes"
    verbs.share(session(), sample, share=is_to_be, by=actor(), now=clock.now())
    tell(N_("Others may read the sample now.") if is_to_be else N_("The sample is yours alone."))
    return redirect(url_for("samples.show", sample_id=sample_id))


@samples.get("/<int:sample_id>/sample.<kind>")
def export(sample_id: int, kind: str) -> Response:
    by = actor()
    sample = questions.find(session(), sample_id, by=by)
    words = translator(language())
    rows = [
        (
            str(one.n), one.case.key, one.case.unit.name, one.stratum,
            words.gettext(VERDICTS[one.verdict]), one.note,
        )
        for one, _ in questions.seen(session(), sample, by=by)
    ]  # fmt: skip
    answer = download(f"sample-{sample_id}", kind, [words.gettext(one) for one in COLUMNS], rows)
    traces.leave("exported", by=by, what={"what": f"sample-{sample_id}.{kind}", "rows": len(rows)})
    return answer


def _wanted() -> Wanted:
    """Read what is to be drawn; a moment without seconds is the whole of its minute."""
    try:
        said = request.form.get("moment", "")
        moment = datetime.fromisoformat(said).replace(tzinfo=ZONE) if said else clock.now()
        return Wanted(
            of=Of(request.form.get("of", "")),
            per=Per(request.form.get("per", "")),
            size=posted_number("size"),
            seed=request.form.get("seed", "").strip() or secrets.token_hex(SEED_BYTES),
            moment=min(moment, clock.now()),
            title=request.form.get("title", ""),
            unit_id=_chosen("unit"),
            process_id=_chosen("process"),
            year=_chosen("year"),
        )
    except ValueError:
        raise BadRequest from None


def _chosen(name: str) -> int | None:
    return posted_number(name) if request.form.get(name) else None
