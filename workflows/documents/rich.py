"""Rich text: the few things Markdown may say in a field, read once for page, Word and PDF alike.

Paragraphs, lists, bold and links; all else stands as it was typed. A line break is kept.
"""

from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workflows.documents.paper import Block, Bullets, Inline, Paragraph, Run

SCHEMES = ("http://", "https://", "mailto:")


@cache
def _reader() -> MarkdownIt:
    kept = ["emphasis", "link", "list", "newline", "escape", "balance_pairs", "fragments_join"]
    return MarkdownIt("zero", {"html": False, "linkify": False}).enable(kept)


def blocks(text: str) -> tuple[Block, ...]:
    """Read the paragraphs and lists of a rich text."""
    return tuple(_blocks(iter(_reader().parse(text))))


def _blocks(tokens: Iterator[Token]) -> Iterator[Block]:
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            items = tuple(_items(tokens, token.type.replace("open", "close")))
            yield Bullets(items, numbered=token.type.startswith("ordered"))
        elif token.type == "inline":
            yield Paragraph(_runs(token))


def _items(tokens: Iterator[Token], end: str) -> Iterator[Inline]:
    """The items of a list; a list inside one becomes items of the same list."""
    depth = 1
    for token in tokens:
        depth += (token.type == end.replace("close", "open")) - (token.type == end)
        if not depth:
            return
        if token.type == "inline":
            yield _runs(token)


def _runs(token: Token) -> Inline:
    made: list[Run] = []
    is_bold, url = False, ""
    for one in token.children or ():
        match one.type:
            case "strong_open" | "strong_close":
                is_bold = one.type == "strong_open"
            case "link_open":
                target = str(one.attrGet("href") or "")
                url = target if target.lower().startswith(SCHEMES) else ""
            case "link_close":
                url = ""
            case "softbreak" | "hardbreak":
                made.append(Run("\n"))
            case "em_open" | "em_close":
                made.append(Run(one.markup))
            case _:
                made.append(Run(one.content, bold=is_bold, url=url))
    return tuple(run for run in made if run.text)
