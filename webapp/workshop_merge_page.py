"""Two who have changed the same part of a draft: what is asked of whoever saves last, and what the
page carries so that nothing is lost meanwhile: what both began with, and what was typed.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.difference_page import cut, fact_said, kind_said
from webapp.format import language
from workflows.canonical import parse
from workflows.errors import Invalid
from workflows.language import N_, capital, translator
from workflows.operations.workshop import LARGEST_PART
from workflows.processes.merging import Clash, Side, merge
from workflows.processes.models import PartKind
from workflows.processes.outline import Step
from workflows.processes.pieces import Piece, Pieces, kind_of, names_of, told

PICK = "pick:"
STEP = {
    "sv": N_("Name in Swedish"), "en": N_("Name in English"), "lane": N_("Who does it"),
    "role": N_("Role"), "form": N_("Form"), "due": N_("Deadline"), "dues": N_("Several deadlines"),
    "kind": N_("What kind of step"), "notBy": N_("Not by whoever did"),
    "policy": N_("Reminders and who is told when it is late"), "label": N_("Name of the way"),
    "when": N_("Condition"), "guidance_sv": N_("Guidance in Swedish"),
    "guidance_en": N_("Guidance in English"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that both have changed: what each says of it, None where it is taken away."""

    id: str
    name: str
    ours: list[tuple[str, str]] | None
    theirs: list[tuple[str, str]] | None
    is_theirs: bool  # so it was picked


def packed(content: bytes) -> str:
    """Write a part as a hidden field carries it."""
    return base64.b64encode(zlib.compress(content)).decode()


def unpacked(text: str) -> bytes:
    """Read what `packed` wrote; text that a page's program sent stands as it is.

    :raises Invalid: if it is neither, or larger than a part may be
    """
    if text.lstrip().startswith("<"):
        return text.encode()
    try:
        reading = zlib.decompressobj()
        found = reading.decompress(base64.b64decode(text, validate=True), LARGEST_PART)
        found.decode()  # a part is text
    except (binascii.Error, zlib.error, ValueError):
        raise Invalid("bad_draft", field="began") from None
    if not reading.eof:
        raise Invalid("bad_draft", field="began")
    return found


def picked(posted: Mapping[str, str]) -> dict[str, str]:
    """Whose stands, thing by thing, as it was chosen in the page."""
    return {
        name.removeprefix(PICK): side
        for name, side in posted.items()
        if name.startswith(PICK) and side in set(Side)
    }


def choices(kind: PartKind, clashes: Iterable[Clash], picks: Mapping[str, str]) -> list[Choice]:
    """What is asked about a form or a rule table, in the reader's words."""
    return [
        Choice(
            one.id,
            _named(one) or kind_said(kind),
            _said(one, one.ours),
            _said(one, one.theirs),
            picks.get(one.id) == Side.THEIRS,
        )
        for one in clashes
    ]


def _named(clash: Clash) -> str:
    if not clash.id:
        return ""
    names = names_of(clash.id, clash.ours or clash.theirs or {})
    return f"{kind_said(kind_of(clash.id))} {names.get(language()) or names['sv']}".strip()


def _said(clash: Clash, piece: Piece | None) -> list[tuple[str, str]] | None:
    """What one side says where both say something new, or where the other has taken it away."""
    if piece is None:
        return None
    was = told(clash.id, clash.base or {})
    sides = [told(clash.id, one) for one in (clash.ours, clash.theirs) if one is not None]
    said = told(clash.id, piece)
    return [
        (capital(fact_said(name)), cut(said.get(name, "")))
        for name in dict.fromkeys(name for one in sides for name in one)
        if len({was.get(name), *(one.get(name) for one in sides)}) > len(sides)
    ]


def step_said(step: Step) -> dict[str, str]:
    """What the page of a step says of it, by the names of its fields."""
    said = {"sv": step.sv, "en": step.en, "lane": step.lane, "dues": step.dues, **step.facts}
    said |= {"guidance_sv": step.guidance_sv, "guidance_en": step.guidance_en}
    for way in step.parts:
        said |= {f"label:{way.flow}": way.name, f"when:{way.flow}": way.condition}
    return _plain(said)


def said_of(kept: bytes) -> dict[str, str]:
    """Read what was said of a step.

    :raises Invalid: if it is nothing of the kind
    """
    try:
        found = parse(kept)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise Invalid("bad_draft", field="began")
    return found


def merged_step(
    step: Step, said: Mapping[str, str], began: bytes, picks: Mapping[str, str]
) -> tuple[dict[str, str], list[Choice]]:
    """What is to be said of a step that may have been changed since its page was opened."""
    base = said_of(began)
    ours = base | _plain({key: said[key] for key in base if key in said})
    theirs = {key: one for key, one in step_said(step).items() if key in base}
    made, clashes = merge(_pieces(base), _pieces(ours), _pieces(theirs), picks)
    return {**said, **{key: piece["said"] for key, piece in made.items()}}, [
        Choice(one.id, _step_word(one.id), _value(one.ours), _value(one.theirs),
               picks.get(one.id) == Side.THEIRS)
        for one in clashes
    ]  # fmt: skip


def _plain(said: Mapping[str, str]) -> dict[str, str]:
    found = {key: text.replace("\r\n", "\n").strip() for key, text in said.items()}
    return found | {"notBy": " ".join(sorted(found.get("notBy", "").split()))}


def _pieces(said: Mapping[str, str]) -> Pieces:
    return {key: {"said": text} for key, text in said.items()}


def _value(piece: Piece | None) -> list[tuple[str, str]] | None:
    return None if piece is None else [("", piece["said"])]


def _step_word(own: str) -> str:
    return translator(language()).gettext(STEP[own.partition(":")[0]])
