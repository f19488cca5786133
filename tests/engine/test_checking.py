"""What cannot run as drawn is refused, with the element and its line."""

import re
from pathlib import Path

import pytest

from tests.engine.drawing import NAMESPACES, body, boundary, diagram, event, timer
from workflows import engine
from workflows.engine import Rejected, check_diagram, compile_diagram
from workflows.engine.attribute_checking import ATTRIBUTES
from workflows.engine.xml import BPMN

MI = "<multiInstanceLoopCharacteristics{}>{}</multiInstanceLoopCharacteristics>"


def errors(source: bytes, **options: object) -> set[tuple[str, str | None]]:
    found = check_diagram(source, **options)
    return {(p.code, p.element) for p in found if p.severity == "error"}


def codes(source: bytes) -> set[str]:
    return {p.code for p in check_diagram(source)}


REFUSED = {
    "a step nothing leads to": (
        diagram("start:s user:a user:x end:e", "s a; a e; x e"),
        ("unreachable", "x"),
    ),
    "two starts": (diagram("start:s start:t user:a", "s a; t a"), ("several_starts", "t")),
    "a flow to nowhere": (diagram("start:s user:a", "s a; a x"), ("flow_to_nowhere", "f1_a")),
    "an empty condition": (
        diagram("start:s xor:g user:a user:b", "s g; g a; g b | default").replace(
            b'targetRef="a">', b'targetRef="a"><conditionExpression> </conditionExpression>'
        ),
        ("empty_condition", "f1_g"),
    ),
    "a condition that is no expression": (
        diagram("start:s xor:g user:a user:b", "s g; g a | x = = 1; g b | default"),
        ("expression_invalid", "g"),
    ),
    "two ways without a condition": (
        diagram("start:s xor:g user:a user:b", "s g; g a; g b"),
        ("condition_missing", "g"),
    ),
    "a script in another language": (
        diagram("start:s script:a[scriptFormat=javascript]", "s a", {"a": "<script>1</script>"}),
        ("script_language", "a"),
    ),
    "a script that cannot be read": (
        diagram("start:s script:a", "s a", {"a": "<script>x = = 1</script>"}),
        ("script_invalid", "a"),
    ),
    "a timer that is no time": (
        diagram("start:s catch:c", "s c", {"c": timer('"5 minutes"')}),
        ("timer_invalid", "c"),
    ),
    "a timer without a rule": (
        diagram("start:s catch:c", "s c", {"c": "<timerEventDefinition/>"}),
        ("timer_without_rule", "c"),
    ),
    "a cycle that never ends in the middle of a flow": (
        diagram("start:s catch:c", "s c", {"c": timer("R/PT1H", "timeCycle")}),
        ("endless_catch", "c"),
    ),
    "a round without rest or choice": (
        diagram("start:s and:g script:a user:b", "s a; a g; g a; g b",
                {"a": "<script>x = 1</script>"}),
        ("endless_round", "g"),
    ),
    "a join behind a choice": (
        diagram("start:s xor:g user:a user:b and:j", "s g; g a | x; g b | default; a j; b j"),
        ("join_never_fires", "j"),
    ),
    "a process nobody has": (
        diagram("start:s call:c[calledElement=q]", "s c"),
        ("unknown_process", "c"),
    ),
    "a process that calls itself": (
        diagram("start:s call:c[calledElement=p]", "s c"),
        ("calls_itself", "c"),
    ),
    "a service task without an action": (
        diagram("start:s service:a", "s a"),
        ("action_missing", "a"),
    ),
    "a message without a name": (diagram("start:s receive:r", "s r"), ("event_without_name", "r")),
    "a loop of unknown length": (
        diagram("start:s user:a", "s a", {"a": MI.format("", "")}),
        ("instances_unknown", "a"),
    ),
    "a negative number of instances": (
        diagram("start:s user:a", "s a",
                {"a": MI.format("", "<loopCardinality>-1</loopCardinality>")}),
        ("instances_negative", "a"),
    ),
    "a loop that never ends": (
        diagram("start:s user:a", "s a", {"a": "<standardLoopCharacteristics/>"}),
        ("loop_without_end", "a"),
    ),
    "a compensation": (
        diagram("start:s throw:t", "s t", {"t": "<compensateEventDefinition/>"}),
        ("event_not_here", "t"),
    ),
    "an ad-hoc sub-process": (
        diagram("start:s sub:x", "s x", {"x": body("user:a", "")}).replace(
            b"subProcess", b"adHocSubProcess"
        ),
        ("cannot_run", "x"),
    ),
    "an error start at process level": (
        diagram("start:s user:a", "s a", {"s": "<errorEventDefinition/>"}),
        ("event_not_here", "s"),
    ),
    "a cancel end outside a transaction": (
        diagram("start:s end:e", "s e", {"e": "<cancelEventDefinition/>"}),
        ("cancel_without_transaction", "e"),
    ),
    "a boundary on a gateway": (
        diagram("start:s xor:g user:a", "s g; g a; b a", more=boundary("b", "g", timer("P1D"))),
        ("attached_to_nothing", "b"),
    ),
    "an empty process": (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
        b'<process id="p"/></definitions>',
        ("nothing_to_run", "p"),
    ),
    "a start quantity": (
        diagram("start:s user:a[startQuantity=2]", "s a"),
        ("cannot_run", "a"),
    ),
    "a link to nowhere": (
        diagram("start:s throw:t", "s t", {"t": '<linkEventDefinition name="x"/>'}),
        ("link_to_nowhere", "t"),
    ),
    "two flows to the same inclusive join": (
        diagram("start:s and:g or:j user:a", "s g; g j; g j; j a"),
        ("twin_flows", "g"),
    ),
    "a step after an event-based gateway": (
        diagram("start:s events:g user:a", "s g; g a"),
        ("not_an_event", "g"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_what_cannot_run_is_refused_where_it_stands(what):
    source, expected = REFUSED[what]
    assert expected in errors(source)
    assert all(problem.line for problem in check_diagram(source))
    with pytest.raises(Rejected):
        compile_diagram(source)


BAD_FILES = {
    "empty": (b"", "empty_file"),
    "blank": (b" \n", "empty_file"),
    "a ZIP": (b"PK\x03\x04\x00\x00", "not_xml"),
    "half a file": (diagram("start:s user:a", "s a")[:200], "not_xml"),
    "another language": (b"<html><body/></html>", "not_bpmn"),
    "too large": (b"<a>" + b" " * 6_000_000, "file_too_large"),
    "a document type": (
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions '
        b'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&x;</definitions>',
        "document_type",
    ),
    "no process": (f"<definitions {NAMESPACES}/>".encode(), "no_process"),
    "too many elements": (
        b"<definitions>" + b"<a/>" * 100_000 + b"</definitions>",
        "too_many_elements",
    ),
    "too deep": (b"<a>" * 5000 + b"</a>" * 5000, "not_xml"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><a/>', "not_xml"),
}


@pytest.mark.parametrize("what", sorted(BAD_FILES))
def test_what_is_no_diagram_is_refused_with_one_reason(what):
    source, code = BAD_FILES[what]
    assert [problem.code for problem in check_diagram(source)] == [code]


def test_a_hundred_thousand_elements_are_refused():
    flows = "".join(f'<userTask id="t{n}"/>' for n in range(100_000))
    source = f"<definitions {NAMESPACES}><process id='p'>{flows}</process></definitions>"
    assert codes(source.encode()) == {"too_many_elements"}


def test_duplicate_ids_are_refused():
    source = diagram("start:s user:a end:e", "s a; a e").replace(b'id="e"', b'id="a"')
    assert ("duplicate_id", "a") in errors(source)


@pytest.mark.parametrize("name", ["Start", "End", "Root"])
def test_names_that_clash_inside_spiffworkflow_are_no_trouble(name):
    compiled = compile_diagram(diagram(f"start:s user:{name} end:e", f"s {name}; {name} e"))
    assert list(compiled.description.steps) == [name]


def test_a_flow_without_an_id_is_given_one():
    source = diagram("start:s user:a end:e", "s a; a e").replace(b'id="f0_s" ', b"")
    assert errors(source) == set()


def test_an_unknown_name_is_found_when_what_is_known_is_told():
    loop = "<multiInstanceLoopCharacteristics><loopDataInputRef>rows</loopDataInputRef>"
    source = diagram(
        "start:s script:x user:m xor:g user:a user:b",
        "s x; x m; m g; g a | amuont > made; g b | default",
        {
            "x": "<script>made = 1</script>",
            "m": loop + "<completionCondition>item == case.code</completionCondition>"
            "</multiInstanceLoopCharacteristics>",
        },
    )
    assert "unknown_name" not in codes(source)
    (found,) = [
        p for p in check_diagram(source, known={"amount", "rows"}) if p.code == "unknown_name"
    ]
    assert (found.severity, found.element) == ("warning", "g")
    assert (found.params["name"], found.params["nearest"]) == ("amuont", "amount")


def test_foreign_attributes_are_taken_over_or_listed():
    source = diagram("start:s user:a end:e", "s a; a e").replace(
        b'<userTask id="a"',
        b'<userTask id="a" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
        b'camunda:candidateGroups="boss" camunda:priority="3"',
    )
    assert compile_diagram(source).description.steps["a"].roles == ("boss",)
    listed = [p.params["what"] for p in check_diagram(source) if p.code == "foreign_ignored"]
    assert listed == ["{http://camunda.org/schema/1.0/bpmn}priority"]


def test_a_step_that_nobody_would_get_is_a_warning():
    assert "step_without_role" in codes(diagram("start:s user:a end:e", "s a; a e"))


def test_an_error_event_names_what_it_waits_for():
    source = diagram("start:s catch:c", "s c", {"c": event("message", "nobody")})
    assert ("event_without_name", "c") in errors(source)


CAMUNDA = b'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
ZEEBE = b'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
SPIFF = b'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'


def foreign(space: bytes, nodes: str, flows: str, inside: dict[str, str]) -> bytes:
    return diagram(nodes, flows, inside).replace(b"<definitions", b"<definitions " + space)


def listed(source: bytes) -> list[object]:
    found = (p for p in check_diagram(source) if p.code == "foreign_ignored")
    return [str(p.params["what"]).rpartition("}")[2] for p in found]


def test_a_called_process_and_guidance_of_others_are_taken_over():
    source = (
        f'<definitions xmlns="{BPMN}" {ZEEBE.decode()} {SPIFF.decode()} targetNamespace="x">'
        '<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s"'
        ' targetRef="a"/><manualTask id="a"><extensionElements>'
        "<spiffworkflow:instructionsForEndUser>Read it</spiffworkflow:instructionsForEndUser>"
        "<spiffworkflow:preScript>x = 1</spiffworkflow:preScript></extensionElements></manualTask>"
        '<sequenceFlow id="g" sourceRef="a" targetRef="c"/><callActivity id="c">'
        '<extensionElements><zeebe:calledElement processId="exercise"/></extensionElements>'
        "</callActivity></process></definitions>"
    )
    made, _, taken = engine.adopted(source.encode())
    assert [(one.element, one.name, one.text) for one in taken] == [
        ("a", "instructionsForEndUser", "Read it"), ("c", "processId", "exercise"),
    ]  # fmt: skip
    assert b'calledElement="exercise"' in made
    assert b"documentation>Read it<" in made
    listed = [str(one.params["what"]) for one in engine.check_diagram(made)
              if one.code == "foreign_ignored"]  # fmt: skip
    assert [what.rpartition("}")[2] for what in listed] == ["preScript"]


def test_what_zeebe_says_of_people_forms_and_lists_is_taken_over():
    source = foreign(ZEEBE, "start:s user:a end:e", "s a; a e", {"a": (
        '<extensionElements><zeebe:assignmentDefinition candidateGroups="director, hr"/>'
        '<zeebe:formDefinition formKey="p/a"/><zeebe:taskSchedule dueDate="P3D"/>'
        "<zeebe:taskHeaders/></extensionElements><multiInstanceLoopCharacteristics>"
        '<extensionElements><zeebe:loopCharacteristics inputCollection="=units"'
        ' inputElement="one" outputCollection="replies"/></extensionElements>'
        "</multiInstanceLoopCharacteristics>"
    )})  # fmt: skip
    compiled = compile_diagram(source)
    step, loop = compiled.description.steps["a"], compiled.plan.nodes["a"].loop
    assert (step.roles, step.form, step.due[0].rule) == (("director", "hr"), "p/a", "P3D")
    assert loop is not None
    assert (loop.over, loop.item, loop.into) == ("units", "one", "replies")
    assert listed(source) == ["taskHeaders"]


@pytest.mark.parametrize(
    ("space", "says"),
    [
        (CAMUNDA, 'camunda:decisionRef="risk"'),
        (ZEEBE, '<zeebe:calledDecision decisionId="risk" resultVariable="risk"/>'),
        (SPIFF, "<spiffworkflow:calledDecisionId>risk</spiffworkflow:calledDecisionId>"),
    ],
)
def test_a_decision_is_named_as_each_program_names_it(space, says):
    inside = "" if "=" in says and "<" not in says else says
    inside = f"<extensionElements>{inside}</extensionElements>" if inside else ""
    source = foreign(space, "start:s service:a end:e", "s a; a e", {"a": inside})
    source = source.replace(b"serviceTask", b"businessRuleTask")
    if not inside:
        source = source.replace(b'id="a"', b'id="a" ' + says.encode())
    found = [p for p in check_diagram(source) if p.severity == "error"]
    assert [(p.code, p.params) for p in found] == [("unknown_decision", {"decision": "risk"})]
    assert listed(source) == []


def test_a_potential_owner_needs_a_lane_and_a_person_of_another_program_is_listed():
    owner = (
        "<potentialOwner><resourceAssignmentExpression><formalExpression>boss</formalExpression>"
        "</resourceAssignmentExpression></potentialOwner><humanPerformer/>"
    )
    source = diagram("start:s user:a end:e", "s a; a e", {"a": owner})
    found = [(p.severity, p.code, p.params["kind"]) for p in check_diagram(source) if p.params]
    assert found == [
        ("error", "owner_without_lane", "potentialOwner"),
        ("warning", "resource_ignored", "humanPerformer"),
    ]
    lane = b'<laneSet id="ls"><lane id="l"><flowNodeRef>a</flowNodeRef></lane></laneSet><startEvent'
    inside = source.replace(b"<startEvent", lane, 1)
    assert "owner_without_lane" not in [p.code for p in check_diagram(inside)]


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        ('dueWhen="1 +"', "expression_invalid"),
        ('of="everywhere"', "unknown_word"),
        ('kind="fromular"', "unknown_word"),
        ('assignee="().__class__"', "bad_assignee"),
        ('fomr="p/a"', "unknown_attribute"),
    ],
)
def test_what_is_misspelled_in_our_own_namespace_is_found(attribute, code):
    source = diagram("start:s user:a end:e", "s a; a e")
    source = source.replace(b'id="a"', f'id="a" arshjul:{attribute}'.encode())
    (found,) = [p for p in check_diagram(source) if p.code == code]
    assert (found.element, found.line is not None) == ("a", True)


def test_a_problem_in_another_file_says_which():
    called = diagram("start:s user:a[startQuantity=2]", "s a", process='id="q"')
    source = diagram("start:s call:c[calledElement=q]", "s c")
    found = [p for p in check_diagram(source, others={"other.bpmn": called}) if p.file]
    assert {(p.file, p.element) for p in found} >= {("other.bpmn", "a")}
    broken = check_diagram(diagram("start:s user:a", "s a"), decisions={"risk": b"<x/>"})
    assert [(p.file, p.code) for p in broken if p.file] == [("risk", "not_dmn")]


def test_every_attribute_of_ours_that_is_read_is_known_to_the_check():
    folder = Path(engine.__file__).parent
    sources = "".join(path.read_text() for path in folder.glob("*.py"))
    assert set(re.findall(r'ours\(\w+, "(\w+)"\)', sources)) <= ATTRIBUTES


@pytest.mark.parametrize("marked", ["${amount > 100}", "#{amount > 100}", "=amount > 100"])
def test_the_marks_others_put_around_an_expression_are_taken_away(marked):
    source = diagram(
        "start:s xor:g user:big user:small", f"s g; g big | {marked}; g small | default"
    )
    flows = compile_diagram(source).plan.nodes["g"].outgoing
    assert [flow.condition for flow in flows] == ["amount > 100", None]


@pytest.mark.parametrize("foreign", ["${a && b}", "${empty a}", "=a = 1", "${a} ${b}"])
def test_an_expression_of_another_language_is_refused_rather_than_guessed(foreign):
    source = diagram("start:s xor:g user:x user:y", f"s g; g x | {foreign}; g y | default")
    assert ("expression_invalid", "g") in errors(source)
