"""Read XML safely: no document type, no entities, no network, bounded in size."""

import re
from collections.abc import Iterator

from lxml import etree

from workflows.engine.problems import Problem, Rejected

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:arshjul:bpmn:1"

MAX_BYTES = 5_000_000
MAX_ELEMENTS = 60_000

Element = etree._Element


def parse_xml(source: bytes, file: str = "") -> Element:
    """Read a diagram into a tree.

    :raises Rejected: if it is no diagram, too large, or asks for anything outside itself
    """
    root = open_xml(source, file)
    if root.tag != f"{{{BPMN}}}definitions":
        raise rejected("not_bpmn", line_of(root), file)
    return root


def open_xml(source: bytes, file: str = "") -> Element:
    """Read any XML into a tree; `file` is what the problems call it.

    :raises Rejected: if it is none, too large, or asks for anything outside itself
    """
    if not source.strip():
        raise rejected("empty_file", 1, file)
    if len(source) > MAX_BYTES:
        raise rejected("file_too_large", 1, file, limit=MAX_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(source, parser, base_url=file)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = int(error.position[0]) if isinstance(error, etree.XMLSyntaxError) else 1
        raise rejected("not_xml", line, file) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise rejected("document_type", 1, file)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise rejected("too_many_elements", 1, file, limit=MAX_ELEMENTS)
    return root


def rejected(code: str, line: int | None, file: str = "", **params: object) -> Rejected:
    """The refusal of a whole file."""
    return Rejected((Problem("error", code, line=line, params=params, file=file),))


def line_of(element: Element) -> int | None:
    """The line an element begins on."""
    line = element.sourceline
    return line if isinstance(line, int) else None


def file_of(element: Element) -> str:
    """What the file of an element was called when it was opened."""
    return element.getroottree().docinfo.URL or ""


def local(element: Element) -> str:
    """The name of a BPMN element without its namespace; empty for a foreign one."""
    tag = element.tag
    if isinstance(tag, str) and tag.startswith(f"{{{BPMN}}}"):
        return tag[len(BPMN) + 2 :]
    return ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """The children of `element` with one of these names in its own namespace, in order."""
    tag = str(element.tag)
    space = tag[: tag.rfind("}") + 1]
    return element.iterchildren(*(space + name for name in names))


def child(element: Element, *names: str) -> Element | None:
    """The first of them."""
    return next(children(element, *names), None)


def text(element: Element | None) -> str:
    """What an element says, CDATA and entities resolved, without the space around it."""
    return "" if element is None else "".join(str(part) for part in element.itertext()).strip()


def ours(element: Element, name: str) -> str | None:
    """An attribute of our namespace; None when missing or blank."""
    return (element.get(f"{{{OURS}}}{name}") or "").strip() or None


def extensions(element: Element, name: str) -> Iterator[Element]:
    """The elements of our namespace inside `extensionElements`."""
    for holder in children(element, "extensionElements"):
        yield from holder.iterfind(f"{{{OURS}}}{name}")


def unprefixed(name: str | None) -> str:
    """A QName without its prefix: `tns:message_1` refers to `message_1`."""
    return re.sub(r"^.*:", "", (name or "").strip())


def is_true(value: str | None, *, default: bool = False) -> bool:
    """A boolean attribute."""
    return default if value is None else value.strip() in ("true", "1")
