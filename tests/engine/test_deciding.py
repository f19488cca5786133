"""Business rule tasks ask the rule tables that are stored with their version."""

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import diagram
from workflows.engine import Retry, check_diagram, compile_diagram, load

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
 namespace="test"><decision id="risk_value" name="Riskvärde"><decisionTable hitPolicy="UNIQUE">
<input id="i"><inputExpression typeRef="number"><text>likelihood</text></inputExpression></input>
<output id="o" name="value" typeRef="string"/>
<rule id="r1"><inputEntry><text>&gt;= 3</text></inputEntry>
<outputEntry><text>"high"</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>[1..3)</text></inputEntry>
<outputEntry><text>"low"</text></outputEntry></rule>
</decisionTable></decision></definitions>""".encode()


def asking(attributes: str, decision: str = "risk_value") -> bytes:
    return diagram("start:s user:ask user:after end:e", "s ask; ask after; after e").replace(
        b'<userTask id="ask"></userTask>',
        f'<businessRuleTask id="ask" arshjul:decision="{decision}" {attributes}/>'.encode(),
    )


def deciding(attributes: str, data: dict[str, object]) -> Acting:
    compiled = compile_diagram(asking(attributes), decisions={"risk.dmn": TABLE})
    return Acting(load(compiled.blob), data)


def test_a_decision_gives_its_outputs_to_the_case():
    assert deciding("", {"likelihood": 4}).data["value"] == "high"


def test_a_decision_can_be_given_a_name_of_its_own():
    assert deciding('arshjul:into="level"', {"likelihood": 1}).data["level"] == "low"


def test_a_decision_for_each_row_of_a_list():
    risks = [{"name": "flood", "likelihood": 5}, {"name": "fire", "likelihood": 2}]
    case = deciding('arshjul:each="risks" arshjul:into="value"', {"risks": risks})
    assert [row["value"] for row in case.data["risks"]] == ["high", "low"]
    assert risks[0] == {"name": "flood", "likelihood": 5}


def test_a_decision_without_a_hit_is_an_incident_and_can_be_mended():
    case = deciding("", {"likelihood": 0})
    assert case.stopped == [("ask", "no_rule")]
    (incident,) = case.incidents.values()
    assert incident.keys == ("likelihood",)
    case.do(Retry(incident.id, {"likelihood": 3}))
    assert case.open == ["after"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (asking("", decision="nobody"), "unknown_decision"),
        (asking("", decision=""), "decision_missing"),
        (asking('arshjul:each="risks[0]"'), "each_not_a_name"),
    ],
)
def test_a_decision_that_is_not_there_is_refused(source, code):
    problems = check_diagram(source, decisions={"risk.dmn": TABLE})
    assert [p.code for p in problems if p.severity == "error"] == [code]


def test_a_rule_table_that_cannot_be_read_is_refused():
    problems = check_diagram(asking(""), decisions={"risk.dmn": TABLE[:300]})
    assert "error" in {p.severity for p in problems}


def test_a_table_in_any_encoding_its_file_declares_is_asked():
    declared = b'<?xml version="1.0" encoding="iso-8859-1"?>' + TABLE.replace(
        b'"high"', '"hög"'.encode("iso-8859-1")
    ).replace("ä".encode(), "ä".encode("iso-8859-1"))
    compiled = compile_diagram(asking(""), decisions={"risk.dmn": declared})
    assert Acting(load(compiled.blob), {"likelihood": 4}).data["value"] == "hög"
