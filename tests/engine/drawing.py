"""Draw small diagrams for the tests in a line or two."""

import re
from xml.sax.saxutils import escape, quoteattr

TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "script": "scriptTask",
    "service": "serviceTask",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "complex": "complexGateway",
    "events": "eventBasedGateway",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "receive": "receiveTask",
    "sub": "subProcess",
    "call": "callActivity",
}
NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:arshjul="urn:arshjul:bpmn:1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="test"'
)


def body(nodes: str, flows: str, inside: dict[str, str] | None = None) -> str:
    """The inside of a process: `start:s user:a`, `s a; a g; g b | amount > 100; g c | default`.

    `inside` is what lies in an element; an attribute may follow its id: `user:a[notBy=b]`.
    """
    inside = inside or {}
    drawn, defaults = [], {}
    for number, flow in enumerate(part.strip() for part in flows.split(";") if part.strip()):
        ends, _, condition = (part.strip() for part in flow.partition("|"))
        source, target = ends.split()
        if condition == "default":
            defaults[source] = f"f{number}_{source}"
        text = (
            f"<conditionExpression>{escape(condition)}</conditionExpression>"
            if condition not in ("", "default")
            else ""
        )
        drawn.append(
            f'<sequenceFlow id="f{number}_{source}" sourceRef="{source}" targetRef="{target}">'
            f"{text}</sequenceFlow>"
        )
    elements = []
    for kind, own, more in re.findall(r"(\w+):([\w.-]+)(?:\[([^\]]*)\])?", nodes):
        default = f' default="{defaults[own]}"' if own in defaults else ""
        attributes = "".join(
            f" {name}={quoteattr(content)}"
            for name, _, content in (part.partition("=") for part in more.split(",") if part)
        )
        elements.append(
            f'<{TAGS[kind]} id="{own}"{default}{attributes}>{inside.get(own, "")}</{TAGS[kind]}>'
        )
    return "\n".join([*elements, *drawn])


def diagram(
    nodes: str,
    flows: str,
    inside: dict[str, str] | None = None,
    *,
    more: str = "",
    beside: str = "",
    process: str = 'id="p"',
) -> bytes:
    """A file with one process; `more` lies in the process, `beside` next to it."""
    return (
        f'<definitions {NAMESPACES} id="definitions">\n{beside}<process {process}>\n'
        f"{body(nodes, flows, inside)}\n{more}</process></definitions>"
    ).encode()


def boundary(own: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    """A boundary event."""
    return (
        f'<boundaryEvent id="{own}" attachedToRef="{host}" '
        f'cancelActivity="{str(interrupting).lower()}">{definition}</boundaryEvent>'
    )


def timer(rule: str, form: str = "timeDuration") -> str:
    """A timer event definition."""
    return f"<timerEventDefinition><{form}>{escape(rule)}</{form}></timerEventDefinition>"


def event(kind: str, reference: str) -> str:
    """A definition of a message, signal, error or escalation event."""
    return f'<{kind}EventDefinition {kind}Ref="{reference}"/>'
