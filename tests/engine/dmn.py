"""Small rule tables for the tests, written as rows."""

from html import escape

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def a_table(
    rules,
    *,
    id="decide",
    policy="UNIQUE",
    inputs=("x:number",),
    outputs=("y",),
    allowed=None,
    order=None,
    default=None,
    aggregation=None,
    requires=(),
    attributes="",
):
    """One decision; inputs are `expression:type`, each rule is `test | test -> result | result`."""
    parts = [f'<decision id="{id}" name="{id}" {attributes}>']
    parts += [
        f'<informationRequirement><requiredDecision href="{href}"/></informationRequirement>'
        for href in requires
    ]
    grouped = f' aggregation="{aggregation}"' if aggregation else ""
    parts.append(f'<decisionTable id="{id}_table" hitPolicy="{policy}"{grouped}>')
    for number, column in enumerate(inputs):
        text, _, type_ = column.partition(":")
        values = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
        parts.append(
            f'<input id="in{number}" label="{escape(text)}"><inputExpression typeRef="{type_}">'
            f"<text>{escape(text)}</text></inputExpression>{values}</input>"
        )
    for name in outputs:
        values = f"<outputValues><text>{escape(order)}</text></outputValues>" if order else ""
        otherwise = (
            f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>"
            if default
            else ""
        )
        parts.append(f'<output id="{id}_{name}" name="{name}">{values}{otherwise}</output>')
    for number, rule in enumerate(rules, 1):
        tests, _, results = rule.partition("->")
        cells = [("inputEntry", cell) for cell in tests.split("|") if inputs]
        cells += [("outputEntry", cell) for cell in results.split("|")]
        inside = "".join(
            f"<{kind}>\n<text>{escape(cell.strip())}</text></{kind}>" for kind, cell in cells
        )
        parts.append(f'<rule id="{id}_rule{number}">{inside}</rule>')
    return "\n".join([*parts, "</decisionTable></decision>"])


def a_literal(text, *, id, requires=()):
    """One decision that is an expression."""
    needed = "".join(
        f'<informationRequirement><requiredDecision href="{href}"/></informationRequirement>'
        for href in requires
    )
    return (
        f'<decision id="{id}" name="{id}">{needed}'
        f"<literalExpression><text>{escape(text)}</text></literalExpression></decision>"
    )


def a_file(*decisions, attributes="", model=MODEL):
    """A file of them."""
    return (
        f'<definitions xmlns="{model}" xmlns:arshjul="urn:arshjul:bpmn:1" id="file" name="file" '
        f'namespace="urn:test" {attributes}>\n' + "\n".join(decisions) + "\n</definitions>"
    ).encode()
