"""The lists of codes hold every code there is, so that words can be found for all of them."""

import ast
from pathlib import Path

from workflows.engine.rule_tables import codes
from workflows.expressions import failures

ROOT = Path(failures.__file__).parents[1]


def said_in(folder, *calls):
    """The codes written out in calls of these names."""
    found = set()
    for file in (ROOT / folder).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if name in calls:
                texts = [inner for one in node.args[:3] for inner in ast.walk(one)]
                values = {one.value for one in texts if isinstance(one, ast.Constant)}
                found |= {value for value in values if isinstance(value, str) and "_" in value}
    return found


def test_every_code_of_an_expression_is_listed():
    told = said_in("expressions", "ExpressionError", "ExpressionFailed", "refuse", "refused")
    assert told <= failures.ERRORS.keys() | failures.FAILURES.keys()
    assert {"private_name", "no_value", "not_comparable"} <= told


def test_every_code_of_a_rule_table_is_listed():
    tables = "engine/rule_tables"
    problems = said_in(tables, "add", "_rejected", "FeelError", "error")
    assert problems <= codes.PROBLEMS.keys()
    assert "cells_missing" in problems
    assert said_in(tables, "_warning") == codes.DOUBTS.keys()
    failing = said_in(tables, "DecisionFailed")
    assert failing <= codes.FAILURES.keys()
    assert "several_rules" in failing
