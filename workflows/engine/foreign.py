"""What other programs wrote into a diagram: taken over where we have the notion, else listed.

Camunda, Flowable and Activiti write attributes; Camunda 8 (zeebe) and SpiffArena write elements
inside `extensionElements`. What is taken over is written as ours, so that nothing after this
knows of it; what we cannot read the same way is left for `check_foreign` to list.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflows.engine.locating import Found, located, warning
from workflows.engine.timing import is_rule
from workflows.engine.xml import BPMN, OURS, Element, child, children, local, text

_OTHERS = ("camunda.org", "flowable.org", "activiti.org", "spiffworkflow.org")
_SILENT = ("http://www.w3.org/", "http://www.omg.org/", OURS)
PLAIN_NAME = re.compile(r"[^\W\d_][\w.]*")
# What an attribute is called there, here, and how it must look to mean the same here.
NAMES = {
    "candidateGroups": ("role", re.compile(r"[a-z]\w*([ ,]+[a-z]\w*)*")),
    "assignee": ("assignee", re.compile(r"(case|item)\.\w+")),
    "formKey": ("form", re.compile(r"\w+/\w+")),
    "dueDate": ("due", None),
    "decisionRef": ("decision", re.compile(r"[\w.-]+")),
    "decisionId": ("decision", re.compile(r"[\w.-]+")),
    "calledDecisionId": ("decision", re.compile(r"[\w.-]+")),
    "resultVariable": ("into", PLAIN_NAME),
}
# Of a multi-instance activity: the list it goes through, what a row is called, where answers go.
LISTS = {
    "collection": "loopDataInputRef",
    "inputCollection": "loopDataInputRef",
    "outputCollection": "loopDataOutputRef",
    "elementVariable": "inputDataItem",
    "inputElement": "inputDataItem",
}


# How others mark that a text is an expression; what is not written as ours is refused later.
EXPRESSIONS = {"conditionExpression", "condition", "loopCardinality", "loopCondition",
               "completionCondition", "timeDate", "timeDuration", "timeCycle"}  # fmt: skip
_MARKED = re.compile(r"\s*(?:[$#]\{([^{}]*)\}|=([^=].*))\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Taken:
    """What another program said of an element, and what was made of it."""

    element: str
    name: str
    text: str


def take_over(root: Element) -> list[Taken]:
    """Write as ours what means the same, unless ours is there; say what."""
    taken = []
    for element in list(root.iter()):
        if not local(element):
            continue
        if local(element) in EXPRESSIONS and _MARKED.fullmatch(element.text or ""):
            element.text = _unmarked(element.text or "")
        for holder, name, said in list(_sayings(element)):
            if _written(element, name, _unmarked(said)):
                _forget(element, holder, name)
                taken.append(Taken(element.get("id", ""), name, _unmarked(said)))
    return taken


def _unmarked(said: str) -> str:
    marked = _MARKED.fullmatch(said)
    return (said if marked is None else marked[1] or marked[2] or "").strip()


def _sayings(element: Element) -> Iterator[tuple[Element, str, str]]:
    """What others say of an element: where it stands, its name and the text."""
    inner = [one for holder in children(element, "extensionElements") for one in holder]
    for holder in (element, *inner):
        for key, said in holder.attrib.items():
            space, _, plain = str(key)[1:].partition("}") if "}" in str(key) else ("", "", str(key))
            if _is_other(space if holder is element else str(holder.tag)):
                yield holder, plain, str(said)
        if holder is not element and not holder.attrib and _is_other(str(holder.tag)):
            yield holder, str(holder.tag).partition("}")[2], text(holder)


def _is_other(space: str) -> bool:
    return any(other in space for other in _OTHERS)


def _written(element: Element, name: str, said: str) -> bool:
    if name in LISTS and PLAIN_NAME.fullmatch(said):
        multi = child(element, "multiInstanceLoopCharacteristics")
        multi = element if local(element) == "multiInstanceLoopCharacteristics" else multi
        if multi is None or child(multi, LISTS[name]) is not None:
            return False
        row = multi.makeelement(f"{{{BPMN}}}{LISTS[name]}")
        if LISTS[name] == "inputDataItem":
            row.set("name", said)
        row.text = said
        multi.append(row)
        return True
    if name == "correlationKey" and PLAIN_NAME.fullmatch(said) and local(element) == "message":
        key = element.makeelement(f"{{{OURS}}}correlation")
        key.text = said
        next(children(element, "extensionElements")).append(key)
        return True
    if name == "processId" and local(element) == "callActivity":
        return _set(element, "calledElement", said)
    if name == "instructionsForEndUser" and child(element, "documentation") is None and said:
        guidance = element.makeelement(f"{{{BPMN}}}documentation")
        guidance.text = said
        element.insert(0, guidance)
        return True
    ours, form = NAMES.get(name, ("", None))
    fits = form.fullmatch(said) if form else name == "dueDate" and is_rule(said)
    if fits and element.get(f"{{{OURS}}}{ours}") is None:
        element.set(f"{{{OURS}}}{ours}", said)
    return bool(fits)


def _set(element: Element, name: str, said: str) -> bool:
    """Write an attribute of the standard's, unless it says something else already."""
    if element.get(name) is None:
        element.set(name, said)
    return element.get(name) == said


def _forget(element: Element, holder: Element, name: str) -> None:
    """Take away what was taken over, so that only the rest is listed."""
    for key in [key for key in holder.attrib if str(key).rpartition("}")[2] == name]:
        del holder.attrib[key]
    around = holder.getparent()
    if holder is not element and not holder.attrib and around is not None:
        around.remove(holder)


def check_foreign(root: Element) -> Found:
    """Everything foreign that is left, and the standard's parts that we do not use."""
    in_lanes = {text(one) for one in root.iter() if local(one) == "flowNodeRef"}
    for element in root.iter():
        if local(element):
            inner = [str(e.tag) for h in children(element, "extensionElements") for e in h]
            for name in [*(str(key) for key in element.attrib), *inner]:
                if _is_foreign(name):
                    yield warning(element, "foreign_ignored", what=name)
        for owner in children(element, "potentialOwner", "humanPerformer", "performer"):
            # Whom it is for must not be lost: without a lane nobody would be asked.
            is_lost = local(owner) == "potentialOwner" and element.get("id") not in in_lanes
            said = located if is_lost else warning
            code = "owner_without_lane" if is_lost else "resource_ignored"
            yield said(element, code, kind=local(owner))
    for collaboration in children(root, "collaboration"):
        for flow in children(collaboration, "messageFlow"):
            yield warning(flow, "message_flow_ignored")
    for element in root:
        if local(element).startswith(("global", "choreography", "conversation")):
            yield warning(element, "ignored", kind=local(element))


def _is_foreign(name: str) -> bool:
    return name.startswith("{") and not name[1:].startswith((BPMN, *_SILENT))
