"""What a document says, apart from how it looks: written once, and then as Word and as PDF."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from workflows.language.rich import Span, rich

Inline = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: Inline


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[Inline, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column says what each row is about."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Bullets | Table


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole document; `about` is what stands first: whose it is, which year, its number."""

    title: str
    about: tuple[tuple[str, str], ...]
    marking: str  # in words, on every page
    blocks: tuple[Block, ...]
    footer: str = ""
    language: str = "sv"


def from_rich(text: str) -> tuple[Block, ...]:
    """What somebody typed, as blocks."""
    return tuple(
        Paragraph(each.lines[0])
        if each.kind == "paragraph"
        else Bullets(each.lines, numbered=each.kind == "numbers")
        for each in rich(text)
    )


def plain(runs: Iterable[Span]) -> str:
    """The text without how it looks."""
    return "".join(run.text for run in runs)


def texts(paper: Paper) -> Iterator[str]:
    """Everything the document says, piece by piece."""
    yield paper.title
    for label, value in paper.about:
        yield f"{label}: {value}"
    for block in paper.blocks:
        yield from block_texts(block)


def block_texts(block: Block) -> Iterator[str]:
    """Everything one block says."""
    match block:
        case Heading():
            yield block.text
        case Paragraph():
            yield plain(block.runs)
        case Bullets():
            yield from map(plain, block.items)
        case Table():
            for row in (block.head, *block.rows):
                yield from row


def guarded(paper: Paper, names: frozenset[str], instead: str) -> Paper:
    """The document without what names something that must not be told."""
    if not names:
        return paper
    return replace(paper, blocks=tuple(_guarded(each, names, instead) for each in paper.blocks))


def _guarded(block: Block, names: frozenset[str], instead: str) -> Block:
    def is_told(text: str) -> bool:
        return any(name in text.casefold() for name in names)

    match block:
        case Table():
            rows = tuple(row for row in block.rows if not any(map(is_told, row)))
            return replace(block, rows=rows)
        case Bullets():
            items = tuple(
                (Span(instead),) if is_told(plain(each)) else each for each in block.items
            )
            return replace(block, items=items)
        case Heading():
            return Heading(instead, block.level) if is_told(block.text) else block
        case Paragraph():
            return Paragraph((Span(instead),)) if is_told(plain(block.runs)) else block


def as_data(paper: Paper) -> dict[str, Any]:
    """The document as plain data, to be stored."""
    blocks = [{"kind": type(each).__name__.lower(), **asdict(each)} for each in paper.blocks]
    return {**asdict(paper), "blocks": blocks}


def from_data(data: Mapping[str, Any]) -> Paper:
    """The document as it was stored."""
    about = tuple((str(label), str(value)) for label, value in data["about"])
    blocks = tuple(_block(dict(each)) for each in data["blocks"])
    return Paper(**{**data, "about": about, "blocks": blocks})


def _block(data: dict[str, Any]) -> Block:
    kind = data.pop("kind")
    if kind == "paragraph":
        return Paragraph(_inline(data["runs"]))
    if kind == "bullets":
        return Bullets(tuple(map(_inline, data["items"])), data["numbered"])
    if kind == "table":
        rows = tuple(tuple(row) for row in data["rows"])
        return Table(tuple(data["head"]), rows)
    return Heading(data["text"], data["level"])


def _inline(data: Iterable[Mapping[str, Any]]) -> Inline:
    return tuple(Span(**each) for each in data)


def cleaned(paper: Paper) -> Paper:
    """The document without the signs that no document can hold; a tab is a space."""
    return from_data(_each_text(as_data(paper)))


def _each_text(value: Any) -> Any:
    if isinstance(value, str):
        spaced = value.replace("\t", " ")
        return "".join(one for one in spaced if one >= " " or one == "\n")
    if isinstance(value, Mapping):
        return {key: _each_text(each) for key, each in value.items()}
    return [_each_text(each) for each in value] if isinstance(value, list | tuple) else value
