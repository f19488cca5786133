"""Write out in a diagram what the standard lets one leave unsaid, before anybody reads it.

Names for what has none, definitions where they are only referred to, flows instead of links.
Everything a person sees keeps its own id.
"""

from copy import deepcopy

from workflows.engine.locating import located
from workflows.engine.problems import Problem
from workflows.engine.reading import KINDS, SCOPES
from workflows.engine.xml import BPMN, Element, child, children, local, text, unprefixed


def rewrite(root: Element) -> list[Problem]:
    """Rewrite a diagram in place; what cannot be written out is returned."""
    problems: list[Problem] = []
    _name_the_nameless(root)
    _inline_definitions(root, problems)
    for holder in _holders(root):
        _link(holder, problems)
    return problems


def _holders(root: Element) -> list[Element]:
    """Processes and sub-processes, outer ones first."""
    return [e for e in root.iter() if local(e) == "process" or local(e) in SCOPES]


def _name_the_nameless(root: Element) -> None:
    taken = {e.get("id") for e in root.iter() if e.get("id")}
    number = 0
    for element in root.iter():
        name = local(element)
        if (name in KINDS or name in ("sequenceFlow", "process")) and not element.get("id"):
            number += 1
            while f"{name}_{number}" in taken:
                number += 1
            element.set("id", f"{name}_{number}")


def _inline_definitions(root: Element, problems: list[Problem]) -> None:
    shared = {e.get("id"): e for e in root if local(e).endswith("EventDefinition")}
    for reference in list(root.iter(f"{{{BPMN}}}eventDefinitionRef")):
        holder = reference.getparent()
        found = shared.get(unprefixed(text(reference)))
        if holder is None:
            continue
        if found is None:
            problems.append(located(holder, "unknown_event_definition", name=text(reference)))
            continue
        own = deepcopy(found)
        if "id" in own.attrib:
            del own.attrib["id"]
        holder.replace(reference, own)


def _link(holder: Element, problems: list[Problem]) -> None:
    """Make a plain flow of each pair of link events."""
    targets: dict[str, Element] = {}
    for event in children(holder, "intermediateCatchEvent"):
        link = child(event, "linkEventDefinition")
        if link is not None:
            name = link.get("name") or ""
            if name in targets:
                problems.append(located(event, "link_twice", name=name))
            targets[name] = event
    linked: set[str] = set()
    for event in list(children(holder, "intermediateThrowEvent")):
        link = child(event, "linkEventDefinition")
        if link is None:
            continue
        name = link.get("name") or ""
        if name not in targets:
            problems.append(located(event, "link_to_nowhere", name=name))
            continue
        linked.add(name)
        flow = holder.makeelement(f"{{{BPMN}}}sequenceFlow")
        flow.set("id", f"{event.get('id')}__link")
        flow.set("sourceRef", event.get("id", ""))
        flow.set("targetRef", targets[name].get("id", ""))
        holder.append(flow)
        event.remove(link)
    for name, event in targets.items():
        if name not in linked:
            problems.append(located(event, "link_from_nowhere", name=name))
        definition = child(event, "linkEventDefinition")
        if definition is not None:
            event.remove(definition)
            event.tag = f"{{{BPMN}}}intermediateThrowEvent"  # an event that passes tokens on
