"""A report as lines for a steering system, by a mapping that its owner may change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflows.canonical import parse
from workflows.errors import Invalid
from workflows.follow_up.report import COSTS, FIGURES, Figure, Report, State
from workflows.follow_up.report_words import cell_said, figure_said, name_of
from workflows.language import N_, Language, translator

SHIPPED = Path(__file__).with_name("report_mapping.json")
VALUES = (
    "unit", "code", "milestone", "year", "period", "goal", "kind", "name", "target", "forecast",
    "outcome", "number", "of", "comment", "reference", "taken",
)  # fmt: skip
OF_INDICATORS = {
    "name": "name", "target": "target", "forecast": "forecast", "outcome": "outcome_value",
    "comment": "note", "goal": "goal", "reference": "reference",
}  # fmt: skip
GATHERED = ("text", "indicators", "activities", "budget")
Line = dict[str, str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """The headings of the other system, what goes under them, and the rows in its order."""

    delimiter: str
    columns: tuple[tuple[str, str], ...]
    order: tuple[Mapping[str, Any], ...]
    kinds: Mapping[str, str]  # what a kind of row is called there


def mapping(path: Path = SHIPPED) -> Mapped:
    """Read a mapping.

    :raises Invalid: if the file is none, names a value or a figure that there is not
    """
    try:
        given: Any = parse(path.read_bytes())
        columns = tuple((str(head), str(value)) for head, value in given["columns"])
        order = tuple(dict(one) for one in given["order"])
        delimiter = str(given.get("delimiter", ";"))
        kinds = {str(kind): str(word) for kind, word in given.get("kinds", {}).items()}
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
    return Mapped(delimiter, columns, order, kinds)


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
            told = {under: str(row.get(key) or "") for under, key in OF_INDICATORS.items()}
            yield {"kind": "indicator", **told, "goal": told["goal"] or goal}
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
            "comment": _corrected(figure) or str(one.get("comment", "")),
        }


def _corrected(figure: Figure) -> str:
    """Say that a number was corrected, what was counted, and why."""
    if not figure.why:
        return ""
    counted = cell_said("corrections", "counted", figure.counted, Language.SV)
    words = translator(Language.SV).gettext(N_("Corrected, counted was {counted}: {why}"))
    return words.format(counted=counted, why=figure.why)


def _row(kind: str, row: Mapping[str, Any]) -> Line:
    costs = [int(row.get(cost) or 0) for cost in COSTS]
    return {
        "kind": "activity" if kind == "activities" else "budget",
        "goal": str(row.get("goal") or ""),
        "name": str(row["title"]),
        "outcome": cell_said("goals", "status", row.get("status"), Language.SV)
        if kind == "activities"
        else str(sum(costs)),
        "comment": "" if kind == "activities" else " + ".join(map(str, costs)),
        "reference": str(row.get("reference") or ""),
        "target": str(row.get("due") or ""),
    }


def columns(line: Line, mapped: Mapped) -> list[str]:
    """One row under the headings of the other system."""
    said = line | {"kind": mapped.kinds.get(line["kind"], line["kind"])}
    return [said.get(value, "") for _, value in mapped.columns]
