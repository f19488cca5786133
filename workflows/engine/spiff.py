"""SpiffWorkflow's workflow, sub-workflow and task, made fit for cases that run for years.

The classes are SpiffWorkflow's, and so is the machinery that runs them: task states, `run`,
`complete`, the hooks of the specs. Three things differ, each at the one place that decides it:

- A task's state is set in one place, and that place keeps a live index: what is ready to run
  stands in a queue and is never searched for in the tree.
- Nothing is predicted, and a finished task is folded away, its children handed to the root: the
  tree holds what is open and nothing that is history, so state and time stay flat.
- Data belongs to the case, not to a branch, and is copied at the edge: nothing nested is shared.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnBaseWorkflow, BpmnSubWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.ledger import Blueprint, Ledger
from workflows.engine.plan import Flow, Node
from workflows.engine.problems import Failure
from workflows.engine.progress import Facts, Step
from workflows.errors import Invalid

BUDGET = 500_000  # work units in one run: a second of machine time, far above any real process
STEP = 10
SCRIPT = 300


class Place(Task):
    """A task while it is open: one place where the case stands."""

    def __init__(
        self,
        workflow: "Live",
        task_spec: Any,
        parent: "Place | None" = None,
        state: int = TaskState.FUTURE,
        number: int = 0,
    ) -> None:
        case = workflow.case
        super().__init__(workflow, task_spec, parent, state, number or case.number())
        self.many: Place | None = None  # the loop this is one round of
        self.via: str | None = None  # the element it came from
        self.ways: list[Flow] = []  # where it goes on
        case.places[self.id] = self

    @property
    def data(self) -> dict[str, Any]:
        """The case's own, whatever stock would have copied here."""
        return self.case.known

    @data.setter
    def data(self, _values: dict[str, Any]) -> None:
        """Never a copy for one branch."""

    @property
    def node(self) -> Node:
        """The element of the diagram it stands on."""
        node: Node = self.task_spec.node
        return node

    @property
    def joint(self) -> tuple[int, str]:
        """The join it stands at, if it is one: which scope's, which element."""
        return self.workflow.key, self.task_spec.name

    @property
    def case(self) -> "Case":
        """The case it belongs to."""
        case: Case = self.workflow.case
        return case

    @property
    def outer(self) -> "Place":
        """What its boundary events are attached to: the loop of a round, else itself."""
        return self.many or self

    @property
    def local(self) -> dict[str, Any] | None:
        """What only this round of a loop knows."""
        found: dict[str, Any] | None = self.internal_data.get("local")
        return found

    def around(self) -> "Iterator[Place]":
        """This place and those whose sub-workflows it lies in, innermost first."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.workflow.owner

    @property
    def item(self) -> Any:
        """The row that the innermost loop around it goes through, if any."""
        local = (place.local for place in self.around())
        return next((one["item"] for one in local if one and "item" in one), None)

    def run(self) -> bool | None:
        """Run the task; what goes wrong stays here, for an error event or for people."""
        try:
            result: bool | None = super().run()
        except Failure as failure:
            self.task_spec.failed(self, failure)
        except Invalid as invalid:  # what came of it is nothing one can store
            self.task_spec.failed(self, Failure(invalid.code, self.node.id))
        except SpiffWorkflowException:
            self.task_spec.failed(self, Failure("no_way_out"))
        else:
            return result
        return False

    def finish(self) -> None:
        """Complete a task that waited or whose work was done elsewhere."""
        try:
            self.task_spec.choose(self)
        except Failure as failure:
            self.internal_data["done"] = True  # a retry asks for the way only, not for the work
            self.case.report(self, failure)
        else:
            self.case.close(self)
            self.complete()

    def cancel(self) -> None:
        """Take the place away, with everything that runs on its behalf."""
        case = self.case
        if self.id not in case.places:
            return
        self.cancel_rounds()
        inner = case.subprocesses.pop(self.id, None)
        if inner is not None:
            inner.clear()
        case.close(self)
        self._set_state(TaskState.CANCELLED)
        self.workflow._remove_task(self.id)

    def cancel_rounds(self) -> None:
        """Take away the rounds of a loop that are under way."""
        for child in self.children:
            child.cancel()
        self.case.forget(self.id)

    def _add_child(self, task_spec: Any, state: int = TaskState.FUTURE) -> "Place":
        return Place(self.workflow, task_spec, self, state)

    def _inherit_data(self) -> None:
        """Data is the case's own."""

    def _set_state(self, value: int) -> None:
        self._state = value
        if value == TaskState.READY:
            self.case.ready(self)


class Live(BpmnBaseWorkflow):
    """What the case and its sub-workflows have in common: a root that holds what is open."""

    case: "Case"
    key: int  # the place whose activity this is the inside of; 0 for the case itself
    completed: bool

    def plant(self) -> None:
        """Begin with a root that is done."""
        self.task_tree = Place(self, self.spec.start, None, TaskState.COMPLETED, -self.key - 1)

    @property
    def owner(self) -> Place | None:
        """The place whose activity this is the inside of."""
        return self.case.places.get(self.key)

    @property
    def open_places(self) -> list[Place]:
        """Everything open here."""
        return [place for place in self.tasks.values() if place is not self.task_tree]

    def enter(self, node_id: str, via: str | None = None) -> None:
        """Send a token to a node of this scope."""
        spec = self.case.blueprint.of(node_id)
        place = self.task_tree._add_child(spec, TaskState.FUTURE)
        place.via = via
        spec._update(place)

    def fold(self, task: Place) -> list[Place]:
        """Take a finished task out of the tree; the tasks that follow it hang on the root."""
        following: list[Place] = [self.tasks[child] for child in task._children]
        root = self.task_tree
        for child in following:
            child._parent = root.id
            child.via = task.node.id
        root._children.extend(task._children)
        self._remove_task(task.id)
        return following

    def clear(self) -> None:
        """Take away everything that is open here, and what is waited for."""
        for place in self.open_places:
            place.cancel()
        for waiting in [w for w in self.case.waits.values() if w.frame == self.key]:
            self.case.close_wait(waiting.id)

    def check_end(self) -> None:
        """The scope is done with its last token, and with it the activity around it."""
        if self.task_tree._children or self.completed:
            return
        self.completed = True
        self.clear()
        owner = self.owner
        self.case.subprocesses.pop(self.key, None)
        if owner is not None:
            owner.finish()

    def get_task_from_id(self, task_id: int) -> Place | None:
        """A place by its number, in whichever workflow it lies."""
        return self.case.places.get(task_id)

    def _task_completed_notify(self, _task: Place) -> None:
        self.check_end()

    def _remove_task(self, task_id: int) -> None:
        task = self.tasks.pop(task_id)
        (self.task_tree if task.many is None else task.many)._children.remove(task_id)
        del self.case.places[task_id]
        if self.case.joining:
            self.case.unjoin(task)


@dataclass(slots=True)
class Asleep:
    """The rounds of a loop that wait for people, perhaps a thousand: kept as they are stored."""

    live: Live
    name: str  # of their spec
    rounds: dict[str, str]  # number -> what it knows, as JSON


class Inner(Live, BpmnSubWorkflow):
    """One run of a sub-process or of a called process."""

    def __init__(self, spec: Any, owner: Place) -> None:
        self.case = owner.case
        self.key = owner.id
        super().__init__(spec, owner.id, owner.case, deserializing=True)
        self.plant()


class Case(Ledger, Live, BpmnWorkflow):
    """A case on the move; the rules of each kind of element lie in its specs."""

    def __init__(
        self, blueprint: Blueprint, known: dict[str, Any], facts: Facts, following: int = 1
    ) -> None:
        self.case = self
        self.key = 0
        self.blueprint = blueprint
        self.known = known
        self.stored = b""  # `known`, as it was last written
        self.following = following
        self.places: dict[int, Place] = {}
        self.joining: dict[tuple[int, str], dict[int, Place]] = {}  # by scope and element
        self.asleep: dict[int, Asleep] = {}  # by the loop they belong to
        self.waits = {}
        self.waits_of = {}
        self.take_up(facts)
        super().__init__(
            blueprint.specs[blueprint.plan.main],
            blueprint.specs,
            script_engine=blueprint.script_engine,
            deserializing=True,
        )
        self.plant()

    def join(self, place: Place) -> None:
        """Remember who stands at a join."""
        self.joining.setdefault(place.joint, {})[place.id] = place

    def unjoin(self, place: Place) -> None:
        """It stands there no more."""
        standing = self.joining.get(place.joint)
        if standing is not None:
            standing.pop(place.id, None)
            if not standing:
                del self.joining[place.joint]

    def forget(self, loop: int) -> None:
        """Let go of the sleeping rounds of a loop."""
        asleep = self.asleep.pop(loop, None)
        if asleep is not None:
            self.closed.extend(asleep.rounds)

    def number(self) -> int:
        """A new number, never used before in this case."""
        self.following += 1
        return self.following - 1

    def take_up(self, facts: Facts) -> None:
        """Make ready for one command: nothing has moved yet."""
        self.facts = facts
        self.spent = 0
        self.queue: deque[Place] = deque()
        self.late: deque[Place] = deque()
        self.turn_page()

    def create_subprocess(self, my_task: Place, spec_name: str) -> Inner:
        """Begin a run of a scope."""
        inner = self.subprocesses[my_task.id] = Inner(self.subprocess_specs[spec_name], my_task)
        return inner

    # --- moving -----------------------------------------------------------------------------

    def ready(self, place: Place) -> None:
        """A task may run: people's steps open, the rest stands in line.

        Throws stand in a line of their own until every other branch has come to rest: who listens
        is never a race.
        """
        if place.task_spec.manual:
            self.opened[place.id] = Step(str(place.id), place.node.id, place.item)
        elif place.node.throws:
            self.late.append(place)
        else:
            self.queue.append(place)

    def go(self) -> None:
        """Run until nothing is ready; past the budget what still moves becomes an incident."""
        while self.queue or self.late:
            place = self.queue.popleft() if self.queue else self.late.popleft()
            if place._state != TaskState.READY:
                continue
            self.spent += STEP
            if self.spent > BUDGET:
                self.report(place, Failure("budget"))
            else:
                place.run()

    def report(self, place: Place, failure: Failure) -> None:
        """Leave a place before the step that failed, for somebody to see."""
        self.unjoin(place)
        super().report(place, failure)
