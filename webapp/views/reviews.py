"""The way from a draft to what runs: sent for review, looked at by somebody else, published."""

from datetime import date, datetime, time

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from webapp import clock
from webapp import workshop_page as words
from webapp.auth import actor
from webapp.difference_page import shown, three_ways
from webapp.pages import tell
from webapp.transactions import close, session, this_app
from workflows.errors import Conflict
from workflows.language import N_, ZONE, on
from workflows.operations import proposing
from workflows.operations import reviewing as verbs
from workflows.operations import workshop as drafts
from workflows.processes.checking import check_draft
from workflows.processes.models import Process, Version
from workflows.processes.packages import Package
from workflows.processes.rows import stored
from workflows.processes.three_way import merged
from workflows.processes.workshop import Proposal
from workflows.queries import proposals as reviewed
from workflows.queries import workshop as questions
from workflows.rehearsal.trials import run_tests

reviews = Blueprint("reviews", __name__, url_prefix="/processes")


@reviews.get("/<key>/difference")
def difference(key: str) -> ResponseReturnValue:
    """Lay any two versions beside each other; unless said, the draft and what runs."""
    shelved = questions.on_shelf(session(), key, by=actor())
    old, old_name = _side(shelved.process, request.args.get("old", "active"))
    new, new_name = _side(shelved.process, request.args.get("new", "draft"))
    return render_template(
        "workshop/difference.html",
        process=shelved.process,
        found=shown(old, new),
        sides=[(old_name, old.hash), (new_name, new.hash)],
        runs=shelved.runs,
        has_draft=shelved.draft is not None,
        chosen=(request.args.get("old", "active"), request.args.get("new", "draft")),
    )


@reviews.get("/<key>/supplier/<int:number>")
def supplier(key: str, number: int) -> ResponseReturnValue:
    """Lay the supplier's version and ours beside what both began as."""
    shelved = questions.on_shelf(session(), key, by=actor())
    base, ours, theirs = _three(shelved.process, number)
    return render_template(
        "workshop/supplier.html",
        process=shelved.process,
        number=number,
        found=three_ways(base, ours, theirs),
        has_draft=shelved.draft is not None,
    )


@reviews.post("/<key>/supplier/<int:number>/draft")
def take_over(key: str, number: int) -> ResponseReturnValue:
    """Begin a draft as ours, with each file of the supplier's that only they have changed."""
    process = questions.on_shelf(session(), key, by=actor()).process
    package = merged(*_three(process, number))
    drafts.take(session(), process, package, kind="process_drafted", by=actor(), now=clock.now())
    tell(N_("The draft is yours, with the files that only the supplier has changed."))
    return redirect(url_for("workshop.page", process_id=process.id))


def _three(process: Process, number: int) -> tuple[Package, Package, Package]:
    base, theirs = questions.supplied(session(), process, number)
    return stored(base), questions.newest(session(), process), stored(theirs)


@reviews.post("/<key>/submission")
def submit(key: str) -> ResponseReturnValue:
    """Send the draft for review; checking it takes its time, so it is done before writing."""
    by, note = actor(), request.form.get("note", "")
    close()
    with this_app().database.reading() as opened:
        process = questions.on_shelf(opened, key, by=by).process
        _, package = questions.written(opened, process)
        sent = proposing.ready(package)
        results = run_tests(opened, package, today=on(clock.now()))
    if failed := [one.name for one in results if not one.is_good]:
        raise Conflict("tests_fail", tests=", ".join(failed))
    process = questions.on_shelf(session(), key, by=by).process
    made = proposing.submit(session(), process, sent, note=note, by=by, now=clock.now())
    tell(N_("It is sent for review. Somebody else has to approve it."))
    return _to(made)


@reviews.post("/<key>/versions/<int:number>/submission")
def submit_version(key: str, number: int) -> ResponseReturnValue:
    """Propose an earlier version once more, or one that came from the supplier."""
    process = questions.on_shelf(session(), key, by=actor()).process
    version = questions.version(session(), process, number)
    note = request.form.get("note", "")
    made = proposing.submit_version(session(), version, note=note, by=actor(), now=clock.now())
    tell(N_("It is sent for review. Somebody else has to approve it."))
    return _to(made)


@reviews.get("/reviews/<int:proposal_id>")
def show(proposal_id: int) -> ResponseReturnValue:
    found = _find(proposal_id)
    package = stored(found.version)
    return render_template(
        "workshop/review.html",
        proposal=found,
        process=found.process,
        found=shown(stored(found.base), package) if found.base else None,
        problems=words.problems_told(check_draft(package).problems),
        elements=_elements(package),
        tests=run_tests(session(), package, today=on(clock.now())),
        softens=[(words.softening(one["code"]), one["element"]) for one in found.softens],
    )


@reviews.post("/reviews/<int:proposal_id>/approval")
def approve(proposal_id: int) -> ResponseReturnValue:
    found = _find(proposal_id)
    verbs.approve(
        session(),
        found,
        answer=request.form.get("answer", ""),
        publish_at=_day(request.form.get("from", "")),
        by=actor(),
        now=clock.now(),
    )
    tell(N_("It is approved."))
    return _to(found)


@reviews.post("/reviews/<int:proposal_id>/return")
def send_back(proposal_id: int) -> ResponseReturnValue:
    found = _find(proposal_id)
    comments = zip(request.form.getlist("element"), request.form.getlist("comment"), strict=False)
    answer = request.form.get("answer", "")
    verbs.send_back(session(), found, comments, answer=answer, by=actor(), now=clock.now())
    tell(N_("It is sent back, with your comments."))
    return _to(found)


@reviews.post("/reviews/<int:proposal_id>/withdrawal")
def withdraw(proposal_id: int) -> ResponseReturnValue:
    found = _find(proposal_id)
    proposing.withdraw(session(), found, by=actor(), now=clock.now())
    tell(N_("It is taken back from review."))
    return _to(found)


@reviews.post("/reviews/<int:proposal_id>/clearance")
def clear(proposal_id: int) -> ResponseReturnValue:
    found = _find(proposal_id)
    verbs.clear(session(), found, by=actor(), now=clock.now())
    tell(N_("You have let the process become less guarded."))
    return _to(found)


def _find(proposal_id: int) -> Proposal:
    to_change = request.method == "POST"
    return reviewed.proposal(session(), proposal_id, by=actor(), to_change=to_change)


def _to(found: Proposal) -> ResponseReturnValue:
    return redirect(url_for("reviews.show", proposal_id=found.id))


def _side(process: Process, which: str) -> tuple[Package, str]:
    """Give one side of a comparison: `draft`, `active` or the number of a version."""
    if which == "draft":
        return questions.written(session(), process)[1], words.side_said(None)
    version: Version | None = process.active_version
    if which != "active" or version is None:
        if which == "active":
            version = questions.last(session(), process)
        elif which.isdecimal() and len(which) < 10:
            version = questions.version(session(), process, int(which))
        else:
            raise BadRequest
    assert version is not None  # noqa: S101 (a process without any version has no page)
    return stored(version), words.side_said(version.number)


def _elements(package: Package) -> list[tuple[str, str]]:
    return words.elements_said(package)


def _day(text: str) -> datetime | None:
    """Read the day to publish on: it begins as the day does here."""
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), ZONE)
    except ValueError:
        raise BadRequest from None
