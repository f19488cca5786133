"""The tables of a report: what is marked open by name, of the rest how many there are."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from workflows.follow_up.report import COSTS, Listed, Row, listed
from workflows.language import on
from workflows.queries.report_counting import PROMINENT, is_before, rows_of, said, within
from workflows.queries.report_facts import Facts
from workflows.registers.models import Marking

EXPLAINED = ("cause", "measure")
MOST_ROWS = 200  # of a table; a report is read


def indicators(of: Facts) -> Iterator[Row]:
    """What is told of each indicator, with its goal and its code in the city's system; until the
    case has asked, what its owner keeps of it."""
    standing = (one for one in of.entries.get("indicator", ()) if one.is_open)
    kept = {one.name: {"name": one.name, **one.data} for one in standing}
    for row in rows_of(said(of), "indicators") or list(kept.values()):
        data = kept.get(str(row.get("name")), {})
        yield {**row, "goal": data.get("goal"), "reference": data.get("steering_reference")}


def tables(of: Facts) -> dict[str, Listed]:
    actions = [one for one in of.entries.get("action", ()) if one.is_open]
    named = {one.name: one for one in of.entries.get("action", ())}
    risks = [
        one
        for one in of.entries.get("risk", ())
        if one.is_open and one.data.get("band") in PROMINENT
    ]
    red = [
        one
        for one in actions
        if is_before(one.due_on, of.at) and one.data.get("risk_band") == "red"
    ]
    told = {row.get("action"): row for row in rows_of(said(of), "deviations")}
    deviating = {one.name: one for one in red}
    deviating |= {name: named[name] for name in told if name in named}
    asking = [one for one in actions if one.data.get("funding") == "budget_request"]
    planned = [one for one in actions if one.data.get("plan_goal")]
    return {
        "risks": _open(
            sorted(risks, key=lambda one: -(one.data.get("value") or 0)),
            lambda one: {
                "value": one.data.get("value"),
                "band": one.data.get("band"),
                "before": of.risks_before[one.identity].data.get("value")
                if one.identity in of.risks_before
                else None,
            },
        ),
        "deviations": _open(
            list(deviating.values()),
            lambda one: _due(one) | {key: told.get(one.name, {}).get(key) for key in EXPLAINED},
        ),
        "exercises": _open(within(of, "exercise"), lambda one: _due(one) | {"status": one.status}),
        "late_steps": listed(
            (
                {"title": f"{one.name_sv}, {one.of}", "due": on(one.due_at), "why": one.why}
                for one in of.tasks[:MOST_ROWS]
            ),
            0,
        ),
        "missing_roles": listed(
            ({"title": role, "steps": steps} for role, steps in sorted(of.roles.items())), 0
        ),
        "goals": _open(
            sorted(planned, key=lambda one: one.data["plan_goal"]),
            lambda one: (
                _due(one)
                | {
                    "goal": one.data["plan_goal"],
                    "status": one.status,
                    "reference": one.data.get("steering_reference"),
                }
            ),
        ),
        "budget": _open(
            asking,
            lambda one: (
                {key: one.data.get(key) for key in COSTS} | {"goal": one.data.get("plan_goal")}
            ),
        ),
    }


def _due(one: Any) -> Row:
    return {"due": one.due_on}


def _open(entries: Sequence[Any], row: Callable[[Any], Row]) -> Listed:
    """Keep the rows that are marked open: nothing else leaves the house but as a number."""
    told = [one for one in entries if one.secrecy is Marking.OPEN]
    rows = ({"title": one.name} | row(one) for one in told[:MOST_ROWS])
    return listed(rows, len(entries) - len(told))
