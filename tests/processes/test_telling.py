"""Everything the check may find, and every reason a case may stop for, is told in words."""

import ast
from pathlib import Path

import pytest

from tests.conformance.suites import HERE, SHARED
from tests.engine.dmn import a_file, a_table
from tests.engine.drawing import diagram
from workflows.engine import Problem, check_diagram
from workflows.language import Language
from workflows.language.sentences import UNKNOWN
from workflows.processes.incident_texts import INCIDENTS
from workflows.processes.part_texts import EXPRESSIONS, FORMS, TABLES
from workflows.processes.problem_texts import DIAGRAMS
from workflows.processes.telling import incident_told, problem_told

SV = Language.SV
ROOT = Path(__file__).parents[2] / "workflows"


def said_in(folder, **calls):
    """The codes written out in calls of these names: where the code stands among the arguments."""
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            if name in calls and len(node.args) > calls[name]:
                for text in ast.walk(node.args[calls[name]]):
                    if (
                        isinstance(text, ast.Constant)
                        and isinstance(text.value, str)
                        and text.value
                    ):
                        found[text.value] = f"{path.name}:{node.lineno}"
    return found


def without(words, found):
    return {code: where for code, where in found.items() if code not in words}


def test_every_problem_of_a_diagram_has_words():
    found = said_in("engine", located=1, warning=1, invalid=1, rejected=0, Problem=1)
    found |= said_in("processes", _problem=0, Problem=1) | said_in("rehearsal", Problem=1)
    assert len(found) > 60
    assert without(DIAGRAMS | TABLES, found) == {}


def test_every_problem_of_a_rule_table_has_words():
    found = said_in("engine/rule_tables", add=1, FeelError=0, error=0, _warning=2)
    assert len(found) > 20
    assert without(DIAGRAMS | TABLES, found) == {}


def test_every_problem_of_an_expression_has_words():
    found = said_in("expressions", ExpressionError=0, refuse=0)
    assert len(found) > 10
    assert without(EXPRESSIONS, found) == {}


def test_every_problem_of_a_form_has_words():
    found = said_in("forms", add=1)
    assert len(found) > 20
    assert without(FORMS, {code: at for code, at in found.items() if "/" not in code}) == {}


def test_every_reason_a_case_may_stop_for_has_words():
    found = said_in("engine", Failure=0, DecisionFailed=0)
    found |= said_in("expressions", ExpressionFailed=0, refused=0)
    found |= said_in("engine", Invalid=0)
    assert len(found) > 30
    refused = {"cannot_begin"}  # there is no case yet, and so nothing that stops
    assert without(INCIDENTS, {code: at for code, at in found.items() if code not in refused}) == {}


DIAGRAM_FILES = [*HERE.glob("probes/*.bpmn"), *SHARED.glob("public/**/*.bpmn")]


def test_whatever_is_found_in_diagrams_of_others_is_told_whole_and_with_its_line():
    codes = set()
    for path in DIAGRAM_FILES:
        for problem in check_diagram(path.read_bytes(), known=()):
            codes.add(problem.code)
            assert problem.line, (path, problem)
            for language in Language:
                told = problem_told(problem, language)
                assert UNKNOWN not in told.what + told.mend, (path, problem)
    assert len(codes) > 20


def test_a_problem_is_told_in_the_language_of_the_reader():
    told = problem_told(Problem("error", "duplicate_id", "a", line=4, params={"first": 2}), SV)
    assert told.what == "Ett annat element har samma id (rad 2)."
    assert told.mend == "Ge ett av dem ett annat id."


def test_the_same_code_means_what_it_means_where_it_is_found():
    broken = {"risk": a_file(a_table(["( -> 1"]))}
    (cell,) = [one for one in check_diagram(diagram("start:s", ""), decisions=broken) if one.file]
    assert problem_told(cell, SV).what == "Cellen är inte skriven som FEEL ska skrivas."


def test_a_mistake_in_a_deadline_is_told_as_the_calendar_tells_it():
    wrong = Problem("error", "bad_deadline", "a", params={"rule": "T2 - 10xd"})
    assert problem_told(wrong, SV).what.startswith("Fristen ”T2 - 10xd”: ”xd” är ingen")


@pytest.mark.parametrize(
    ("code", "cause", "keys", "told"),
    [
        ("no_value", "amount > 100", ("amount",),
         "”amount > 100” frågar efter något som ärendet inte vet. Det såg på: amount."),
        ("someone_else's", "", (), "Steget kunde inte göras (someone_else's)."),
    ],
)  # fmt: skip
def test_an_incident_is_told_with_its_cause_and_names_but_no_values(code, cause, keys, told):
    assert incident_told(code, cause, keys, SV).what == told
