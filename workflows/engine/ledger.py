"""What a case waits for, and what opened and closed while one command ran."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol

from SpiffWorkflow.util.task import TaskState

from workflows.engine.plan import Plan
from workflows.engine.problems import Failure
from workflows.engine.progress import Action, Call, Incident, Step, Thrown, Wait
from workflows.engine.rule_tables import Tables


class Blueprint(Protocol):
    """The specifications of a version, and quick answers about them."""

    plan: Plan
    specs: dict[str, Any]
    script_engine: Any

    @property
    def decisions(self) -> dict[str, Tables]:
        """The rule tables of the version."""

    def of(self, node_id: str) -> Any:
        """The spec of an element."""

    def ways_in(self, node_id: str) -> Counter[str]:
        """Where tokens may come from, by element, and how many each way gives at once."""

    def upstream(self, node_id: str, sources: frozenset[str]) -> frozenset[str]:
        """The elements a token could come from to one of `sources` without passing the node."""


@dataclass(slots=True)
class Waiting:
    """An event that somebody outside may bring."""

    id: int
    node: str
    frame: int  # the scope it belongs to, by the place that opened it
    place: int | None = None  # whose boundary or gateway it is; None for an event sub-process
    left: int | None = None  # passes left of a cycle
    key: str | None = None  # of a message; of a condition: that it held when last looked at


class Ledger:
    """Everything a command came to, so far; what opened and closed within it never was."""

    blueprint: Blueprint
    waits: dict[int, Waiting]
    waits_of: dict[int, list[int]]  # by the place they belong to

    def turn_page(self) -> None:
        """Begin anew: nothing has opened or closed."""
        self.opened: dict[int, Step] = {}
        self.waits_opened: dict[int, Wait] = {}
        self.actions: dict[int, Action] = {}
        self.calls: dict[int, Call] = {}
        self.incidents_opened: dict[int, Incident] = {}
        self.closed: list[str] = []
        self.waits_closed: list[str] = []
        self.incidents_closed: list[str] = []
        self.thrown: list[Thrown] = []
        self.passed: list[str] = []
        self.error: str | None = None

    def close(self, place: Any) -> None:
        """Close the step, action, incident and waits of a place that moves on."""
        number = place.id
        state = place._state
        if state == TaskState.ERROR:
            known = place.internal_data.pop("incident", None) is not None
            if known and self.incidents_opened.pop(number, None) is None:
                self.incidents_closed.append(str(number))
        elif place.task_spec.manual and state == TaskState.READY:
            if self.opened.pop(number, None) is None:
                self.closed.append(str(number))
        elif "action" in place.internal_data:
            del place.internal_data["action"]
            if self.actions.pop(number, None) is None and self.calls.pop(number, None) is None:
                self.closed.append(str(number))
        for wait in self.waits_of.pop(number, ()):
            self.close_wait(wait)

    def close_wait(self, number: int) -> None:
        """Stop listening for one event."""
        closed = self.waits.pop(number, None)
        if closed is None or self.waits_opened.pop(number, None) is not None:
            return
        event = self.blueprint.plan.nodes[closed.node].event
        if event is not None and event.kind != "condition":  # nobody outside knows of those
            self.waits_closed.append(str(number))

    def report(self, place: Any, failure: Failure) -> None:
        """Leave a place before the step that failed, for somebody to see."""
        if place.task_spec.manual and place._state == TaskState.READY:
            self.closed.append(str(place.id))
            self.opened.pop(place.id, None)
        if place.internal_data.pop("action", None) is not None:
            self.actions.pop(place.id, None)
            self.calls.pop(place.id, None)
        place.internal_data["incident"] = [failure.code, failure.cause, list(failure.keys)]
        place._set_state(TaskState.ERROR)
        self.incidents_opened[place.id] = Incident(
            str(place.id), place.node.id, failure.code, failure.cause, failure.keys
        )
