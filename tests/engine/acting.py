"""A case in a test: commands in, what is open out; always by way of the stored bytes."""

from collections.abc import Callable, Mapping
from typing import Any

from workflows.engine import (
    Command,
    Compiled,
    Complete,
    Deliver,
    Facts,
    Fire,
    Incident,
    Progress,
    Wait,
    advance,
    begin,
    compile_diagram,
)


class Acting:
    """What a person, a clock and a post office would see of one case."""

    def __init__(
        self,
        source: bytes | Compiled,
        data: Mapping[str, Any] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.facts = Facts(functions=functions or {})
        self.compiled = (
            source
            if isinstance(source, Compiled)
            else compile_diagram(source, functions=set(self.facts.functions))
        )
        self.steps: dict[str, str] = {}  # id -> element
        self.items: dict[str, Any] = {}
        self.waits: dict[str, Wait] = {}
        self.incidents: dict[str, Incident] = {}
        self.passed: list[str] = []
        self.take(begin(self.compiled, data or {}, self.facts))

    def take(self, progress: Progress) -> Progress:
        """Let everything that opened and closed be known."""
        self.progress = progress
        for key in progress.closed:
            self.steps.pop(key, None)
        for key in progress.waits_closed:
            del self.waits[key]
        for key in progress.incidents_closed:
            del self.incidents[key]
        self.steps |= {step.id: step.element for step in progress.opened}
        self.items |= {step.id: step.item for step in progress.opened}
        self.waits |= {wait.id: wait for wait in progress.waits_opened}
        self.incidents |= {incident.id: incident for incident in progress.incidents_opened}
        self.passed += progress.passed
        return progress

    def do(self, command: Command) -> Progress:
        """Give a command."""
        return self.take(advance(self.compiled, self.progress.state, command, self.facts))

    def complete(self, element: str, **answers: Any) -> Progress:
        """Complete the first open step of an element."""
        return self.do(Complete(self.step(element), answers))

    def fire(self, element: str) -> Progress:
        """Fire the timer of an element."""
        return self.do(Fire(self.wait(element)))

    def deliver(self, element: str, **payload: Any) -> Progress:
        """Deliver what an element waits for."""
        return self.do(Deliver(self.wait(element), payload))

    def step(self, element: str) -> str:
        """The id of an open step."""
        return next(key for key, found in self.steps.items() if found == element)

    def wait(self, element: str) -> str:
        """The id of an open wait."""
        return next(key for key, wait in self.waits.items() if wait.element == element)

    @property
    def open(self) -> list[str]:
        """The elements with open steps, in order."""
        return sorted(self.steps.values())

    @property
    def finished(self) -> bool:
        """Whether the case has ended."""
        return self.progress.finished

    @property
    def data(self) -> Mapping[str, Any]:
        """What the case knows."""
        return self.progress.data

    @property
    def stopped(self) -> list[tuple[str, str]]:
        """The incidents, by element and code."""
        return sorted((found.element, found.code) for found in self.incidents.values())
