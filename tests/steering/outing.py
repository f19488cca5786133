"""A process with every kind of date: of milestones, of what the case knows, and of timers."""

import json

from workflows.processes.packages import Package

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:arshjul="urn:arshjul:bpmn:1" id="definitions" targetNamespace="urn:arshjul:tests">
  <bpmn:process id="outing" name="Utflykt" isExecutable="true" arshjul:key="outing"
      arshjul:colour="slate" {more}>
    <bpmn:extensionElements><arshjul:name lang="en">Outing</arshjul:name></bpmn:extensionElements>
    <bpmn:laneSet id="lanes"><bpmn:lane id="all" name="Samordnare"
        arshjul:role="security_coordinator" arshjul:of="unit">
      {refs}
    </bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="begin"/>
    {nodes}
    <bpmn:endEvent id="done"/>
    {flows}
  </bpmn:process>
</bpmn:definitions>
"""
TIMER = "<bpmn:timerEventDefinition><bpmn:{form}>{rule}</bpmn:{form}></bpmn:timerEventDefinition>"


def task(name: str, due: str = "", more: str = "") -> str:
    """A user task; without a form, so that nothing has to be answered."""
    said = f'arshjul:due="{due}"' if due else ""
    return f'<bpmn:userTask id="{name}" name="{name}" {said} {more}/>'


def timer(name: str, rule: str, form: str = "timeDate") -> str:
    """A timer on the way."""
    inside = TIMER.format(form=form, rule=rule)
    return f'<bpmn:intermediateCatchEvent id="{name}">{inside}</bpmn:intermediateCatchEvent>'


def edge(name: str, of: str, rule: str, form: str = "timeCycle") -> str:
    """A timer at the edge of a step, which it does not end; it leads to the task `nudge`."""
    inside = TIMER.format(form=form, rule=rule)
    return (
        f'<bpmn:boundaryEvent id="{name}" attachedToRef="{of}" cancelActivity="false">{inside}'
        f'</bpmn:boundaryEvent>{task("nudge")}<bpmn:endEvent id="nudged"/>'
    )


def package(nodes: str, flows: str, *, more: str = "", forms: dict[str, bytes] | None = None):
    """Make the package; `flows` reads `begin plan; plan done`."""
    pairs = [pair.split() for pair in flows.split(";")]
    ids = dict.fromkeys(one for pair in pairs for one in pair)
    source = HEAD.format(
        more=more,
        nodes=nodes,
        refs="".join(f"<bpmn:flowNodeRef>{one}</bpmn:flowNodeRef>" for one in ids),
        flows="".join(
            f'<bpmn:sequenceFlow id="f{number}" sourceRef="{first}" targetRef="{second}"/>'
            for number, (first, second) in enumerate(pairs)
        ),
    )
    return Package(key="outing", source=source.encode(), forms=forms or {}, tables={})


def day_form(*names: str) -> bytes:
    """A form of dates that may be left empty."""
    fields = {name: {"type": "string", "format": "date"} for name in names}
    return json.dumps(
        {
            "title": {"sv": "Dag", "en": "Day"},
            "schema": {"type": "object", "properties": fields},
            "layout": [{"id": "all", "fields": list(names)}],
            "labels": {name: {"label": {"sv": name, "en": name}} for name in names},
        }
    ).encode()
