"""Where ways part and meet: parallel, inclusive, complex and event-based gateways.

Stock joins look for their inputs through the whole tree, merge branches that never differed and
mistake one round of a loop for another. These ask the places that wait at the same element.
"""

from collections import Counter
from collections.abc import Iterable

from SpiffWorkflow.bpmn.specs.defaults import (
    EventBasedGateway,
    InclusiveGateway,
    ParallelGateway,
)
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from workflows.engine.evaluating import truth
from workflows.engine.listening import listen
from workflows.engine.plan import Node
from workflows.engine.problems import Failure
from workflows.engine.specs import Element
from workflows.engine.spiff import Case, Live, Place


class Join(Element):
    """A gateway that may have to wait for several tokens."""

    def work(self, _my_task: Place) -> bool:
        return True

    def _update_hook(self, my_task: Place) -> bool:
        if len(self.node.incoming) < 2:
            return True
        my_task._set_state(TaskState.WAITING)
        my_task.case.join(my_task)
        if not self.joins(my_task):
            return False
        my_task.case.unjoin(my_task)  # it goes on: the next round finds the join empty
        return True

    def joins(self, my_task: Place) -> bool:
        """Whether the token that has just come may go on, with those it was waiting for."""
        raise NotImplementedError


class Parallel(Join, ParallelGateway):
    """Waits for a token on every way in, then takes every way out."""

    def joins(self, my_task: Place) -> bool:
        """One token for each way in; the last to come goes on for all."""
        waiting = standing(my_task)
        ways = Counter(place.via for place in waiting)
        needed = my_task.case.blueprint.ways_in(self.node.id)
        if any(ways[via] < count for via, count in needed.items()):
            return False
        for via, count in needed.items():
            mine = [p for p in waiting if p.via == via and p is not my_task]
            for place in mine[: count - (via == my_task.via)]:
                place.cancel()
        return True

    def choose(self, my_task: Place) -> None:
        """All ways."""
        my_task.ways = list(self.node.outgoing)


class Inclusive(Join, InclusiveGateway):
    """Waits for whoever may still come (see `settle_joins`), then takes every way that holds."""

    def joins(self, my_task: Place) -> bool:
        """Decided when everything else rests."""
        return False


class Complex(Join, InclusiveGateway):
    """Goes on when its activation condition holds; latecomers are swallowed until the reset."""

    def joins(self, my_task: Place) -> bool:
        """Whether the condition holds with those who stand here."""
        waiting = standing(my_task)
        first = first_of_each(p for p in waiting if p._state == TaskState.WAITING)
        if any(p._state == TaskState.STARTED for p in waiting):
            return False
        if not truth(my_task, self.node.script or "False", {"activationCount": len(first)}):
            return False
        marker = my_task.workflow.task_tree._add_child(self, TaskState.STARTED)
        marker.internal_data["taken"] = sorted(first)
        my_task.case.join(marker)
        for place in first.values():
            if place is not my_task:
                place.cancel()
        return True


class Events(Element, EventBasedGateway):
    """Listens for every event that follows; the first to come decides the way."""

    def connect(self, taskspec: object) -> None:
        """As any element: stock would empty the events that follow."""
        TaskSpec.connect(self, taskspec)

    def _update_hook(self, my_task: Place) -> bool:
        my_task._set_state(TaskState.WAITING)
        nodes = my_task.case.blueprint.plan.nodes
        for flow in self.node.outgoing:
            listen(my_task.case, nodes[flow.target], my_task.workflow, my_task)
        return False


def standing(place: Place) -> list[Place]:
    """The places that stand at the same join of the same scope, in the order they came."""
    found = list(place.case.joining.get(place.joint, {}).values())
    place.case.spent += len(found)  # a join that only fills up must not hang
    return found


def first_of_each(places: Iterable[Place]) -> dict[str, Place]:
    """The first to have come by each way."""
    found: dict[str, Place] = {}
    for place in places:
        found.setdefault(place.via or "", place)
    return found


# --- when everything rests ------------------------------------------------------------------


def settle_joins(case: Case) -> bool:
    """Fire the inclusive joins that nobody else can reach, reset the complex ones.

    The standard's rule: a join may fire when every other token of its scope that could still
    reach one of its empty ways in could also reach one that is already taken.
    """
    moved = False
    for joint in list(case.joining):
        places = list(case.joining.get(joint, {}).values())
        if places and isinstance(places[0].task_spec, Inclusive | Complex):
            moved = _settle(places) or moved
    return moved


def _settle(places: list[Place]) -> bool:
    live, node = places[0].workflow, places[0].node
    marker = next((p for p in places if p._state == TaskState.STARTED), None)
    first = first_of_each(p for p in places if p._state == TaskState.WAITING)
    if node.kind == "inclusive":
        if not first or _somebody_may_come(live, node, set(first)):
            return False
        last = list(first.values())[-1]
        for place in first.values():
            if place is not last:
                place.cancel()
        live.case.unjoin(last)
        last._ready()
        return True
    if marker is None or _somebody_may_come(
        live, node, set(first) | set(marker.internal_data["taken"])
    ):
        return False
    for place in (*first.values(), marker):
        place.cancel()
    live.check_end()
    return True


def settle_stuck(case: Case) -> None:
    """A scope where every token stands at a join will never move again: say so."""
    stood: Counter[int] = Counter()
    first: dict[int, Place] = {}
    for (key, _), places in case.joining.items():
        stood[key] += sum(p._state == TaskState.WAITING for p in places.values())
        first.setdefault(key, next(iter(places.values()), case.task_tree))
    for key, count in stood.items():
        live = case.subprocesses.get(key, case)
        if count and count == len(live.open_places):
            case.report(first[key], Failure("join_never_fires"))


def _somebody_may_come(live: Live, node: Node, taken: set[str]) -> bool:
    blueprint = live.case.blueprint
    sources = set(blueprint.ways_in(node.id))
    empty = blueprint.upstream(node.id, frozenset(sources - taken))
    full = blueprint.upstream(node.id, frozenset(taken))
    places = {p.node.id for p in live.open_places if p.node is not node and p.many is None}
    return any(place in empty and place not in full for place in places)
