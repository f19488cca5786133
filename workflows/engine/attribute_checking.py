"""What is written in our own namespace: names nobody reads, words nobody knows, expressions."""

import re
from collections.abc import Collection

from workflows.engine.locating import Found, invalid, located, warning
from workflows.engine.xml import OURS, Element, extensions, local, ours
from workflows.expressions import ExpressionError, compile_expression

# The attributes of ours that anything reads; of some, what they may say.
ATTRIBUTES = frozenset({
    "key", "prefix", "owner", "basis", "starts", "per", "condition", "secrecy", "policy", "colour",
    "switchedOff", "longerTime",
    "role", "of", "form", "kind", "due", "dueWhen", "legal", "notBy", "carry", "assignee",
    "decision", "each", "into", "expires", "missed", "case", "version",
})  # fmt: skip
WORDS = {
    "secrecy": ("open", "internal", "sec"),
    "policy": ("std", "legal"),
    "kind": ("form", "review", "board_decision", "report", "read_receipt"),
    "legal": ("true", "false", "1", "0"),
    "switchedOff": ("true", "false", "1", "0"),
    "carry": ("previous",),
    "missed": ("once", "skip", "ask"),
}
PLACES = ("unit", "parent", "city")
_FIELD = re.compile(r"(case|item)(\.[^\W\d_]\w*)+")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


def check_attributes(
    root: Element, known: Collection[str] | None, functions: Collection[str]
) -> Found:
    """Everything wrong with what is written in our namespace."""
    for element in root.iter():
        if not local(element):
            continue
        for name in element.attrib:
            if str(name).startswith(f"{{{OURS}}}"):
                yield from _attribute(element, str(name)[len(OURS) + 2 :])
        whens = [row.get("dueWhen") or row.get("when") for row in extensions(element, "due")]
        sites = [("dueWhen", when) for when in (ours(element, "dueWhen"), *whens)]
        for site, text in [*sites, ("condition", ours(element, "condition"))]:
            if text:
                try:
                    compile_expression(text, known, functions=functions)
                except ExpressionError as error:
                    yield invalid(element, "expression_invalid", error, site=site, text=text)


def _attribute(element: Element, name: str) -> Found:
    said = ours(element, name)
    if name not in ATTRIBUTES:
        yield warning(element, "unknown_attribute", attribute=name)
    elif said is None:
        return
    elif name in WORDS and said not in WORDS[name]:
        yield located(element, "unknown_word", attribute=name, text=said, known=WORDS[name])
    elif name == "key" and not _KEY.fullmatch(said):
        yield located(element, "bad_key", text=said)
    elif name == "assignee" and not _FIELD.fullmatch(said):
        yield located(element, "bad_assignee", text=said)
    elif name == "of" and said not in PLACES and not _FIELD.fullmatch(said):
        yield located(element, "unknown_word", attribute=name, text=said, known=PLACES)
