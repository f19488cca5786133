"""What a form or a rule table is made of: each thing in it with what is said of it. What differs is
told piece by piece, and two that have gone apart are put together so.
"""

from collections.abc import Mapping
from typing import Any

from workflows.canonical import canonical_text

Piece = dict[str, Any]
Pieces = dict[str, Piece]  # by id, in the order they stand; "" is the file itself

# What an id begins with that is no field of a form.
PART, RULE, REGISTER, TABLE, COLUMN = "part:", "rule:", "register:", "table:", "column:"
CELL = "cell:"
WHOLE = "file"
SILENT = {"table", "asked", "rest"}  # said by where a piece stands
SAID = "labels."  # what a label says, beside what the schema says under the same name


def kind_of(own: str) -> str:
    """What a piece is: a part, rule, register, table or column; else a field."""
    return own.partition(":")[0] if ":" in own else "field"


def names_of(own: str, piece: Piece) -> Mapping[str, str]:
    """How a piece is called."""
    said: Any = None
    match kind_of(own):
        case "field":
            said = piece.get(f"{SAID}label") or piece.get("title")
        case "part":
            said = piece.get("heading")
        case "rule":
            said = piece.get("message") or _cells(piece)
        case "column":
            said = piece["label"] or piece["text"]
        case "table" | "register":
            said = piece.get("name") or piece.get("register")
    return said if isinstance(said, dict) and said else {"sv": str(said or own.rpartition(":")[2])}


def told(own: str, piece: Piece) -> dict[str, str]:
    """What is said of a piece, as text."""
    if "table" in piece and kind_of(own) == "rule":
        return {"row": _cells(piece), "note": piece["note"]}
    hidden = SILENT | ({"enum", "items"} if f"{SAID}enum" in piece else set())
    return {
        name.removeprefix(SAID): _text(value) for name, value in piece.items() if name not in hidden
    }


def _cells(piece: Piece) -> str:
    return " | ".join(text for name, text in piece.items() if name.startswith(CELL))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value and value.keys() <= {"sv", "en"}:
        return " / ".join(str(value[key]) for key in sorted(value, reverse=True))
    return canonical_text(value)


def whole(source: bytes) -> Pieces:
    """What cannot be taken apart is one piece, with its text."""
    return {"": {WHOLE: source.decode(errors="replace")}}
