"""The overview: bodies by steps for one process and year, taken away, and asking how it goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from webapp import clock, traces
from webapp import overview_page as words
from webapp.auth import actor
from webapp.format import language
from webapp.pages import LAST_YEAR, asked_year, numbers, page_number
from webapp.spreadsheets import download
from webapp.transactions import session
from workflows.language import counted, on
from workflows.operations import reminders
from workflows.organisation.models import Person
from workflows.permissions import Deed, may
from workflows.processes.models import Process, Secrecy
from workflows.queries import overview as questions
from workflows.queries.overview import Overview, State
from workflows.queries.receivers import awaited
from workflows.queries.words_given import ASKED_AGAIN_AFTER

overview = Blueprint("overview", __name__, url_prefix="/overview")

YEARS_BACK = 3
MOST_SHOWN = 60  # bodies on a page: all of a large city, and no more than fit on an A3
KEPT = ("process", "year", "occasion", "show", "compare")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and the processes it may ask for."""

    processes: list[Process]
    process: Process
    year: int
    occasion: str | None
    arguments: dict[str, Any]


@overview.get("/")
def page() -> ResponseReturnValue:
    year = asked_year()
    asked = _asked(year)
    if asked is None:
        return render_template("overview/page.html", found=None, year=year)
    found, follows = _found(asked), request.args.get("show") == "follow"
    rows = [row for row in found.rows if not follows or row.follow_up]
    first = (page_number() - 1) * MOST_SHOWN
    shown = rows[first : first + MOST_SHOWN]
    return render_template(
        "overview/page.html",
        asked=asked,
        found=found,
        year=year,
        years=range(min(year, on(clock.now()).year - YEARS_BACK), min(year + 2, LAST_YEAR)),
        groups=list(words.groups(shown)),
        to_follow=words.to_follow(found, shown),
        first=first,
        most=MOST_SHOWN,
        count=len(rows),
        follows=follows,
        compares=request.args.get("compare") == "1",
        sees_city=may(actor(), Deed.SEE_CITY, None),
        may_ask=any(row.may_nudge for row in found.rows),
        letters=words.letters(),
        words=words,
        cases=url_for("cases.show", case_id=0).removesuffix("0"),  # asked for once, not for each
        State=State,
    )


@overview.get("/export.<kind>")
def export(kind: str) -> Response:
    asked = _asked(asked_year())
    if asked is None:
        raise NotFound
    header, rows = words.table(_found(asked))
    answer = download(f"{asked.process.key}-{asked.year}", kind, header, rows)
    what = {"what": f"{asked.process.key}-{asked.year}.{kind}", "rows": len(rows)}
    traces.leave("exported", by=actor(), what=what)
    return answer


@overview.get("/nudge")
def preview() -> ResponseReturnValue:
    """Show who would be asked about what: of a cell, a row, a column, or of all that is late."""
    asked = _asked(asked_year())
    if asked is None:
        raise NotFound
    found, now = _found(asked), clock.now()
    tasks = questions.asked_about(session(), _to_ask(found), by=actor())
    waited_for = awaited(session(), tasks, today=on(now))
    ids = set().union(*waited_for.values()) - {actor().id}
    wanted = sa.select(Person).where(Person.id.in_(ids)).order_by(Person.sort_key, Person.id)
    return render_template(
        "overview/nudge.html",
        asked=asked,
        tasks=tasks,
        letters=[
            (person, [task for task in tasks if person.id in waited_for[task.id]])
            for person in session().scalars(wanted)
        ],
        to_nobody=[task for task in tasks if not waited_for[task.id] - {actor().id}],
        pause=ASKED_AGAIN_AFTER.days,
    )


@overview.post("/nudge")
def nudge() -> ResponseReturnValue:
    tasks = questions.asked_about(session(), numbers(request.form.getlist("task")), by=actor())
    if not tasks:
        raise NotFound
    people = reminders.nudge(session(), tasks, by=actor(), now=clock.now())
    told = counted(len(people), "One person is asked.", "{count} people are asked.")
    flash(told.said(language()))
    return redirect(url_for("overview.page", **_kept()))


def _to_ask(found: Overview) -> Iterator[int]:
    unit, step = request.args.get("unit", ""), request.args.get("step", "")
    for row in found.rows:
        if not row.may_nudge or unit not in ("", str(row.unit.id)):
            continue
        for column, cell in zip(found.columns, row.cells, strict=True):
            if step in ("", column.element) and (unit or step or cell.state is State.SILENT):
                yield from cell.to_ask


def _asked(year: int) -> Asked | None:
    """Read which process and occasion are asked for: the first with any case unless said.

    :raises NotFound: if there is none such that one may follow
    """
    known = questions.processes(session(), year, by=actor())
    if not known:
        return None
    used = [process for process, has_cases in known if has_cases]
    wanted = request.args.get("process", (used or [known[0][0]])[0].key)
    process = next((one for one, _ in known if one.key == wanted), None)
    if process is None:
        raise NotFound
    return Asked([one for one, _ in known], process, year, request.args.get("occasion"), _kept())


def _kept() -> dict[str, Any]:
    """What of the address stays the same from page to page."""
    return {name: text for name in KEPT if (text := request.args.get(name, ""))}


def _found(asked: Asked) -> Overview:
    found = questions.overview(
        session(),
        asked.process,
        asked.year,
        occasion=asked.occasion,
        by=actor(),
        now=clock.now(),
    )
    if asked.process.secrecy is Secrecy.SECRET:
        what = {"process": asked.process.key, "year": str(asked.year)}
        traces.leave("overview_read", by=actor(), what=what)
    return found
