"""How it stood at a moment: a case, the overview, a register and the roles, from history alone."""

import bisect
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import BadRequest, NotFound

from webapp import clock, organisation_forms, overview_page, register_page, then_page
from webapp.auth import actor
from webapp.case_data import answered
from webapp.pages import LAST_YEAR, asked_year
from webapp.traces import leave_if_secret
from webapp.transactions import session
from webapp.views.registers import leave_if_secret as leave_if_secret_register
from workflows.language import on
from workflows.permissions import Deed, may
from workflows.processes.rows import compiled
from workflows.queries import cases as case_queries
from workflows.queries import history, registers_then, rights_then
from workflows.queries import overview as overviews
from workflows.queries import people as organisation
from workflows.queries import registers as register_queries
from workflows.queries import then as questions

then = Blueprint("then", __name__, url_prefix="/then")

MOST_RIGHTS = 300


@then.get("/")
def index() -> ResponseReturnValue:
    """Where one chooses what to see as it was; a case by its name leads there at once."""
    at, name = then_page.asked_at(), request.args.get("case", "").strip()
    found = case_queries.called(session(), name, by=actor()) if name else None
    if found is not None:
        return redirect(url_for("then.case", case_id=found.id, at=then_page.typed(at)))
    return render_template(
        "then/index.html",
        at=at,
        typed=then_page.typed(at),
        name=name,
        shelves=register_queries.shelves(session(), by=actor(), today=on(clock.now())),
        may_see_roles=may(actor(), Deed.SEE_HISTORY, None),
    )


@then.get("/cases/<int:case_id>")
def case(case_id: int) -> ResponseReturnValue:
    found, at = case_queries.case(session(), case_id, by=actor()), then_page.asked_at()
    leave_if_secret(found, by=actor())
    seen = questions.case(session(), found, at=at)
    if "n" in request.args:
        return redirect(url_for("then.case", case_id=case_id, at=_nth(seen.moments).isoformat()))
    place = bisect.bisect_right(seen.moments, at)
    description = compiled(seen.version or found.version).description
    whole = seen.then is not None and seen.then.unknown_since is None and seen.version is not None
    return render_template(
        "then/case.html",
        case=found,
        at=at,
        typed=then_page.typed(at),
        seen=seen,
        place=place,
        words=then_page,
        is_whole=whole,
        steps=then_page.steps(seen, at) if whole else [],
        waited_for=then_page.waited_for(seen, description) if whole else [],
        # drawn by us of a checked diagram, every name in it escaped
        picture=Markup(then_page.drawn(seen, description, at)) if whole else "",  # noqa: S704
        forms=answered(found, seen.version, seen.then.data) if whole and seen.then else [],
        events=history.tell(session(), seen.last),
    )


@then.get("/overview")
def overview() -> ResponseReturnValue:
    at, year = then_page.asked_at(), asked_year()
    follows = overviews.processes(session(), year, by=actor())
    if not follows:
        raise NotFound
    known = [process for process, _ in follows]
    used = [process for process, has_cases in follows if has_cases]
    key = request.args.get("process", (used or known)[0].key)
    process = next((one for one in known if one.key == key), None)
    if process is None:
        raise NotFound
    found, untold = questions.overview(
        session(), process, year, occasion=request.args.get("occasion"), by=actor(), at=at
    )
    return render_template(
        "then/overview.html",
        at=at,
        typed=then_page.typed(at),
        found=found,
        untold=untold,
        processes=known,
        years=range(year - 3, min(year + 2, LAST_YEAR)),
        groups=list(overview_page.groups(found.rows)),
        letters=overview_page.letters(),
        words=overview_page,
    )


@then.get("/registers/<name>")
def register(name: str) -> ResponseReturnValue:
    wanted, at = register_queries.opened(name, by=actor()), then_page.asked_at()
    unit_id = request.args.get("unit", type=int)
    found = registers_then.register(session(), wanted, unit_id=unit_id, by=actor(), at=at)
    leave_if_secret_register(wanted, found.entries)
    return render_template(
        "then/register.html",
        at=at,
        typed=then_page.typed(at),
        register=wanted,
        found=found,
        unit_id=unit_id,
        tree=organisation.tree(session(), by=actor()),
        lines=register_page.lines(wanted, found.entries, today=on(at)),
        heads=register_page.heads(wanted),
    )


@then.get("/roles")
def roles() -> ResponseReturnValue:
    at, unit_id = then_page.asked_at(), request.args.get("unit", type=int)
    found = rights_then.rights(session(), by=actor(), at=at)
    name = request.args.get("case", "").strip()
    asked = case_queries.called(session(), name, by=actor()) if name else None
    standing = [one for one in found.standing(on(at)) if unit_id is None or one.place[1] == unit_id]
    away = [one for one in found.absent if one.first <= on(at) <= one.last]
    mandates = found.mandated(on(at))
    people, units = rights_then.named(session(), standing, away, mandates)
    standing.sort(key=lambda one: (units.get(one.place[1], ""), one.place[0], one.person_id or 0))
    return render_template(
        "then/roles.html",
        at=at,
        typed=then_page.typed(at),
        name=name,
        asked=asked,
        readers=rights_then.readers(session(), asked, found, at=at) if asked else [],
        standing=standing[:MOST_RIGHTS],
        count=len(standing),
        away=away,
        mandates=mandates,
        people=people,
        units=units,
        unit_id=unit_id,
        roles=dict(organisation_forms.roles_named()),
        tree=organisation.tree(session(), by=actor()),
    )


def _nth(moments: tuple[datetime, ...]) -> datetime:
    n = request.args["n"]
    if not (n.isdecimal() and 1 <= int(n) <= len(moments)):
        raise BadRequest
    return moments[int(n) - 1]
