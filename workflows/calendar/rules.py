"""The deadline language as values: what a rule is, how it is written, what it names.

    rule := term { ("+" | "-") span } [ "at" HH:MM ] | ("min" | "max") "(" rule { "," rule } ")"
    term := MILESTONE [ "[" ("+" | "-") INT "]" ]     T1, and VP[-1]: last year's
          | PART "(" rule ")"                         meeting, next_meeting, draft_stop, chair_prep,
                                                      union_coop, documents
          | "date" "(" MM-DD ")" | ("case" | "item") "." NAME | "opened" | nothing, which is opened
    span := (INT | ("case" | "item") "." NAME) ("d" | "wd" | "w" | "m" | "h")

`T1 - 10wd`, `+5wd` (after the step opened), `case.exercise_day + 30wd`, `draft_stop(T2)`,
`max(T1_END + 1wd, T1 - 18wd)`, `date(06-30) at 12:00`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from functools import cached_property
from typing import Literal

SpanUnit = Literal["d", "wd", "w", "m", "h"]
UNITS: tuple[SpanUnit, ...] = ("d", "wd", "w", "m", "h")
MEETING_TERMS = (
    "meeting",
    "next_meeting",
    "draft_stop",
    "chair_prep",
    "union_coop",
    "documents",
)
OWNERS = ("case", "item")


class Written:
    """Something that is written in one way only; the text is made once, a rule is used often."""

    @cached_property
    def text(self) -> str:
        raise NotImplementedError

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Field(Written):
    """A value of the case, or of the row a multi-instance step stands on."""

    owner: str
    name: str
    position: int = field(default=0, compare=False)

    @cached_property
    def text(self) -> str:
        return f"{self.owner}.{self.name}"


@dataclass(frozen=True)
class AtMilestone(Written):
    """A milestone of the case's year, or of `offset` years away."""

    code: str
    offset: int = 0
    position: int = field(default=0, compare=False)

    @cached_property
    def text(self) -> str:
        return f"{self.code}[{self.offset:+d}]" if self.offset else self.code


@dataclass(frozen=True)
class AtMeeting(Written):
    """A date of the meeting on or before (or, `next_meeting`, on or after) another date."""

    part: str
    of: "Rule"

    @cached_property
    def text(self) -> str:
        return f"{self.part}({self.of})"


@dataclass(frozen=True)
class DayOfYear(Written):
    """A date of the case's year; 29 February of a common year is the 28th."""

    month: int
    day: int

    @cached_property
    def text(self) -> str:
        return f"date({self.month:02d}-{self.day:02d})"


@dataclass(frozen=True)
class Opened(Written):
    """When the step opened."""

    @cached_property
    def text(self) -> str:
        return "opened"


@dataclass(frozen=True)
class Span(Written):
    """So many days, working days, weeks, months or hours, forward (sign 1) or back (-1)."""

    sign: int
    count: int | Field
    unit: SpanUnit

    @cached_property
    def text(self) -> str:
        gap = " " if isinstance(self.count, Field) else ""
        return f"{'+' if self.sign > 0 else '-'} {self.count}{gap}{self.unit}"


Term = AtMilestone | AtMeeting | DayOfYear | Field | Opened


@dataclass(frozen=True)
class Sum(Written):
    """A term, the spans added to it from left to right, and perhaps a time of day."""

    term: Term
    spans: tuple[Span, ...] = ()
    at: time | None = None

    @cached_property
    def text(self) -> str:
        spans = " ".join(str(span) for span in self.spans)
        if isinstance(self.term, Opened) and spans:
            text = spans[0] + spans[2:]  # "+5wd", as people write it
        else:
            text = f"{self.term} {spans}".rstrip()
        return f"{text} at {self.at:%H:%M}" if self.at else text


@dataclass(frozen=True)
class Choice(Written):
    """The earliest or the latest of several rules."""

    pick: Literal["min", "max"]
    of: tuple["Rule", ...]

    @cached_property
    def text(self) -> str:
        return f"{self.pick}({', '.join(str(rule) for rule in self.of)})"


Rule = Sum | Choice


@dataclass(frozen=True, slots=True)
class Names:
    """What a rule must be told before it can give a date, each once and in the order written."""

    milestones: tuple[AtMilestone, ...]
    fields: tuple[Field, ...]
    opened: bool
    meetings: bool


def names(rule: Rule) -> Names:
    """List what `rule` names."""
    found = list(_named(rule))
    return Names(
        milestones=tuple(dict.fromkeys(one for one in found if isinstance(one, AtMilestone))),
        fields=tuple(dict.fromkeys(one for one in found if isinstance(one, Field))),
        opened=any(isinstance(one, Opened) for one in found),
        meetings=any(isinstance(one, AtMeeting) for one in found),
    )


def _named(rule: Rule) -> Iterator[Term]:
    if isinstance(rule, Choice):
        for alternative in rule.of:
            yield from _named(alternative)
        return
    yield rule.term
    if isinstance(rule.term, AtMeeting):
        yield from _named(rule.term.of)
    for span in rule.spans:
        if isinstance(span.count, Field):
            yield span.count
