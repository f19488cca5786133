"""The file behind rule tables: opened safely, its texts read, its problems gathered and located."""

from collections.abc import Callable
from typing import Any

from lxml import etree

from workflows.engine.problems import Problem
from workflows.engine.rule_tables.feel_tokens import FeelError
from workflows.engine.xml import Element, child, children, line_of, open_xml, rejected, text

_FEEL = ("", "feel", "s-feel", "sfeel")
_NAMED = frozenset({"inputData", "decision", "variable", "output"})


def open_file(source: bytes) -> Element:
    """The root of a DMN file.

    :raises Rejected: if it is none, too large, or asks for anything outside itself
    """
    root = open_xml(source)
    if etree.QName(root).localname != "definitions" or "DMN" not in str(root.tag).upper():
        raise rejected("not_dmn", line_of(root))
    return root


def text_of(element: Element | None) -> str:
    """What stands in the `text` of an element, or directly in it."""
    inner = None if element is None else child(element, "text")
    return text(element if inner is None else inner)


def name_of(element: Element) -> str:
    """The name of an element, its spaces made single."""
    return " ".join((element.get("name") or "").split())


class Gathering:
    """One file while it is read: all its problems are told at once."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.types = {name_of(item): _base(item) for item in children(root, "itemDefinition")}
        # Names with spaces in them are known by being declared.
        self.declared = frozenset(
            name_of(one) for one in root.iter()
            if isinstance(one.tag, str) and etree.QName(one).localname in _NAMED and one.get("name")
        )  # fmt: skip

    def add(self, element: Element, code: str, **params: object) -> None:
        """Note a problem at an element, under the nearest id around it."""
        owner = element
        while owner.get("id") is None and (above := owner.getparent()) is not None:
            owner = above
        self.problems.append(
            Problem(
                "error", code, owner.get("id"), name_of(owner) or None, line_of(element), params
            )
        )

    def feel(
        self,
        read: Callable[[str, frozenset[str]], Any],
        element: Element,
        text: str,
        **where: object,
    ) -> Any:
        """Read a text; what is wrong with it is noted, and None comes back."""
        language = element.get("expressionLanguage") or self.root.get("expressionLanguage") or ""
        if language.rstrip("/").rsplit("/", 1)[-1].lower() not in _FEEL and "FEEL" not in language:
            self.add(element, "other_language", language=language[:100], **where)
            return None
        try:
            return read(text, self.declared)
        except FeelError as error:
            self.add(element, error.code, position=error.column, **error.params, **where)
            return None

    def type(self, name: str | None) -> str:
        """A type by its own name, or the one its definition rests on."""
        plain = (name or "").rsplit(":", 1)[-1].strip()
        return self.types.get(plain, plain)


def _base(item: Element) -> str:
    """What a definition of the file's own rests on; lists and structures on nothing we check."""
    if item.get("isCollection") == "true":
        return ""
    reference = child(item, "typeRef")
    text = text_of(reference) if reference is not None else (item.get("typeRef") or "")
    return text.rsplit(":", 1)[-1]
