"""Rule tables as values: decisions, their tables or expressions, and what each asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows.engine.rule_tables.feel import Node, Tests

SINGLE = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})
SEVERAL = frozenset({"RULE ORDER", "OUTPUT ORDER", "COLLECT"})
AGGREGATIONS = frozenset({"SUM", "MIN", "MAX", "COUNT"})


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions: what is tested, of which type, and the values it may have."""

    label: str
    text: str
    value: Node
    type: str
    allowed: Tests
    line: int | None


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results; `order` are its values, the most important first."""

    name: str
    label: str
    type: str
    order: tuple[Any, ...]
    default: Node | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: one cell of tests per input, one result per output; `number` as people count."""

    id: str | None
    number: int
    tests: tuple[Tests, ...]
    results: tuple[Node, ...]
    line: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rules, and what happens when several of them hold."""

    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: a table or an expression over names and the decisions it requires."""

    id: str
    name: str
    variable: str
    logic: Table | Node
    requires: tuple[str, ...] = ()
    asks: frozenset[str] = frozenset()
    valid_from: date | None = None
    valid_to: date | None = None
    line: int | None = None

    def outputs(self) -> tuple[str, ...]:
        """The names of what it gives; its own id where no output has a name."""
        outputs = self.logic.outputs if isinstance(self.logic, Table) else ()
        return tuple(output.name for output in outputs if output.name) or (self.id,)


@dataclass(frozen=True, slots=True)
class Tables:
    """A file of decisions, ready to ask."""

    decisions: Mapping[str, Decision] = field(default_factory=dict)
    text: str = ""  # the file they come from, whatever encoding it had

    def names(self, decision_id: str) -> frozenset[str]:
        """The names a decision wants from outside, itself or through what it requires."""
        wanted: set[str] = set()
        pending, seen = [decision_id], {decision_id}
        while pending:
            decision = self.decisions[pending.pop()]
            wanted |= decision.asks - {self.decisions[one].variable for one in decision.requires}
            pending.extend(one for one in decision.requires if one not in seen)
            seen.update(decision.requires)
        return frozenset(wanted)
