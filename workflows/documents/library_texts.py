"""The texts and blank forms of the library: a file each in `library/`, given to people as Word."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

from workflows.documents.as_docx import as_docx
from workflows.documents.paper import Block, Heading, Paper, Table, from_rich
from workflows.documents.receiving import TYPES, Received, made
from workflows.documents.source import Source
from workflows.language import N_

SHELF = Path(__file__).with_name("library")
OWNER = N_("City executive office")


@dataclass(frozen=True, slots=True)
class Text:
    """A text we ship, with its file."""

    code: str
    name_sv: str
    name_en: str
    focus_area: str
    version: int
    valid_from: date
    file: Received


@cache
def shipped() -> tuple[Text, ...]:
    """Read and write all of them; takes a moment, so do it before anything is locked."""
    return tuple(_text(path) for path in sorted(SHELF.glob("*.md")))


def _text(path: Path) -> Text:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    said = dict(line.split(": ", 1) for line in head.splitlines())
    valid_from = date.fromisoformat(said["from"])
    about = (
        (Source.say(N_("Owner")), Source.say(OWNER)),
        (Source.say(N_("Version")), f"{said['version']}, {valid_from.isoformat()}"),
    )
    paper = Paper(said["sv"], about, "", tuple(_blocks(body)))
    words = {"page": Source.say(N_("Page")), "author": Source.say(OWNER)}
    content = as_docx(paper, words, at=datetime.combine(valid_from, time(), UTC))
    file = made(f"{path.stem.replace('_', '-')}.docx", TYPES["docx"], content)
    return Text(
        path.stem, said["sv"], said["en"], said["area"], int(said["version"]), valid_from, file
    )


def _blocks(body: str) -> Iterator[Block]:
    """Headings, tables to fill in, and what people may write themselves."""
    for part in body.split("\n\n"):
        if part.startswith("## "):
            yield Heading(part.removeprefix("## ").strip())
        elif part.startswith("|"):
            head, *rows = (_cells(line) for line in part.strip().splitlines())
            yield Table(head, tuple(rows))
        else:
            yield from from_rich(part)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
