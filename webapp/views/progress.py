"""Saying how things go: what one answers for in a register, in one table and one go."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock, progress_page, register_page
from webapp.auth import actor
from webapp.pages import numbers, posted_number, tell
from webapp.progress_page import Said
from webapp.transactions import abandon, session
from webapp.views.registers import leave_if_secret
from workflows import forms
from workflows.errors import Invalid, NotFound
from workflows.language import N_, on
from workflows.operations import entries as verbs
from workflows.permissions import ANSWERING, Deed, may
from workflows.queries import registers as questions
from workflows.registers import Definition
from workflows.registers.models import Entry

progress = Blueprint("progress", __name__, url_prefix="/registers/<name>/progress")


@progress.get("")
def page(name: str) -> ResponseReturnValue:
    return _page(questions.opened(name, by=actor()), {})


@progress.post("")
def report(name: str) -> ResponseReturnValue:
    """Keep what was said of every row, or nothing of it where something cannot be read."""
    register = questions.opened(name, by=actor())
    ids = numbers(request.form.getlist("entry"))
    now, told, said = clock.now(), 0, dict[int, tuple[forms.Raw, forms.Errors | None]]()
    for entry in questions.standing(session(), register, ids[: progress_page.MOST], by=actor()):
        raw = progress_page.typed(register, entry, request.form)
        try:
            told += _kept(entry, raw, now)
            said[entry.id] = raw, None
        except Invalid as refused:
            if not isinstance(refused.problems, forms.Errors):
                raise
            said[entry.id] = raw, refused.problems
    if any(errors for _, errors in said.values()):
        abandon()
        return _page(register, said), 422
    tell(N_("Thank you. What you said is kept.") if told else N_("You changed nothing."))
    return redirect(url_for("progress.page", name=name, whose=request.args.get("whose")))


def _kept(entry: Entry, raw: forms.Raw, now: datetime) -> bool:
    """Keep what is new of an entry, or that it goes as before where that is what was said."""
    seen = posted_number(f"seen-{entry.id}")
    try:
        verbs.change(session(), entry, raw, seen=seen, by=actor(), now=now)
    except Invalid as refused:
        if refused.code != "nothing_differs":
            raise
        if not request.form.get("unchanged"):
            return False
        verbs.stand_by(session(), entry, seen=seen, by=actor(), now=now)
    return True


def _page(register: Definition, said: Said) -> str:
    by, today = actor(), on(clock.now())
    if not progress_page.asked(register):
        raise NotFound
    leads = any(by.holds_anywhere(role) for role in ANSWERING)
    whose = request.args.get("whose") or ("ours" if leads else "mine")
    wanted = questions.Wanted(status="any_open", whose=whose, sort="due")
    found = questions.search(
        session(), register, wanted, by=by, today=today, most=progress_page.MOST
    )
    leave_if_secret(register, found.entries)
    theirs = [entry for entry in found.entries if may(by, Deed.CHANGE_ENTRY, entry)]
    lines = register_page.lines(register, theirs, today=today)
    return render_template(
        "registers/progress.html",
        register=register,
        rows=progress_page.rows(register, lines, said),
        wrong=sum(errors is not None for _, errors in said.values()),
        is_cut=found.more is not None,
        leads=leads,
        whose=whose,
        marks=register_page.MARKS,
    )
