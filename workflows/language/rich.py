"""What somebody typed with a little Markdown, as plain blocks: one parse for pages and documents.

Only paragraphs, lists, bold and links mean anything; all else, and every tag, is text as typed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_LINKS = ("https://", "http://", "mailto:")
_markdown = MarkdownIt("zero", {"html": False}).enable(
    ["list", "emphasis", "balance_pairs", "link", "escape", "newline"]
)


@dataclass(frozen=True)
class Span:
    """A piece of text; `\\n` alone is a new line, `href` is set for a link."""

    text: str
    bold: bool = False
    href: str = ""


@dataclass(frozen=True)
class Block:
    """A `paragraph` of one line, or a list (`bullets`, `numbers`) with a line for each item."""

    kind: str
    lines: tuple[tuple[Span, ...], ...]


@lru_cache(maxsize=256)
def rich(text: str) -> tuple[Block, ...]:
    """Read the text; a list within a list becomes one list."""
    return tuple(_blocks(_markdown.parse(text)))


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    depth, kind, items = 0, "", list[list[Span]]()
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
                if depth == 1:
                    kind, items = "bullets" if token.tag == "ul" else "numbers", []
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
                if depth == 0:
                    yield Block(kind, tuple(tuple(item) for item in items))
            case "list_item_open":
                items.append([])
            case "inline" if depth:
                items[-1] += [Span("\n")] * bool(items[-1]) + list(_spans(token.children or []))
            case "inline":
                yield Block("paragraph", (tuple(_spans(token.children or [])),))
            case _:
                pass


def _spans(tokens: list[Token]) -> Iterator[Span]:
    bold, href = 0, ""
    for token in tokens:
        match token.type:
            case "strong_open":
                bold += 1
            case "strong_close":
                bold -= 1
            case "link_open":
                address = str(token.attrs.get("href", ""))
                href = address if address.startswith(_LINKS) else ""
            case "link_close":
                href = ""
            case "em_open" | "em_close":
                yield Span(token.markup, bold > 0, href)
            case "softbreak" | "hardbreak":
                yield Span("\n")
            case _ if token.content:
                yield Span(token.content, bold > 0, href)
            case _:
                pass
