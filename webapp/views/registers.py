"""Registers: listed, looked into, drawn, taken away, and changed by hand."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from webapp import clock, matrix, progress_page, register_page, timeline, traces
from webapp.auth import actor
from webapp.format import language
from webapp.pages import posted_number, posted_pairs, tell
from webapp.spreadsheets import download
from webapp.transactions import abandon, session
from workflows import forms
from workflows.errors import Conflict, Invalid
from workflows.language import N_, Sentence, on
from workflows.operations import entries as verbs
from workflows.permissions import Deed, may
from workflows.queries import people as organisation
from workflows.queries import registers as questions
from workflows.registers import Definition
from workflows.registers.models import Entry, EntryState, Marking
from workflows.registers.reading import changing

registers = Blueprint("registers", __name__, url_prefix="/registers")


@registers.get("/")
def index() -> ResponseReturnValue:
    shelves = questions.shelves(session(), by=actor(), today=on(clock.now()))
    telling = {shelf.register.id for shelf in shelves if progress_page.asked(shelf.register)}
    return render_template("registers/index.html", shelves=shelves, telling=telling)


@registers.get("/<name>")
def listed(name: str) -> ResponseReturnValue:
    register, today = questions.opened(name, by=actor()), on(clock.now())
    wanted = register_page.wanted(request.args, register)
    after = request.args.get("after", type=int)
    found = questions.search(session(), register, wanted, by=actor(), today=today, after=after)
    leave_if_secret(register, found.entries)
    return render_template(
        "registers/list.html",
        register=register,
        found=found,
        lines=register_page.lines(register, found.entries, today=today),
        heads=register_page.heads(register),
        wanted=wanted,
        is_first=after is None,
        most=questions.MOST_COUNTED,
        marks=register_page.MARKS,
        may_import=_may_import_somewhere(),
        **_filter(register),
    )


@registers.get("/<name>/export.<kind>")
def export(name: str, kind: str) -> Response:
    register = questions.opened(name, by=actor())
    wanted, today = register_page.wanted(request.args, register), on(clock.now())
    most = questions.MOST_EXPORTED
    found = questions.search(session(), register, wanted, by=actor(), today=today, most=most)
    rows = [register_page.cells(register, entry) for entry in found.entries]
    if found.more:
        rows.append([Sentence(register_page.CUT, {"count": most}).said(language())])
    if wanted.secrecy is Marking.OPEN:  # goes out of the house: of the rest only how many
        whole = replace(wanted, secrecy=None)
        rest = questions.search(session(), register, whole, by=actor(), today=today, most=1).total
        rows += register_page.not_open(rest - found.total)
    answer = download(name, kind, register_page.header(register), rows)
    asked = {name: text for name, text in request.args.items() if text}
    what = {"what": f"{name}.{kind}", "rows": len(rows), "filter": asked}
    traces.leave("exported", by=actor(), what=what)
    return answer


@registers.get("/<name>/matrix")
def picture(name: str) -> ResponseReturnValue:
    register, today = questions.opened(name, by=actor()), on(clock.now())
    if not register.matrix:
        raise NotFound
    wanted = register_page.wanted(request.args, register)
    found = questions.search(
        session(), register, wanted, by=actor(), today=today, most=questions.MOST_EXPORTED
    )
    before = questions.a_year_before(session(), found.entries)
    scales = questions.scales(session(), [*found.entries, *before.values()])
    leave_if_secret(register, found.entries)
    return render_template(
        "registers/matrix.html",
        register=register,
        drawn=matrix.drawn(register, found.entries, before, scales),
        wanted=wanted,
        axes=[register_page.label(register, column) for column in register.matrix],
        bands=_grades(register),
        **_filter(register),
    )


@registers.get("/<name>/timeline")
def over_time(name: str) -> ResponseReturnValue:
    register, today = questions.opened(name, by=actor()), on(clock.now())
    if not register.due or not register.status:
        raise NotFound
    wanted = replace(register_page.wanted(request.args, register), sort="due")
    found = questions.search(session(), register, wanted, by=actor(), today=today)
    leave_if_secret(register, found.entries)
    lines = register_page.lines(register, found.entries, today=today)
    return render_template(
        "registers/timeline.html",
        register=register,
        found=found,
        lines=lines,
        drawn=timeline.drawn(lines, today=today),
        wanted=wanted,
        marks=register_page.MARKS,
        **_filter(register),
    )


@registers.get("/<name>/<int:entry_id>")
def show(name: str, entry_id: int) -> ResponseReturnValue:
    register = questions.opened(name, by=actor())
    entry = questions.find(session(), register, entry_id, by=actor())
    return _page(register, entry)


@registers.post("/<name>/<int:entry_id>/change")
def change(name: str, entry_id: int) -> ResponseReturnValue:
    register, entry = questions.opened(name, by=actor()), _entry(name, entry_id)
    form = changing(name)
    raw = forms.read_posted(form, posted_pairs()).raw
    seen = posted_number("seen")
    try:
        made = verbs.change(session(), entry, raw, seen=seen, by=actor(), now=clock.now())
    except Invalid as refused:
        if not isinstance(refused.problems, forms.Errors):
            raise
        abandon()
        entry = questions.find(session(), register, entry_id, by=actor())
        return _page(register, entry, raw=raw, errors=refused.problems), 422
    tell(N_("Changed."))
    return redirect(url_for("registers.show", name=name, entry_id=made.id))


@registers.post("/<name>/<int:entry_id>/secrecy")
def mark(name: str, entry_id: int) -> ResponseReturnValue:
    entry, why = _entry(name, entry_id), request.form.get("why", "")
    said = request.form.get("secrecy", "")
    if said not in tuple(Marking):
        raise BadRequest
    seen, now = posted_number("seen"), clock.now()
    made = verbs.mark(session(), entry, Marking(said), why, seen=seen, by=actor(), now=now)
    tell(N_("It waits for a second person.") if made.lowering else N_("Changed."))
    return redirect(url_for("registers.show", name=name, entry_id=made.id))


@registers.post("/<name>/<int:entry_id>/lowering")
def lower(name: str, entry_id: int) -> ResponseReturnValue:
    entry, why = _entry(name, entry_id), request.form.get("why", "")
    agrees, seen = request.form.get("agrees") == "yes", posted_number("seen")
    made = verbs.decide_lowering(
        session(), entry, why, agrees=agrees, seen=seen, by=actor(), now=clock.now()
    )
    tell(N_("Changed."))
    return redirect(url_for("registers.show", name=name, entry_id=made.id))


def _entry(name: str, entry_id: int) -> Entry:
    """Find the version that was looked at.

    :raises Conflict: if another stands by now
    """
    register = questions.opened(name, by=actor())
    entry = questions.find(session(), register, entry_id, by=actor())
    if entry.id != entry_id:
        raise Conflict("overtaken")
    return entry


def _page(
    register: Definition,
    entry: Entry,
    *,
    raw: forms.Raw | None = None,
    errors: forms.Errors | None = None,
) -> str:
    leave_if_secret(register, [entry])
    by, form = actor(), changing(register.id)
    versions = questions.versions(session(), entry, by=by)
    numbered = [one for one in versions if one.number is not None]
    may_change = may(by, Deed.CHANGE_ENTRY, entry)
    stands = entry.state is EntryState.APPROVED
    facts = forms.Facts(names=entry.data, tier="full")
    typed = raw if raw is not None else forms.prefilled(form, facts)
    return render_template(
        "registers/show.html",
        register=register,
        entry=entry,
        line=register_page.lines(register, [entry], today=on(clock.now()))[0],
        answers=register_page.answers(register, entry),
        changes=[
            (newer, register_page.differences(register, older, newer))
            for newer, older in pairwise(numbered)
        ],
        first=numbered[-1] if numbered else None,
        proposed=[one for one in versions if one.state is EntryState.PROPOSED and one != entry],
        events=questions.trail(session(), versions),
        view=forms.view(form, typed, facts, language(), errors)
        if may_change and stands and register.change
        else None,
        may_mark=may_change and entry.state in (EntryState.APPROVED, EntryState.PROPOSED),
        may_lower=entry.lowering is not None and may(by, Deed.DECLASSIFY, entry),
        markings=register_page.MARKINGS,
        states=register_page.STATES,
        sources=register_page.SOURCES,
    )


def _filter(register: Definition) -> dict[str, object]:
    """What the boxes above a list offer, and what has been asked for in the address."""
    return {
        "arguments": {
            name: text for name, text in request.args.items() if name != "after" and text
        },
        "tree": organisation.tree(session(), by=actor()),
        "markings": register_page.MARKINGS,
        "grades": _grades(register),
        "telling": bool(progress_page.asked(register)),
    }


def _grades(register: Definition) -> dict[str, str]:
    one = register.column(register.grade)
    return {option.value: option.label[language()] for option in one.options} if one else {}


def _may_import_somewhere() -> bool:
    return actor().holds_anywhere(
        "security_coordinator", "central_security", "protective_security_chief"
    )


def leave_if_secret(register: Definition, shown: Sequence[Entry]) -> None:
    """Write down that somebody looks at rows of secret cases; else they are not shown."""
    if request.method == "GET" and any(entry.is_secret for entry in shown):
        traces.leave("register_read", by=actor(), what={"register": register.id})
