"""The room of follow-up: the reports of the year on each body and on the city."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from webapp import clock, traces
from webapp import follow_up_page as words
from webapp import report_files as files
from webapp.auth import actor
from webapp.pages import FIRST_YEAR, LAST_YEAR, asked_year, number_if_said, tell
from webapp.task_page import show_apart
from webapp.transactions import session, this_app
from workflows import forms
from workflows.errors import Conflict, Forbidden
from workflows.follow_up.report import FIGURES, LONGEST_TEXT, MILESTONES, REPORTED, Report
from workflows.follow_up.report_lines import lines
from workflows.follow_up.report_text import said
from workflows.follow_up.report_words import ended_said, indicators_said, table_said
from workflows.language import N_, on
from workflows.language.rich import rich
from workflows.operations import advance, reports
from workflows.operations import tasks as task_verbs
from workflows.organisation.models import UnitKind
from workflows.permissions import Deed, may
from workflows.processes.rows import form
from workflows.queries import cases as case_queries
from workflows.queries import report_rows
from workflows.queries import reports as questions
from workflows.queries.city_report import StillCounting, trends
from workflows.queries.wheel import city_of
from workflows.tasks.rows import draft_of

follow_up = Blueprint("follow_up", __name__, url_prefix="/follow-up")

REPORT = "/<body>/<int:year>/<milestone>"
PARAGRAPH = "security_paragraph"
AT_ONCE, LATELY = 15, timedelta(minutes=1)  # bodies counted while somebody waits, and how long kept


@follow_up.get("/")
def index() -> ResponseReturnValue:
    by, now = actor(), clock.now()
    city = city_of(session())
    known = questions.seen_by(questions.bodies(session(), on(now).year), by)
    first = city if city is not None and may(by, Deed.SEE_REPORT, city) else None
    first = first or next(iter(known), None)
    if first is None:
        return render_template("follow_up/none.html")
    milestone, year = words.current(session(), first.id, now)
    return redirect(url_for("follow_up.show", body=first.code, year=year, milestone=milestone))


@follow_up.get("/choose")
def choose() -> ResponseReturnValue:
    """Go to the report that was chosen in the boxes."""
    body, milestone = request.args.get("body", ""), request.args.get("milestone", "")
    if not body or milestone not in MILESTONES:
        raise NotFound
    return redirect(url_for("follow_up.show", body=body, year=asked_year(), milestone=milestone))


@follow_up.get(REPORT)
def show(body: str, year: int, milestone: str) -> ResponseReturnValue:
    by = actor()
    try:
        one = _shown(body, year, milestone, most=AT_ONCE)
    except StillCounting as so_far:
        return render_template("follow_up/counting.html", so_far=so_far)
    work = report_rows.work(session(), one.unit, milestone, year, by=by)
    city = one.unit if one.city else city_of(session())
    sees_city = city is not None and may(by, Deed.SEE_REPORT, city)
    is_by_process = milestone in REPORTED and one.city is None and work.case is not None
    rows = trends(
        session(), [each.unit.id for each in one.city.bodies] if one.city else [one.unit.id], year
    )
    return render_template(
        "follow_up/report.html",
        one=one,
        words=words,
        work=work,
        city=city if sees_city and one.city is None else None,
        others=questions.seen_by(questions.bodies(session(), year), by),
        years=range(max(year - 3, FIRST_YEAR), min(year + 1, LAST_YEAR) + 1),
        may_seal=may(by, Deed.SEAL_REPORT, one.unit) and not is_by_process,
        may_correct=may(by, Deed.CORRECT_REPORT, one.unit),
        text=rich(one.report.text),
        trend_rows=rows,
        trends=words.trends(rows),
        tables=[
            (name, table_said(name, held, words.language(), of_city=one.city is not None))
            for name, held in one.report.tables.items()
            if held.rows or held.withheld != 0
        ],
        indicators=indicators_said(one.report, words.language()),
        ended=ended_said(one.report, words.language()),
        kinds=files.KINDS,
        longest=LONGEST_TEXT,
    )


@follow_up.get(REPORT + "/rows/<key>")
def rows(body: str, year: int, milestone: str, key: str) -> ResponseReturnValue:
    one, by = _shown(body, year, milestone), actor()
    figure = one.report.figures.get(key)
    if figure is None or FIGURES[key].guarded:
        raise NotFound
    reports_of = [each.report for each in one.city.bodies] if one.city else [one.report]
    ids = [
        id_ for report in reports_of if key in report.figures for id_ in report.figures[key].rows
    ]
    found = report_rows.behind(session(), FIGURES[key].rows, ids, by=by)
    return render_template(
        "follow_up/rows.html", one=one, words=words, figure=figure, found=found, count=len(ids)
    )


@follow_up.get(REPORT + "/paste")
def paste(body: str, year: int, milestone: str) -> ResponseReturnValue:
    one = _shown(body, year, milestone)
    mapped = files.mapping_in(this_app().settings.data)
    return render_template(
        "follow_up/paste.html",
        one=one,
        words=words,
        lines=lines(one.report, mapped, draft=one.told.draft),
        columns=mapped.columns,
        work=report_rows.work(session(), one.unit, milestone, year, by=actor()),
    )


@follow_up.get(REPORT + "/export.<kind>")
def export(body: str, year: int, milestone: str, kind: str) -> Response:
    if kind not in files.KINDS:
        raise NotFound
    one = _shown(body, year, milestone)
    folder = this_app().settings.data
    content = files.written(one.told, kind, lambda: files.mapping_in(folder))
    name = f"{one.unit.code}-{year}-{milestone}.{kind}"
    traces.leave("exported", by=actor(), unit_id=one.unit.id, what={"what": name})
    answer = Response(content, mimetype=files.KINDS[kind])
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@follow_up.post(REPORT + "/seal")
def seal(body: str, year: int, milestone: str) -> ResponseReturnValue:
    unit = questions.unit_of(session(), body, by=actor())
    reports.seal(session(), unit, milestone, year, by=actor(), now=clock.now())
    tell(N_("The report is approved and sealed. What changes later is shown beside it."))
    return redirect(url_for("follow_up.show", body=body, year=year, milestone=milestone))


@follow_up.post(REPORT + "/corrections")
def correct(body: str, year: int, milestone: str) -> ResponseReturnValue:
    """Put another number in the place of a figure; without one, what was counted stands again."""
    unit = questions.unit_of(session(), body, by=actor())
    form = request.form
    value = number_if_said(form.get("value", "").strip())
    reports.correct(
        session(), unit, milestone, year, form.get("figure", ""), value, form.get("why", "")[:500],
        by=actor(), now=clock.now(),
    )  # fmt: skip
    tell(N_("Your number stands in the report, with what was counted beside it."))
    return redirect(url_for("follow_up.show", body=body, year=year, milestone=milestone))


@follow_up.post(REPORT + "/draft")
def use_draft(body: str, year: int, milestone: str) -> ResponseReturnValue:
    """Put the drafted paragraph into the task of writing it; what somebody has typed there is never
    overwritten: the two texts are shown side by side."""
    one, by, now = _shown(body, year, milestone), actor(), clock.now()
    work = report_rows.work(session(), one.unit, milestone, year, by=by)
    if work.text_id is None or one.unit.kind is UnitKind.CITY:
        raise NotFound
    task = case_queries.task(session(), work.text_id, by=by, to_change=True)
    live = questions.live(session(), [one.unit], milestone, year, now=now)[one.unit.id]
    asked = form(session(), task.case.version, task.form or "")
    kept = draft_of(session(), task)
    facts = advance.task_facts(session(), task, asked, now=now)
    raw = dict(kept.answers if kept else forms.prefilled(asked, facts)) | {PARAGRAPH: said(live)}
    written = str((kept.answers if kept else {}).get(PARAGRAPH) or "").strip()
    seen = kept.revision if kept and not written else 0
    try:
        task_verbs.save_draft(session(), task, raw, seen=seen, by=by, now=now)
    except (Conflict, Forbidden) as refusal:
        return show_apart(task.id, refusal, raw)
    tell(N_("The draft is in the task. Change it as you like."))
    return redirect(url_for("tasks.show", task_id=task.id))


def _shown(body: str, year: int, milestone: str, *, most: int | None = None) -> words.Shown:
    if milestone not in MILESTONES or not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound
    unit, now = questions.unit_of(session(), body, by=actor()), clock.now()
    known = _counted_lately(milestone, year, now) if unit.kind is UnitKind.CITY else None
    return words.shown(session(), unit, milestone, year, known=known, most=most, now=now)


def _counted_lately(milestone: str, year: int, now: datetime) -> dict[int, Report]:
    """The bodies of a large city that this process counted in the last minute."""
    kept: dict[object, tuple[datetime, dict[int, Report]]]
    kept = this_app().extensions.setdefault("counted_lately", {})
    for key, (at, _) in list(kept.items()):
        if not timedelta() <= now - at < LATELY:
            kept.pop(key, None)
    return kept.setdefault((milestone, year), (now, {}))[1]
