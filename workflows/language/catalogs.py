"""The catalogs: gather the texts from the sources, write and compile them, find what is missing.

Catalogs are sorted, carry no dates and no line numbers, so that the same sources always give the
same bytes; both the written and the compiled file are committed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from workflows.language.translate import Language, catalog_path

ROOT = Path(__file__).parents[2]
SOURCES = (
    ("python", "workflows", "*.py"),
    ("python", "webapp", "*.py"),
    ("jinja2", "webapp/templates", "*.html"),
    ("jinja2", "webapp/templates", "*.svg"),
)
# What each name takes: the positions of the texts, "c" for a context.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "Sentence": (1,),
    "counted": (2, 3),
}
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
MENTIONS = re.compile(rb"\b(?:_|N_|n?p?gettext|Sentence|counted|trans)\b")


@dataclass(frozen=True, order=True)
class Text:
    """What is translated: its context, and its one form or its singular and plural."""

    forms: tuple[str, ...]
    context: str = ""


@dataclass(frozen=True)
class Entry:
    """A translation as a catalog holds it, and on which line."""

    forms: tuple[str, ...] = ("",)
    line: int = 0
    is_fuzzy: bool = False


@dataclass(frozen=True)
class Written:
    """A written catalog as it was read."""

    path: Path
    entries: Mapping[Text, Entry]
    obsolete: frozenset[str] = field(default_factory=frozenset)


def gather(root: Path = ROOT) -> dict[Text, list[str]]:
    """Find every text in the sources, with the places (`file:line`) that say it."""
    found: dict[Text, list[str]] = {}
    for method, folder, pattern in SOURCES:
        for path in sorted((root / folder).rglob(pattern)):
            if not MENTIONS.search(path.read_bytes()):
                continue
            with path.open("rb") as source:
                for line, text, _notes, context in extract(
                    method, source, KEYWORDS, options=OPTIONS
                ):
                    forms = (text,) if isinstance(text, str) else tuple(text)
                    place = f"{path.relative_to(root)}:{line}"
                    found.setdefault(Text(forms, context or ""), []).append(place)
    return _merged(found)


def read(language: Language) -> Written:
    """Read the written catalog of `language`; an empty one when there is none yet."""
    path = catalog_path(language, "po")
    if not path.exists():
        return Written(path, {})
    with path.open("rb") as source:
        catalog = read_po(source, locale=language.value)
    entries = {
        Text(_forms(message.id), message.context or ""): Entry(
            _forms(message.string or ""), message.lineno or 0, message.fuzzy
        )
        for message in catalog
        if message.id
    }
    return Written(path, entries, frozenset(str(one) for one in catalog.obsolete))


def update(language: Language, texts: Iterable[Text]) -> Written:
    """Give `language` exactly these texts, keeping the translations it has."""
    known = read(language)
    entries = {text: _entry(language, text, known.entries) for text in texts}
    known.path.parent.mkdir(parents=True, exist_ok=True)
    known.path.write_bytes(written(language, entries))
    return Written(known.path, entries)


def written(language: Language, entries: Mapping[Text, Entry]) -> bytes:
    """Write the entries as the text of a catalog."""
    out = BytesIO()
    write_po(out, _catalog(language, entries), width=0, no_location=True, sort_output=True)
    return out.getvalue()


def compiled(language: Language, entries: Mapping[Text, Entry]) -> bytes:
    """Compile the entries to what gettext reads; what is not translated is left out."""
    out = BytesIO()
    write_mo(out, _catalog(language, entries))
    return out.getvalue()


def _merged(found: dict[Text, list[str]]) -> dict[Text, list[str]]:
    """Let a text that also has a plural be one entry, as gettext keeps it."""
    plurals = {(text.context, text.forms[0]): text for text in found if len(text.forms) > 1}
    merged: dict[Text, list[str]] = {}
    for text, places in found.items():
        merged.setdefault(plurals.get((text.context, text.forms[0]), text), []).extend(places)
    return merged


def _entry(language: Language, text: Text, known: Mapping[Text, Entry]) -> Entry:
    if language is Language.EN:
        return Entry(text.forms)
    return known.get(text, Entry(("",) * len(text.forms)))


def _catalog(language: Language, entries: Mapping[Text, Entry]) -> Catalog:
    catalog = _BareCatalog(locale=language.value, fuzzy=False)
    for text, entry in sorted(entries.items()):
        flags = {"fuzzy"} if entry.is_fuzzy else set()
        catalog.add(_one_or_many(text.forms), _one_or_many(entry.forms), flags=flags,
                    context=text.context or None)  # fmt: skip
    return catalog


class _BareCatalog(Catalog):
    """A catalog whose head says only what gettext needs: no dates, no tool versions."""

    @property
    def header_comment(self) -> str:
        return ""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale_identifier)),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", f"{self.plural_forms}\n"),
        ]


def _one_or_many(forms: tuple[str, ...]) -> str | tuple[str, ...]:
    return forms[0] if len(forms) == 1 else forms


def _forms(text: str | Iterable[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)
