"""Rule tables (DMN): read them, ask them, and find what is doubtful about them."""

from workflows.engine.rule_tables.analysing import check
from workflows.engine.rule_tables.deciding import answers, decide
from workflows.engine.rule_tables.feel import DecisionFailed
from workflows.engine.rule_tables.reading import read_tables
from workflows.engine.rule_tables.tables import Decision, Tables

__all__ = [
    "Decision",
    "DecisionFailed",
    "Tables",
    "answers",
    "check",
    "decide",
    "read_tables",
]
