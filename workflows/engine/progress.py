"""What goes into the engine and what comes out: commands, facts and progress, all frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Facts:
    """What expressions may see besides the case's own data; loaded before the run, never during."""

    today: date | None = None
    unit: Mapping[str, Any] = field(default_factory=dict)
    year: int | None = None
    case: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    is_called: bool = False  # by another case, which hears of what nobody here catches


# --- commands -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Complete:
    """A person has done an open step; the answers become case data."""

    step_id: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fire:
    """The moment a timer wait stood for has come."""

    wait_id: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message or signal from outside reaches an open wait; the payload becomes case data."""

    wait_id: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A service action was carried out; what it gave becomes case data."""

    action_id: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """A service action could not be carried out: its error boundary takes it, or an incident."""

    action_id: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Escalate:
    """A case of its own tells the one that called it of something, and goes on."""

    call_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Try the step of an incident again, with some data corrected or not."""

    incident_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave a step, wait, action or incident behind as if it were done."""

    id: str


@dataclass(frozen=True, slots=True)
class MoveTo:
    """Close what is open at `id` and open `element` of its scope instead; data may come along."""

    id: str
    element: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correct:
    """Put right what the case knows; conditional events look again."""

    data: Mapping[str, Any] = field(default_factory=dict)


Command = Complete | Fire | Deliver | Done | Failed | Escalate | Retry | Skip | MoveTo | Correct


# --- what comes out -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One opening of an activity for people; `item` is its row in a multi-instance step.

    The element of a called process is named `process/element`, as it is in the description.
    """

    id: str
    element: str
    item: Any = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Something the case waits for; the rule of a timer is text that we never read as a time."""

    id: str
    element: str
    kind: Literal["timer", "message", "signal", "condition"]
    rule: str = ""  # timer: a deadline rule or ISO text; message and signal: its name
    form: str = ""  # timer: date, duration or cycle (the interval of one pass)
    key: str | None = None  # message: the correlation key
    missed: str = "once"
    item: Any = None


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal that nothing inside the case took; of a called case an escalation too."""

    kind: Literal["message", "signal", "escalation"]
    name: str
    element: str
    key: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A service action to carry out now; answer with Done or Failed."""

    id: str
    element: str
    name: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A process to run in a case of its own; answer with Done, Failed or Escalate."""

    id: str
    element: str
    process: str
    version: Literal["latest", "pinned"]
    of: str
    data: Mapping[str, Any]
    item: Any = None


@dataclass(frozen=True, slots=True)
class Incident:
    """A step that could not be taken; the case stands before it until somebody mends it."""

    id: str
    element: str
    code: str
    cause: str
    keys: tuple[str, ...] = ()  # the names, never the values, of the data it looked at


@dataclass(frozen=True, slots=True)
class Progress:
    """The state to store and everything that opened and closed on the way there."""

    state: bytes
    data: Mapping[str, Any]
    opened: tuple[Step, ...] = ()
    closed: tuple[str, ...] = ()
    waits_opened: tuple[Wait, ...] = ()
    waits_closed: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    calls: tuple[Call, ...] = ()
    thrown: tuple[Thrown, ...] = ()
    incidents_opened: tuple[Incident, ...] = ()
    incidents_closed: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()  # elements entered, in order
    finished: bool = False
    error: str | None = None  # what a called case ended with, for whoever called it
