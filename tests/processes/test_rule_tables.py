"""The shipped rule tables: each answers as the rows beside it say, and holds no doubt."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from workflows import engine
from workflows.engine import Complete, Facts
from workflows.engine.rule_tables import DecisionFailed, check, decide, read_tables

BPMN = Path(__file__).parents[2] / "bpmn"
FILES = sorted(rows.with_suffix("").with_suffix(".dmn") for rows in BPMN.glob("*/*.rows.json"))
NAMES = {"risk_value", "risk_response", "criticality", "continuity_need", "followup_status",
         "evaluation_scope", "reporting_duties", "sua_effective_level", "sua_duties", "sua_level",
         "person_class", "procedure_gate", "access_gate", "styrel_class",
         "exercise_times", "deciding_body"}  # fmt: skip
TODAY = date(2027, 3, 2)


def written(path):
    return json.loads(path.with_suffix(".rows.json").read_text())


ROWS = [
    pytest.param(path, each, id=f"{path.parent.name}-{path.stem}: {each['why']}")
    for path in FILES
    for each in written(path)["rows"]
]


def said(path, given, today=TODAY):
    try:
        return decide(read_tables(path.read_bytes()), path.stem, given, today)
    except DecisionFailed as failure:
        return {"fails": failure.code}


def test_every_rule_table_of_the_year_is_here():
    assert {path.stem for path in FILES} >= NAMES
    assert all(written(path)["decision"] == path.stem for path in FILES)


@pytest.mark.parametrize(("path", "row"), ROWS)
def test_a_table_answers_as_its_rows_say(path, row):
    assert said(path, row["given"]) == row["then"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_rules_overlap_and_no_case_is_left_without_one(path):
    assert check(read_tables(path.read_bytes())) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_rule_is_hit_by_a_row(path):
    """A row that nobody has tried is a guess: without any one rule, some row answers otherwise."""
    source = path.read_text()
    for rule in source.split("<rule ")[1:]:
        whole = "<rule " + rule.split("</rule>")[0] + "</rule>"
        without = read_tables(source.replace(whole, "").encode())
        answers = []
        for row in written(path)["rows"]:
            try:
                answers.append(decide(without, path.stem, row["given"], TODAY) == row["then"])
            except DecisionFailed as failure:
                answers.append(row["then"] == {"fails": failure.code})
        assert not all(answers), whole[:60]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_table_says_what_it_rests_on_and_from_when(path):
    text = path.read_text()
    assert any(
        f'arshjul:basis="{kind} ' in text for kind in ("law", "city_programme", "instruction")
    )
    [begins] = {each.valid_from for each in read_tables(path.read_bytes()).decisions.values()}
    assert begins is not None
    given = next(row["given"] for row in written(path)["rows"])
    assert said(path, given, begins - timedelta(days=1)) == {"fails": "not_valid"}


DIAGRAM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:arshjul="urn:arshjul:bpmn:1" targetNamespace="t"><process id="p" isExecutable="true">
 <startEvent id="s"/><userTask id="ask"/><businessRuleTask id="rule"
 arshjul:decision="styrel_class"/><endEvent id="e"/><sequenceFlow id="a" sourceRef="s"
 targetRef="ask"/><sequenceFlow id="b" sourceRef="ask" targetRef="rule"/><sequenceFlow id="c"
 sourceRef="rule" targetRef="e"/></process></definitions>"""


def test_a_table_that_is_not_valid_that_day_stops_the_case_instead_of_guessing():
    table = (BPMN / "styrel/styrel_class.dmn").read_bytes()
    compiled = engine.compile_diagram(DIAGRAM.encode(), decisions={"styrel_class": table})
    for today, code in ((date(2011, 12, 31), "not_valid"), (date(2012, 1, 1), None)):
        facts = Facts(today=today, unit={"code": "FARSTA"}, year=today.year)
        progress = engine.begin(compiled, {}, facts)
        [step] = progress.opened
        answers = {"horizon": "hours", "importance": "life"}
        progress = engine.advance(compiled, progress.state, Complete(step.id, answers), facts)
        assert [each.code for each in progress.incidents_opened] == ([code] if code else [])
        assert progress.finished is (code is None)
