"""Find rules that overlap, rules never reached and cases no rule covers, each with an example.

Every column is cut into the pieces its cells can tell apart, one example value for each; what a
cell says of the examples is asked of the cell itself, so the analysis cannot disagree with the
table. A column whose cells look at more than their own input is not analysed, and said so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from workflows.engine.problems import Problem
from workflows.engine.rule_tables.feel import (
    Against,
    Call,
    DecisionFailed,
    Interval,
    Literal,
    Many,
    Matches,
    Name,
    Negative,
    Scope,
    Tested,
    Tests,
)  # fmt: skip
from workflows.engine.rule_tables.feel_functions import duration_text
from workflows.engine.rule_tables.feel_reading import parts_of
from workflows.engine.rule_tables.feel_values import Range
from workflows.engine.rule_tables.tables import SEVERAL, Decision, Input, Table, Tables

MOST_REPORTED = 10
MOST_STEPS = 200_000
OTHER = "…"  # any text no cell mentions
ANYTHING = object()


@dataclass(frozen=True, slots=True)
class Piece:
    """Values a column cannot tell apart: one of them, and the rules (as bits) that take it."""

    example: Any
    rules: int


def check(tables: Tables) -> list[Problem]:
    """What is doubtful about the tables: all warnings, because inputs may depend on each other."""
    found: list[Problem] = []
    for decision in tables.decisions.values():
        if isinstance(decision.logic, Table):
            found.extend(_table(decision, decision.logic))
    return found


def _table(decision: Decision, table: Table) -> Iterator[Problem]:
    columns = []
    for place, column in enumerate(table.inputs):
        pieces = _pieces(table, place, column)
        if pieces is None:
            yield _warning(decision, column.line, "not_analysed", column=column.label)
            return
        columns.append(pieces)
    if table.hit_policy in ("UNIQUE", "ANY"):
        yield from _overlaps(decision, table, columns)
    if table.hit_policy == "FIRST":
        yield from _never_reached(decision, table, columns)
    complete = any(output.default for output in table.outputs) or table.hit_policy in SEVERAL
    if not complete:
        yield from _gaps(decision, table, columns)


def _warning(decision: Decision, line: int | None, code: str, **params: object) -> Problem:
    return Problem("warning", code, decision.id, decision.name, line, params)


def _example(table: Table, values: list[Any]) -> dict[str, str]:
    return {
        column.label: feel_text(value)
        for column, value in zip(table.inputs, values, strict=True)
        if value is not ANYTHING
    }


def _overlaps(decision: Decision, table: Table, columns: list[list[Piece]]) -> Iterator[Problem]:
    reported = 0
    meeting = _meeting(columns, len(table.rules))
    for place, rule in enumerate(table.rules):
        later = meeting[place] >> (place + 1)
        while later:
            other = table.rules[place + (later & -later).bit_length()]
            later &= later - 1
            if table.hit_policy == "ANY" and rule.results == other.results:
                continue
            both = (1 << place) | (1 << (other.number - 1))
            values = [next(p.example for p in pieces if p.rules & both == both)
                      for pieces in columns]  # fmt: skip
            yield _warning(
                decision, other.line, "rules_overlap",
                rules=(rule.number, other.number), example=_example(table, values),
            )  # fmt: skip
            reported += 1
            if reported == MOST_REPORTED:
                return


def _meeting(columns: list[list[Piece]], rules: int) -> list[int]:
    """For each rule, as bits, the rules it shares a value with in every column."""
    meeting = [(1 << rules) - 1] * rules
    for pieces in columns:
        shares = [0] * rules
        for piece in pieces:
            left = piece.rules
            while left:
                shares[(left & -left).bit_length() - 1] |= piece.rules
                left &= left - 1
        meeting = [before & here for before, here in zip(meeting, shares, strict=True)]
    return meeting


def _never_reached(
    decision: Decision, table: Table, columns: list[list[Piece]]
) -> Iterator[Problem]:
    """A rule that an earlier one covers whole; or that takes nothing its columns can hold."""
    for place, rule in enumerate(table.rules):
        own = 1 << place
        taken = [[one for one in pieces if one.rules & own] for pieces in columns]
        covering = (1 << place) - 1 if all(taken) else 0
        for pieces in taken:
            for piece in pieces:
                covering &= piece.rules
        if not all(taken):
            yield _warning(decision, rule.line, "rule_never_reached", rule=rule.number, by=None)
        elif covering:
            by = table.rules[(covering & -covering).bit_length() - 1].number
            yield _warning(decision, rule.line, "rule_never_reached", rule=rule.number, by=by)


def _gaps(decision: Decision, table: Table, columns: list[list[Piece]]) -> Iterator[Problem]:
    steps = 0
    seen: set[tuple[int, int]] = set()
    pending: list[tuple[int, int, tuple[Any, ...]]] = [(0, (1 << len(table.rules)) - 1, ())]
    reported = 0
    while pending:
        place, alive, values = pending.pop()
        steps += 1
        if steps > MOST_STEPS:
            yield _warning(decision, decision.line, "not_analysed", column=None)
            return
        if not alive:
            rest = [pieces[0].example for pieces in columns[place:]]
            example = _example(table, [*values, *rest])
            yield _warning(decision, decision.line, "no_rule_for", example=example)
            reported += 1
            if reported == MOST_REPORTED:
                return
        elif place < len(columns) and (place, alive) not in seen:
            seen.add((place, alive))  # the same rules left at the same column end the same way
            pending.extend(
                (place + 1, alive & piece.rules, (*values, piece.example))
                for piece in reversed(columns[place])
            )


def _pieces(table: Table, place: int, column: Input) -> list[Piece] | None:
    """The column cut into pieces; None if a cell looks at more than its input."""
    cells = [rule.tests[place] for rule in table.rules]
    values: list[Any] = []
    for cell in (*cells, column.allowed):
        found = _constants(cell)
        if found is None:
            return None
        values.extend(found)
    examples = _examples(values, column)
    takers: dict[Tests, int] = {}  # the same cell is asked once for all rules that have it
    for number, cell in enumerate(cells):
        takers[cell] = takers.get(cell, 0) | (1 << number)
    if examples is None or len(examples) * len(takers) > MOST_STEPS:
        return None
    pieces: dict[int, Piece] = {}
    for example in examples:
        scope = Scope({}, None, example)
        if example is not None and example is not ANYTHING and not column.allowed.worth(scope):
            continue
        rules = 0
        for cell, takes in takers.items():
            if cell.worth(scope):
                rules |= takes
        pieces.setdefault(rules, Piece(example, rules))
    return list(pieces.values())


_CONSTANT = (Literal, Negative, Interval, Many, Matches, Against, Tests, Call)


def _constants(cell: Tests) -> list[Any] | None:
    """The values a cell compares its input with; None if they are not all written out."""
    found: list[Any] = []
    parts = parts_of(cell)
    if any(isinstance(part, Name | Tested) or not isinstance(part, _CONSTANT) for part in parts):
        return None
    for test in cell.any_of:
        try:
            value = getattr(test, "value").worth(Scope({}))  # noqa: B009  # both kinds of test have one
        except DecisionFailed:
            return None
        for one in value if isinstance(value, list) else [value]:
            found.extend([one.low, one.high] if isinstance(one, Range) else [one])
    return found


def _examples(values: list[Any], column: Input) -> list[Any] | None:
    """A value for every piece: the written ones, one between each two, and one beyond them."""
    numbers = sorted({v for v in values if type(v) in (int, Decimal)})
    days = sorted({v for v in values if type(v) is date})
    spans = sorted({v for v in values if isinstance(v, timedelta)})
    moments = {v for v in values if isinstance(v, datetime)}
    texts = list(dict.fromkeys(v for v in values if isinstance(v, str)))
    found: list[Any] = []
    if numbers or (column.type in _NUMERIC and values):
        whole = column.type in ("integer", "long")
        found += _between(numbers, 1, lambda a, b: a + 1 if whole else (Decimal(a) + b) / 2)
    if days:
        found += _between(days, timedelta(days=1), lambda a, b: a + timedelta(days=1))
    if spans:
        found += _between(spans, timedelta(seconds=1), lambda a, b: a + (b - a) / 2)
    if texts:
        found += [*texts, OTHER]
    if any(isinstance(v, bool) for v in values) or column.type == "boolean":
        found += [True, False]
    if None in values:
        found.append(None)
    handled = len(numbers) + len(days) + len(spans) + len(texts)
    kinds = {type(v) for v in values} - {int, Decimal, date, timedelta, str, bool, type(None)}
    if kinds or moments:
        return None
    return found if handled or found else [ANYTHING]


_NUMERIC = frozenset({"number", "integer", "long", "double"})


def _between(points: list[Any], step: Any, middle: Any) -> list[Any]:
    if not points:
        return []
    found = [points[0] - step, points[0]]
    for before, after in pairwise(points):
        inside = middle(before, after)
        found += [inside, after] if before < inside < after else [after]
    return [*found, points[-1] + step]


def feel_text(value: Any) -> str:
    """An example as one would write it in a cell."""
    if isinstance(value, str):
        return f'"{value}"' if value != OTHER else OTHER
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, timedelta):
        return f'@"{duration_text(value)}"'
    return (
        f'@"{value}"'
        if isinstance(value, date)
        else f"{value.normalize():f}"
        if isinstance(value, Decimal)
        else str(value)
    )
