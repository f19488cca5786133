"""A report as lines for a steering system, by a mapping that its owner may change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflows.canonical import parse
from workflows.errors import Invalid
from workflows.follow_up.report import COSTS, FIGURES, Report, State
from workflows.follow_up.report_paper import figure_said, name_of
from workflows.language import Language

SHIPPED = Path(__file__).with_name("report_mapping.json")
VALUES = (
    "unit", "code", "milestone", "year", "period", "goal", "kind", "name", "target", "forecast",
    "outcome", "number", "of", "comment", "reference", "taken",
)  # fmt: skip
GATHERED = ("text", "indicators", "activities", "budget")
Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The headings of the other system, what goes under them, and the rows in its order."""

    delimiter: str
    columns: tuple[tuple[str, str], ...]
    order: tuple[Mapping[str, Any], ...]


def mapping(path: Path = SHIPPED) -> Mapped:
    """Read a mapping.

    :raises Invalid: if the file is none, names a value or a figure that there is not
    """
    try:
        given: Any = parse(path.read_bytes())
        columns = tuple((str(head), str(value)) for head, value in given["columns"])
        order = tuple(dict(one) for one in given["order"])
        delimiter = str(given.get("delimiter", ";"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise Invalid("bad_report_mapping", name=path.name, found=type(fault).__name__) from fault
    unknown = [value for _, value in columns if value not in VALUES]
    unknown += [
        str(one.get("figure", one))
        for one in order
        if one.get("figure") not in FIGURES and not any(one.get(name) for name in GATHERED)
    ]
    if unknown or not columns or len(delimiter) != 1:
        found = ", ".join(unknown) or "columns"
        raise Invalid("bad_report_mapping", name=path.name, found=found)
    return Mapped(delimiter, columns, order)


def lines(report: Report, mapped: Mapped, *, draft: str = "") -> list[Line]:
    """The rows in the order of the other system, every value a text."""
    period = report.period
    around = {
        "unit": report.name,
        "code": report.unit,
        "milestone": period.milestone,
        "year": str(period.year),
        "period": f"{period.first.isoformat()}/{period.last.isoformat()}",
        "taken": report.at.isoformat(timespec="minutes"),
    }
    return [around | line for one in mapped.order for line in _of(report, one, draft)]


def _of(report: Report, one: Mapping[str, Any], draft: str) -> Iterator[Line]:
    goal = str(one.get("goal", ""))
    if one.get("text"):
        text = report.text or draft
        yield {"kind": "text", "goal": goal, "name": str(one.get("name", "")), "comment": text}
    if one.get("indicators"):
        for row in report.indicators:
            told = {key: str(row.get(key) or "") for key in ("name", "target", "forecast")}
            outcome, note = str(row.get("outcome_value") or ""), str(row.get("note") or "")
            yield {"kind": "indicator", "goal": goal, **told, "outcome": outcome, "comment": note}
    for kind, table in (("activities", "goals"), ("budget", "budget")):
        if one.get(kind) and table in report.tables:
            yield from (_row(kind, row) for row in report.tables[table].rows)
    if (key := one.get("figure")) in report.figures:
        figure = report.figures[str(key)]
        is_known = figure.state is State.KNOWN
        yield {
            "kind": "figure",
            "goal": goal,
            "name": str(one.get("name") or name_of(str(key), Language.SV)),
            "outcome": str(figure.value) if is_known else figure_said(figure, Language.SV),
            "number": str(figure.value) if is_known else "",
            "of": str(figure.of) if is_known and figure.of is not None else "",
            "comment": str(one.get("comment", "")),
        }


def _row(kind: str, row: Mapping[str, Any]) -> Line:
    costs = [int(row.get(cost) or 0) for cost in COSTS]
    return {
        "kind": "activity" if kind == "activities" else "budget",
        "goal": str(row.get("goal") or ""),
        "name": str(row["title"]),
        "outcome": str(row.get("status") or "") if kind == "activities" else str(sum(costs)),
        "comment": "" if kind == "activities" else " + ".join(map(str, costs)),
        "reference": str(row.get("reference") or ""),
        "target": str(row.get("due") or ""),
    }


def columns(line: Line, mapped: Mapped) -> list[str]:
    """One row under the headings of the other system."""
    return [line.get(value, "") for _, value in mapped.columns]
