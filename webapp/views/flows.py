"""How processes run in truth: pages of figures and pictures, and a log for other programs."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import TemporaryFile

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import BadRequest

from webapp import clock, traces, xes
from webapp.auth import actor
from webapp.format import language
from webapp.pages import FIRST_YEAR, LAST_YEAR
from webapp.telling import lasting
from webapp.transactions import session
from workflows.engine.picture import Mark, picture
from workflows.language import on
from workflows.processes.models import Version
from workflows.queries import flows as questions
from workflows.queries.flows import Flow, StepFlow

flows = Blueprint("flows", __name__, url_prefix="/history/flows")

# From what stood shortest to what stood longest; a word says how long beside each.
HEAT = ("#ffffff", "#fdf3e3", "#f9e0bd", "#f1c48d", "#e5a163")
WIDE, ROW = 400, 22  # of the bars, in pixels


@dataclass(frozen=True, slots=True)
class Bar:
    """A step as it is drawn: how far its median and its nine tenths reach."""

    step: StepFlow
    y: int
    median: int
    p90: int


@flows.get("/")
def index() -> ResponseReturnValue:
    found = questions.processes(session(), by=actor())
    return render_template("audit/flows.html", found=found)


@flows.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    first, last = _years()
    flow = questions.of_process(session(), key, by=actor(), first=first, last=last)
    return render_template(
        "audit/flow.html",
        flow=flow,
        name=flow.process.name(language()),
        names={one.element: one.names[language()] for one in flow.steps},
        bars=list(_bars(flow)),
        heat=_heat(flow),
        lasting=_said,
        wide=WIDE,
        height=len(flow.steps) * ROW,
        first=first,
        last=last,
        this_year=on(clock.now()).year,
    )


@flows.get("/<key>/log.xes")
def log(key: str) -> ResponseReturnValue:
    by, (first, last) = actor(), _years()
    told = questions.traces(session(), key, by=by, first=first, last=last, language=language())
    with ExitStack() as stack:
        out = stack.enter_context(TemporaryFile())
        cases, events = xes.write(out, told, name=key)
        out.seek(0)
        what = {"what": f"{key}.xes", "cases": cases, "rows": events, "first": first, "last": last}
        traces.leave("exported", by=by, what=what)
        stack.pop_all()  # whoever gives it out closes it
    return send_file(out, "application/xml", as_attachment=True, download_name=f"{key}.xes")


def _years() -> tuple[int | None, int | None]:
    """Read from which year to which the address asks."""
    return _year("first"), _year("last")


def _year(name: str) -> int | None:
    text = request.args.get(name, "")
    if text and not (text.isdecimal() and FIRST_YEAR <= int(text[:9]) <= LAST_YEAR):
        raise BadRequest
    return int(text) if text else None


def _said(seconds: int) -> str:
    return lasting(seconds // 60).said(language())


def _bars(flow: Flow) -> Iterator[Bar]:
    most = max((one.stood.p90 for one in flow.steps), default=0) or 1
    for place, one in enumerate(flow.steps):
        reach = (WIDE * one.stood.median // most, WIDE * one.stood.p90 // most)
        yield Bar(one, place * ROW, *reach)


def _heat(flow: Flow) -> Markup:
    """The diagram as it is used now, each step the warmer the longer it stood."""
    version: Version | None = flow.process.active_version
    if version is None or not flow.steps:
        return Markup("")
    medians = sorted(one.stood.median for one in flow.steps)
    marks: Mapping[str, Mark] = {
        one.element: Mark(
            HEAT[len(HEAT) * medians.index(one.stood.median) // len(medians)],
            _said(one.stood.median),
        )
        for one in flow.steps
    }
    title = flow.process.name(language())
    return Markup(picture(version.source, marks, language=language(), title=title))  # noqa: S704
