"""Where a case stands: tokens, frames and waits, kept small and written as versioned JSON."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from workflows.errors import Refused

FORMAT = 1


class BrokenState(Refused):
    """The stored state is damaged or comes from a newer program; nothing may be overwritten."""

    code = "broken_state"


@dataclass(slots=True)
class Token:
    """One place where the case stands."""

    id: int
    node: str
    frame: int
    mode: str  # task wait events action join reset body many incident
    via: str | None = None  # the flow it came by
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """One run of a scope; `local` holds what belongs to it alone."""

    id: int
    scope: str
    parent: int | None = None
    owner: int | None = None  # the token of the activity that opened it; None for an event's
    local: dict[str, Any] | None = None
    gathers: bool = False  # what is written inside stays in `local`, to be gathered by a loop


@dataclass(slots=True)
class Waiting:
    """An event somebody outside may bring."""

    id: int
    node: str
    frame: int
    token: int | None = None  # whose boundary or gateway it is; None for an event sub-process
    left: int | None = None  # passes left of a cycle
    key: str | None = None


@dataclass(slots=True)
class State:
    """A case, in the form the engine works on."""

    data: dict[str, Any]
    next: int = 1
    tokens: dict[int, Token] = field(default_factory=dict)
    frames: dict[int, Frame] = field(default_factory=dict)
    waits: dict[int, Waiting] = field(default_factory=dict)

    def number(self) -> int:
        """A new number, never used before in this case."""
        self.next += 1
        return self.next - 1


def write_state(state: State) -> bytes:
    """Write a state as bytes to store."""
    return orjson.dumps(
        {
            "format": FORMAT,
            "next": state.next,
            "data": state.data,
            "tokens": [
                [t.id, t.node, t.frame, t.mode, t.via, t.more] for t in state.tokens.values()
            ],
            "frames": [
                [f.id, f.scope, f.parent, f.owner, f.local, f.gathers]
                for f in state.frames.values()
            ],
            "waits": [
                [w.id, w.node, w.frame, w.token, w.left, w.key] for w in state.waits.values()
            ],
        },
        default=_tagged,
    )


def read_state(blob: bytes) -> State:
    """Read a stored state.

    :raises BrokenState: if it is cut, damaged or newer than this program
    """
    try:
        raw = orjson.loads(blob)
        if raw["format"] != FORMAT:
            raise BrokenState("newer_state" if raw["format"] > FORMAT else "broken_state")
        if b'"\\u0000d"' in blob:
            raw = _untagged(raw)
        return State(
            raw["data"],
            raw["next"],
            {t[0]: Token(*t) for t in raw["tokens"]},
            {f[0]: Frame(*f) for f in raw["frames"]},
            {w[0]: Waiting(*w) for w in raw["waits"]},
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, IndexError) as error:
        raise BrokenState from error


def _tagged(value: object) -> object:
    if isinstance(value, Decimal):
        return {"\0d": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        if "\0d" in value:
            return Decimal(value["\0d"])
        return {key: _untagged(item) for key, item in value.items()}
    return [_untagged(item) for item in value] if isinstance(value, list) else value
