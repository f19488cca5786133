"""What is wrong with the catalogs: missing, stale, with the wrong places or the wrong words."""

import re
from collections.abc import Iterator
from pathlib import Path

from workflows.language.catalogs import (
    ROOT,
    Entry,
    Text,
    Written,
    compiled,
    gather,
    read,
    written,
)
from workflows.language.translate import Language, catalog_path

PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")

# A word that must not be read by anybody, and what to write instead. `practice.md` 43.
FORBIDDEN: dict[Language, dict[str, str]] = {
    Language.SV: {
        r"ersättare\w*": "ställföreträdare",
        r"anstånd\w*": "längre tid",
        r"(?-i:Läget)\b": "Överblick",
        r"verkstad\w*": "Processer",
        r"sigill\w*": "försegling",
        r"återremittera\w*": "skicka tillbaka",
        r"instans\w*": "ärende, or the thing itself",
        r"tokens?\b": "nyckel, kod or länk",
        r"payload\w*": "innehåll",
        r"något gick fel": "what happened and what to do",
        r"ogiltig\w*": "what is wrong with it",
    },
    Language.EN: {
        r"(?<!for )instances?\b": "case, or the thing itself",
        r"tokens?\b": "key, code or link",
        r"payloads?\b": "content",
        r"something went wrong": "what happened and what to do",
        r"invalid\b": "what is wrong with it",
        r"substitutes?\b": "deputy",
    },
}


def problems() -> Iterator[str]:
    """Name everything that keeps the catalogs from being whole, one located line each."""
    texts = gather()
    for language in Language:
        catalog = read(language)
        yield from _keys(language, catalog, texts)
        for text, entry in catalog.entries.items():
            yield from _entry(language, catalog, text, entry)
        yield from _stale(language, catalog)


def forbidden(words: str, language: Language) -> Iterator[str]:
    """Name the words in a text that nobody shall have to read, and what to write instead."""
    for pattern, better in FORBIDDEN[language].items():
        if found := re.search(rf"\b{pattern}", words, re.IGNORECASE):
            yield f"the word “{found.group()}”: write {better}"


def _keys(language: Language, catalog: Written, texts: dict[Text, list[str]]) -> Iterator[str]:
    here = _here(catalog.path)
    for text in sorted(texts.keys() - catalog.entries.keys()):
        yield f"{texts[text][0]}: not in the {language} catalog (run extract): {text.forms[0]!r}"
    for text in sorted(catalog.entries.keys() - texts.keys()):
        line = catalog.entries[text].line
        yield f"{here}:{line}: nobody says this any more (run extract): {text.forms[0]!r}"
    for gone in sorted(catalog.obsolete):
        yield f"{here}: obsolete (run extract): {gone!r}"


def _entry(language: Language, catalog: Written, text: Text, entry: Entry) -> Iterator[str]:
    here = f"{_here(catalog.path)}:{entry.line}:"
    if entry.is_fuzzy:
        yield f"{here} fuzzy: {text.forms[0]!r}"
    if len(entry.forms) != len(text.forms) or not all(entry.forms):
        yield f"{here} not translated: {text.forms[0]!r}"
        return
    for said, form in zip(text.forms, entry.forms, strict=True):
        if _places(said) != _places(form):
            yield f"{here} other places than in the English text: {form!r}"
        for complaint in forbidden(form, language):
            yield f"{here} {complaint}"


def _stale(language: Language, catalog: Written) -> Iterator[str]:
    if not catalog.path.exists():
        yield f"{_here(catalog.path)}: missing (run extract)"
        return
    if catalog.path.read_bytes() != written(language, catalog.entries):
        yield f"{_here(catalog.path)}: not written as the tool writes it (run extract)"
    binary = catalog_path(language, "mo")
    if not binary.exists() or binary.read_bytes() != compiled(language, catalog.entries):
        yield f"{_here(binary)}: not compiled from its catalog (run compile)"


def _here(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _places(form: str) -> set[str]:
    """Find the places; a form for one may leave the number out."""
    return {one or two for one, two in PLACE.findall(form)} - {"count", "num", "n"}
