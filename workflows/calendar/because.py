"""Why a date is what it is: the derivation in parts, stored with the date, worded when read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from workflows.calendar.workdays import Skipped


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


def plain(why: Because | Unresolved) -> dict[str, Any]:
    """Write a because (or what stands in its place) as what JSON can hold."""
    if isinstance(why, Unresolved):
        return {
            "rule": why.rule,
            "unresolved": why.reason.value,
            "params": dict(why.params),
        }
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


def read(stored: Mapping[str, Any]) -> Because | Unresolved:
    """Read what `plain` wrote."""
    if "unresolved" in stored:
        return Unresolved(Reason(stored["unresolved"]), stored["rule"], stored["params"])
    return Because(
        stored["rule"],
        stored["zone"],
        tuple(
            Part(
                part["kind"],
                part["label"],
                date.fromisoformat(part["date"]),
                part["params"],
                tuple(_read_skipped(day) for day in part["skipped"]),
            )
            for part in stored["parts"]
        ),
    )


def _skipped(day: Skipped) -> dict[str, str]:
    written = {"date": day.on.isoformat(), "name": day.name}
    return written | ({"until": day.until.isoformat()} if day.until else {})


def _read_skipped(day: Mapping[str, str]) -> Skipped:
    until = day.get("until")
    return Skipped(
        date.fromisoformat(day["date"]), day["name"], date.fromisoformat(until) if until else None
    )
