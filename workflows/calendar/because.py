"""Why a date is what it is: the derivation in parts, stored with the date, worded when read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from workflows.calendar.workdays import Skipped
from workflows.language import ZONE


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a derivation: what was done (`kind`), as written in the rule (`label`), and
    the date it led to; `params` hold what the words need, as JSON can hold it.
    """

    kind: str
    label: str
    on: date
    params: Mapping[str, Any] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class Because:
    """How a rule led to its instant in `zone`."""

    rule: str
    zone: str
    parts: tuple[Part, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the time of day counts too, as it does for a rule in hours."""
        return any(part.kind == "instant" for part in self.parts)


class Reason(StrEnum):
    """Why a rule gives no date (yet)."""

    FIELD_MISSING = "field_missing"  # "datum saknas": comes when the field is filled in
    FIELD_UNUSABLE = "field_unusable"  # neither a date nor, for a span, a whole number
    NOT_OPENED = "not_opened"
    NO_CALENDAR = "no_calendar"  # the year has no milestones yet
    NO_MILESTONE = "no_milestone"  # the year has others, but not this one
    MILESTONE_UNDATED = "milestone_undated"
    MILESTONE_ABSENT = "milestone_absent"  # "finns inte" here: the step goes away
    NO_MEETING = "no_meeting"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A rule that gives no date, and why; `params` say which field, milestone or year."""

    reason: Reason
    rule: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def removes_step(self) -> bool:
        """Tell whether the step is not to be at all, rather than to wait for a date."""
        return self.reason is Reason.MILESTONE_ABSENT


# What the params of each kind of part are called, in the order in which they are stored.
_STORED = {
    "opened": ("at",),
    "field": ("field", "at"),
    "milestone": ("code", "year", "kind", "basis", "confirmed", "own"),
    "moved": ("from", "name"),
    "span": ("count", "unit", "field", "at"),
    "min": ("chosen", "others", "absent"),
    "max": ("chosen", "others", "absent"),
    "time": ("clock", "legal", "given"),
    "instant": ("at",),
    "extended": ("at",),
}
_OF_MEETING = ("meeting", "assumed")
_NEVER_ABSENT = {
    **dict.fromkeys(("confirmed", "own", "legal", "given", "assumed"), False),
    **dict.fromkeys(("others", "absent"), ()),
}


def plain(why: Because | Unresolved) -> dict[str, Any]:
    """Write a because (or what stands in its place) as what JSON can hold, every part named."""
    if isinstance(why, Unresolved):
        return stored(why)
    return {
        "rule": why.rule,
        "zone": why.zone,
        "parts": [
            {
                "kind": part.kind,
                "label": part.label,
                "date": part.on.isoformat(),
                "params": dict(part.params),
                "skipped": [_skipped(day) for day in part.skipped],
            }
            for part in why.parts
        ],
    }


def stored(why: Because | Unresolved) -> dict[str, Any]:
    """Write a because as it is kept: every task has one for ever, so nothing is named twice."""
    if isinstance(why, Unresolved):
        return {"rule": why.rule, "unresolved": why.reason.value, "params": dict(why.params)}
    parts = [
        _trimmed(
            part.kind,
            part.label,
            part.on.isoformat(),
            _trimmed(*map(part.params.get, _STORED.get(part.kind, _OF_MEETING))),
            [_trimmed(day.on.isoformat(), day.name, _text(day.until)) for day in part.skipped],
        )
        for part in why.parts
    ]
    zone = {} if why.zone == ZONE.key else {"zone": why.zone}
    return {"rule": why.rule, "parts": parts} | zone


def read(kept: Mapping[str, Any]) -> Because | Unresolved:
    """Read what `stored` wrote, or what release 1 kept: what `plain` writes."""
    if "unresolved" in kept:
        return Unresolved(Reason(kept["unresolved"]), kept["rule"], kept["params"])
    parts = tuple(
        _named(part) if isinstance(part, dict) else _listed(*part) for part in kept["parts"]
    )
    return Because(kept["rule"], kept.get("zone", ZONE.key), parts)


def are_same(one: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Tell whether two that are kept say the same, of whatever release."""
    return one == other or (other is not None and read(one) == read(other))


def instant_of(kept: Mapping[str, Any], kind: str) -> datetime | None:
    """Give the moment of the first part of a kind that has one."""
    for part in kept.get("parts", ()):
        if isinstance(part, dict):
            if part["kind"] == kind:
                return datetime.fromisoformat(part["params"]["at"])
        elif part[0] == kind:
            return datetime.fromisoformat(part[3][0])
    return None


def _named(part: Mapping[str, Any]) -> Part:
    skipped = tuple(
        Skipped(date.fromisoformat(day["date"]), day["name"], _date(day.get("until")))
        for day in part["skipped"]
    )
    day = date.fromisoformat(part["date"])
    return Part(part["kind"], part["label"], day, part["params"], skipped)


def _listed(
    kind: str, label: str, on: str, params: Sequence[Any] = (), skipped: Sequence[Any] = ()
) -> Part:
    names = _STORED.get(kind, _OF_MEETING if params else ())
    never_absent = {
        name: list(value) if value == () else value
        for name, value in _NEVER_ABSENT.items()
        if name in names
    }
    given = {name: each for name, each in zip(names, params, strict=False) if each is not None}
    days = tuple(
        Skipped(date.fromisoformat(day), name, _date(until[0] if until else None))
        for day, name, *until in skipped
    )
    return Part(kind, label, date.fromisoformat(on), never_absent | given, days)


def _trimmed(*values: Any) -> list[Any]:
    """List values without what is nothing at the end."""
    kept = list(values)
    while kept and (kept[-1] is None or kept[-1] is False or kept[-1] == []):
        kept.pop()
    return kept


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _skipped(day: Skipped) -> dict[str, str]:
    written = {"date": day.on.isoformat(), "name": day.name}
    return written | ({"until": day.until.isoformat()} if day.until else {})
