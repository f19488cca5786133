"""A small process for the tests: write, then have it approved by somebody else."""

import json

from workflows.processes.packages import Package

LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:arshjul="urn:arshjul:bpmn:1" id="definitions" targetNamespace="urn:arshjul:tests">
  <bpmn:process id="letter" name="Skriva brev" isExecutable="true" arshjul:key="letter"
      arshjul:secrecy="{secrecy}" arshjul:colour="slate">
    <bpmn:extensionElements><arshjul:name lang="en">Write a letter</arshjul:name>
    </bpmn:extensionElements>
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="writers" name="Samordnare" arshjul:role="security_coordinator"
          arshjul:of="unit">
        <bpmn:flowNodeRef>begin</bpmn:flowNodeRef><bpmn:flowNodeRef>write</bpmn:flowNodeRef>
      </bpmn:lane>
      <bpmn:lane id="readers" name="Chef" arshjul:role="director security_coordinator"
          arshjul:of="unit">
        <bpmn:flowNodeRef>approve</bpmn:flowNodeRef><bpmn:flowNodeRef>good</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>sent</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="begin"><bpmn:outgoing>f1</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="write"/>
    <bpmn:userTask id="write" name="Skriv brevet" arshjul:form="letter/write"
        arshjul:due="T1 - 10wd">
      <bpmn:extensionElements><arshjul:name lang="en">Write the letter</arshjul:name>
      </bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:incoming>back</bpmn:incoming>
      <bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f2" sourceRef="write" targetRef="approve"/>
    <bpmn:userTask id="approve" name="Godkänn brevet" arshjul:form="letter/approve"
        arshjul:kind="review" arshjul:notBy="write" arshjul:due="+5wd">
      <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f3" sourceRef="approve" targetRef="good"/>
    <bpmn:exclusiveGateway id="good" name="Godkänt?" default="back">
      <bpmn:incoming>f3</bpmn:incoming><bpmn:outgoing>yes</bpmn:outgoing>
      <bpmn:outgoing>back</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="yes" name="Ja" sourceRef="good" targetRef="sent">
      <bpmn:conditionExpression>approval == 'yes'</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="back" name="Nej" sourceRef="good" targetRef="write"/>
    <bpmn:endEvent id="sent" name="Brevet skickat"><bpmn:incoming>yes</bpmn:incoming>
    </bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


def letter(secrecy: str = "internal", *, key: str = "letter") -> Package:
    """Make the package, perhaps of a secret process or under another key."""
    source = LETTER.replace("{secrecy}", secrecy).replace('key="letter"', f'key="{key}"')
    return Package(
        key=key,
        source=source.encode(),
        forms={
            "letter/write": _form(
                "Brevet", "The letter", {"text": {"type": "string", "maxLength": 200}}, "Text"
            ),
            "letter/approve": _form(
                "Beslut", "Decision", {"approval": {"type": "string", "enum": ["yes", "no"]}}, "Ja?"
            ),
        },
        tables={},
    )


def _form(sv: str, en: str, properties: dict[str, dict[str, object]], label: str) -> bytes:
    (name,) = properties
    labels: dict[str, object] = {"label": {"sv": label, "en": label}}
    if options := properties[name].get("enum"):
        assert isinstance(options, list)
        labels["enum"] = {option: {"sv": option, "en": option} for option in options}
    form = {
        "title": {"sv": sv, "en": en},
        "schema": {"type": "object", "required": [name], "properties": properties},
        "layout": [{"id": "all", "fields": [name]}],
        "labels": {name: labels},
    }
    return json.dumps(form).encode()


ERRAND = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:arshjul="urn:arshjul:bpmn:1" id="definitions" targetNamespace="urn:arshjul:tests">
  <bpmn:process id="errand" name="Göra ett ärende" isExecutable="true" arshjul:key="errand"
      arshjul:secrecy="{secrecy}">
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="all" name="Alla" arshjul:role="security_coordinator director"
          arshjul:of="unit"><bpmn:flowNodeRef>write</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>approve</bpmn:flowNodeRef><bpmn:flowNodeRef>buy</bpmn:flowNodeRef>
        <bpmn:flowNodeRef>look</bpmn:flowNodeRef><bpmn:flowNodeRef>visit</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="begin"/>
    <bpmn:parallelGateway id="split"/>
    <bpmn:userTask id="write" name="Skriv" arshjul:form="errand/write"/>
    <bpmn:userTask id="approve" name="Godkänn" arshjul:kind="review" arshjul:notBy="write"/>
    <bpmn:intermediateCatchEvent id="rest" name="Vänta en vecka"><bpmn:timerEventDefinition>
      <bpmn:timeDuration>+5wd</bpmn:timeDuration></bpmn:timerEventDefinition>
    </bpmn:intermediateCatchEvent>
    <bpmn:userTask id="look" name="Se efter"/>
    <bpmn:scriptTask id="price" name="Räkna ut priset" scriptFormat="{script}">
      <bpmn:script>price = amount * 2</bpmn:script></bpmn:scriptTask>
    <bpmn:userTask id="buy" name="Köp in"/>
    <bpmn:scriptTask id="road" name="Räkna ut vägen" scriptFormat="{script}">
      <bpmn:script>road = length + 1</bpmn:script></bpmn:scriptTask>
    <bpmn:userTask id="visit" name="Åk dit" arshjul:assignee="case.handler"/>
    <bpmn:parallelGateway id="join"/>
    <bpmn:endEvent id="end"/>
    {flows}
  </bpmn:process>
  <bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
      xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="picture">
    <bpmndi:BPMNPlane id="plane" bpmnElement="errand">{shapes}</bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
STEPS = "begin split write approve rest look price buy road visit join end"
WAYS = (
    "begin split; split write; write approve; approve join; split rest; rest look; look join; "
    "split price; price buy; buy join; split road; road visit; visit join; join end"
)


def errand(secrecy: str = "internal") -> Package:
    """Four ways at once: writing with four eyes, waiting, and two that need data to go on."""
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{way.split()[0]}" targetRef="{way.split()[1]}"/>'
        for n, way in enumerate(WAYS.split("; "))
    )
    shapes = "".join(
        f'<bpmndi:BPMNShape id="s-{step}" bpmnElement="{step}"><dc:Bounds x="{100 + 130 * n}"'
        ' y="80" width="100" height="80"/></bpmndi:BPMNShape>'
        for n, step in enumerate(STEPS.split())
    )
    source = ERRAND.replace("{secrecy}", secrecy).replace("{flows}", flows)
    source = source.replace("{shapes}", shapes)
    return Package(
        key="errand",
        source=source.replace("{script}", "text/x-python").encode(),
        forms={
            "errand/write": _form(
                "Ärendet", "The errand", {"amount": {"type": "integer", "minimum": 1}}, "Antal"
            )
        },
        tables={},
    )


def listing(secrecy: str = "internal") -> Package:
    """The letter with a list of risks that goes on from year to year, and people to choose from."""
    like = letter(secrecy)
    source = like.source.decode().replace("letter", "listing")
    source = source.replace('due="T1 - 10wd"', 'due="T1 - 10wd" arshjul:carry="previous"')
    columns = {
        "title": {"type": "string"},
        "kind": {"type": "string", "enum": ["nature", "other"]},
        "value": {"type": "integer", "minimum": 1, "maximum": 25},
        "lead": {"type": "string", "x-ref": "person"},
        "deep": {"type": "string"},
    }
    names = {"title": "Risk", "kind": "Slag", "value": "Värde", "lead": "Ansvarig", "deep": "Djup"}
    labels: dict[str, object] = {
        f"risks.{name}": {"label": {"sv": said, "en": said}} for name, said in names.items()
    }
    labels |= {
        "text": {"label": {"sv": "Metod", "en": "Method"}},
        "risks": {"label": {"sv": "Risker", "en": "Risks"}, "rows": {"name": "title"}},
        "risks.kind": {
            "label": {"sv": "Slag", "en": "Kind"},
            "enum": {
                "nature": {"sv": "Natur", "en": "Nature"},
                "other": {"sv": "Annat", "en": "Other"},
            },
        },
    }
    form = {
        "title": {"sv": "Riskerna", "en": "The risks"},
        "schema": {
            "type": "object",
            "required": ["text"],
            "properties": {
                "text": {"type": "string"},
                "risks": {
                    "type": "array",
                    "items": {"type": "object", "required": ["title"], "properties": columns},
                },
            },
        },
        "layout": [{"id": "all", "fields": ["text", "risks"]}],
        "labels": labels,
        "tiers": {"risks.deep": "full"},
        "carry_over": ["text", "risks"],
    }
    forms = {
        "listing/write": json.dumps(form).encode(),
        "listing/approve": like.forms["letter/approve"],
    }
    return Package(key="listing", source=source.encode(), forms=forms, tables={})
