"""What a diagram says to people: names, lanes, steps, deadlines, messages, in reading order."""

from dataclasses import dataclass, field

Words = dict[str, str]  # language -> text


@dataclass(frozen=True, slots=True)
class Lane:
    """Who does the steps of a lane, and in which unit."""

    id: str
    names: Words
    roles: tuple[str, ...]
    of: str


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline rule and the expression that says when it counts; None always does."""

    rule: str
    when: str | None = None


@dataclass(frozen=True, slots=True)
class StepInfo:
    """What a step asks of whom, by when."""

    element: str
    names: Words
    lane: str | None = None
    roles: tuple[str, ...] = ()
    of: str = "unit"
    kind: str = "form"
    form: str | None = None
    due: tuple[Due, ...] = ()
    policy: str | None = None
    legal: bool = False
    not_by: tuple[str, ...] = ()
    carry: str | None = None
    assignee: str | None = None
    documentation: Words = field(default_factory=dict)
    many: bool = False  # a multi-instance step: `item` may stand wherever `case` may


@dataclass(frozen=True, slots=True)
class Called:
    """A service action a diagram asks for, and the names of what it gives it."""

    element: str
    name: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One element in the text twin of a diagram."""

    element: str
    kind: str
    names: Words
    depth: int
    lane: str | None
    flows: tuple[tuple[str, str | None, Words], ...]  # where it goes, on what condition, its label
    attached_to: str | None = None  # whose edge it sits on


@dataclass(frozen=True, slots=True)
class Description:
    """A process as the interface shows it and the year rests on it."""

    process: str
    names: Words
    key: str
    owner: str | None = None
    basis: str | None = None
    basis_text: str | None = None
    starts: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    condition: str | None = None
    missed: str = "once"  # what becomes of a start whose time passed while no clock ran
    secrecy: str = "internal"
    policy: str = "std"
    colour: str | None = None
    longer_time: str | None = None  # the role that gives it, and in which unit; else the director
    switched_off: bool = False  # it is shipped, but runs only where somebody switches it on
    documentation: Words = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    steps: dict[str, StepInfo] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    messages: tuple[str, ...] = ()
    begins_on: tuple[tuple[str, str], ...] = ()  # the messages and signals that start a case
    calls: tuple[str, ...] = ()  # the keys of the processes it calls in cases of their own
    prefix: str = ""  # how its case keys begin: RSA in RSA-FARSTA-2027-1
    actions: tuple[Called, ...] = ()
    needs: tuple[str, ...] = ()  # names of facts its expressions ask for, as `register("risk")`

    def outline(self) -> tuple[Part, ...]:
        """The elements in reading order, the text twin of the picture."""
        return self.parts

    def names_of(self, element: str) -> Words:
        """What an element is called, in each language."""
        return next((part.names for part in self.parts if part.element == element), {})
