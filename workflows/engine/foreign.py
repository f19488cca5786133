"""What other programs wrote into a diagram: taken over where we have the notion, else listed."""

from workflows.engine.locating import Found, warning
from workflows.engine.xml import BPMN, OURS, Element, children, local

# Attributes of Camunda, Flowable and Activiti that mean what one of ours means.
TAKEN_OVER = {
    "candidateGroups": "role",
    "assignee": "assignee",
    "formKey": "form",
    "dueDate": "due",
}
_MODELS = ("camunda.org", "flowable.org", "activiti.org")
_SILENT = ("http://www.w3.org/", "http://www.omg.org/", OURS)


def take_over(root: Element) -> list[str]:
    """Write foreign attributes as ours, unless ours is there; the elements that changed."""
    changed = []
    for element in root.iter():
        if local(element) not in ("userTask", "manualTask"):
            continue
        for name, content in list(element.attrib.items()):
            space, _, plain = str(name)[1:].partition("}")
            ours = TAKEN_OVER.get(plain)
            if ours and any(m in space for m in _MODELS) and "${" not in str(content):
                key = f"{{{OURS}}}{ours}"
                if element.get(key) is None:
                    element.set(key, str(content))
                del element.attrib[name]
                changed.append(element.get("id", ""))
    return changed


def check_foreign(root: Element) -> Found:
    """Everything foreign that is left, and the standard's parts that we do not use."""
    for element in root.iter():
        if local(element):
            inner = [str(e.tag) for h in children(element, "extensionElements") for e in h]
            for name in [*(str(key) for key in element.attrib), *inner]:
                if _is_foreign(name):
                    yield warning(element, "foreign_ignored", what=name)
    for collaboration in children(root, "collaboration"):
        for flow in children(collaboration, "messageFlow"):
            yield warning(flow, "message_flow_ignored")
    for element in root:
        if local(element).startswith(("global", "choreography", "conversation")):
            yield warning(element, "ignored", kind=local(element))


def _is_foreign(name: str) -> bool:
    return name.startswith("{") and not name[1:].startswith((BPMN, *_SILENT))
