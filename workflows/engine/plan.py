"""The compiled form of a diagram: frozen nodes and flows, stored as JSON with a compiler number."""

from dataclasses import dataclass, field

COMPILER = 1


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow, seen from the node it leaves."""

    id: str
    target: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What an event node waits for or throws."""

    kind: str  # none timer message signal error escalation condition cancel terminate
    name: str | None = None  # of the message or signal; the code of an error or escalation
    text: str | None = None  # the rule of a timer, the condition of a conditional event
    form: str = ""  # of a timer: date, duration, cycle
    missed: str = "once"
    correlation: str | None = None
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """How often an activity runs."""

    kind: str  # parallel, sequential or standard
    count: str | None = None
    over: str | None = None
    item: str | None = None
    into: str | None = None
    output: str | None = None
    until: str | None = None  # multi-instance: stop when true
    condition: str | None = None  # standard loop: go on while true
    test_before: bool = False
    maximum: int | None = None
    throws: Event | None = None  # what each instance throws when done, to the boundary
    throws_once: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One element a token can stand on."""

    id: str
    kind: str
    scope: str  # the process or sub-process it lies in
    incoming: tuple[str, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    default: str | None = None
    event: Event | None = None
    interrupting: bool = True
    boundaries: tuple[str, ...] = ()
    attached_to: str | None = None
    loop: Loop | None = None
    script: str | None = None
    action: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    decision: str | None = None
    each: str | None = None
    result: str | None = None
    called: str | None = None
    process: str | None = None  # the key of a process that is called in a case of its own
    version: str = "latest"  # of that process: latest, or pinned
    of: str = "unit"  # whose case it is
    transaction: bool = False

    @property
    def throws(self) -> bool:
        """Whether a token sends something out, or ends others, when it gets here."""
        return self.kind in ("throw", "send") or (
            self.kind == "end" and self.event is not None and self.event.kind != "none"
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """A process or sub-process: where its tokens begin and what can interrupt it."""

    starts: tuple[str, ...] = ()
    handlers: tuple[str, ...] = ()  # start events of its event sub-processes
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a case of this version can ever do; called processes lie beside the main one."""

    main: str
    nodes: dict[str, Node]
    scopes: dict[str, Scope]
    decisions: dict[str, str] = field(default_factory=dict)  # each with the text of its file
