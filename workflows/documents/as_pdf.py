"""A document as PDF that a screen reader can read (PDF/UA-1), the same bytes each time."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typst

from workflows.documents.paper import Paper, as_data, cleaned

UNSEEN = "\N{REPLACEMENT CHARACTER}"
FIRST_ODD = 0x2E80  # from here on lie the scripts of East Asia, pictures and private signs
CANNOT = re.compile('the text `"(.+?)"` could not be displayed')
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
PATTERN = Path(__file__).with_name("paper.typ")


def as_pdf(paper: Paper, words: Mapping[str, str], *, at: datetime) -> bytes:
    """Write the document; `words` are those of the frame: `page` and `author`.

    A sign that our font cannot draw, as an emoji, stands as a replacement sign: PDF/UA allows none
    that is not seen.
    """
    given = json.dumps(as_data(cleaned(paper)), ensure_ascii=False)
    given = "".join(one if ord(one) < FIRST_ODD else UNSEEN for one in given)
    while True:
        try:
            return _compiled(given, words, at)
        except typst.TypstError as fault:
            unseen = _unseen(str(fault)) - {UNSEEN}
            if not unseen:
                raise
            given = given.translate(dict.fromkeys(map(ord, unseen), UNSEEN))


def _unseen(fault: str) -> set[str]:
    """The signs that a fault says cannot be drawn; what is plain ASCII always can."""
    found = CANNOT.search(fault)
    told = ESCAPED.sub(lambda one: chr(int(one[1], 16)), found[1]) if found else ""
    return {one for one in told if not one.isascii()}


def _compiled(given: str, words: Mapping[str, str], at: datetime) -> bytes:
    made: bytes = typst.compile(
        PATTERN,
        format="pdf",
        sys_inputs={"paper": given, "words": json.dumps(dict(words), ensure_ascii=False)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=int(at.timestamp()),
    )
    return made
