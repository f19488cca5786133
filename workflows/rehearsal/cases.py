"""The cases of a rehearsed year, as they go and as they went."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows import forms
from workflows.calendar.because import Unresolved
from workflows.calendar.deadlines import Deadline
from workflows.engine.simulating import Simulated
from workflows.processes.models import Secrecy
from workflows.rehearsal.city import Body, Played


@dataclass(frozen=True, slots=True)
class Asked:
    """A form at its turn: what it knows, and what is answered there, as usual or by hand."""

    form: forms.Form
    facts: forms.Facts
    raw: forms.Raw
    is_usual: bool


@dataclass(eq=False)
class Case:
    """One case under way; `by` says who started it: the calendar, a person, a message, a case."""

    process: Played
    body: Body
    year: int
    occasion: str
    by: str
    key: str
    began_at: datetime
    caller: tuple["Case", str] | None = None
    run: Simulated = field(init=False)
    dates: dict[str, Deadline | Unresolved | None] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)  # step id -> why nobody can answer
    turns: dict[str, int] = field(default_factory=dict)  # step id -> which time its element opened
    asked: Asked | None = None  # of the turn that somebody wants to fill in
    wrote: dict[str, dict[tuple[str, ...], dict[str, Any]]] = field(default_factory=dict)  # by key
    is_called_off: bool = False

    @property
    def secrecy(self) -> Secrecy:
        return Secrecy(self.process.description.secrecy)


@dataclass(frozen=True, slots=True)
class Unstarted:
    """A start without a date."""

    process: str
    body: Body
    occasion: str
    why: Unresolved


@dataclass
class Year:
    """How a year went: its cases in the order they began, and what never came about."""

    year: int
    cases: list[Case] = field(default_factory=list)
    unstarted: list[Unstarted] = field(default_factory=list)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)  # process and message


@dataclass(frozen=True, slots=True)
class Message:
    name: str
    key: str
    payload: Mapping[str, Any]
    sender: Case
