"""SpiffWorkflow's task specs, corrected where they err: what a token does at each element.

The tree holds no predictions and no history (see `spiff`), so every spec here leaves `_predict`
empty, decides its ways out when it completes, and asks the live index where stock walks the tree.
"""

from typing import Any, Literal

from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    ExclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ReceiveTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    StartEvent,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.util.task import TaskState

from workflows.engine.deciding import ask_decision
from workflows.engine.evaluating import given, truth
from workflows.engine.events import boundary_error, throw
from workflows.engine.listening import begin_scope, listen
from workflows.engine.plan import Flow, Node
from workflows.engine.problems import Failure
from workflows.engine.progress import Action, Call
from workflows.engine.spiff import SCRIPT, Place

GATEWAYS = ("inclusive", "complex")
MAX_DEPTH = 60


class Element:
    """What all our specs have in common."""

    node: Node
    repeated = False  # one round of a loop: it has no ways out, its loop goes on

    def _predict(self, my_task: Place, *_args: Any, **_kwargs: Any) -> None:
        """Nothing is predicted."""

    def test(self) -> None:
        """Checked when the diagram was compiled."""

    def _update(self, my_task: Place) -> None:
        """A token gets here; what goes wrong on arrival stays here."""
        if not self.repeated:
            my_task.case.passed.append(self.node.id)
        try:
            if self._update_hook(my_task):
                my_task._ready()
        except Failure as failure:
            self.failed(my_task, failure)

    def _update_hook(self, _my_task: Place) -> bool:
        return True

    def _run_hook(self, my_task: Place) -> bool | None:
        """Do the work, then choose the ways out before anything is completed."""
        result: bool | None = self.work(my_task)
        if result:
            my_task.internal_data["done"] = True  # a retry asks for the way only, not for the work
            self.choose(my_task)
            my_task.case.close(my_task)
        return result

    def work(self, my_task: Place) -> bool | None:
        """What stock SpiffWorkflow does when the task runs."""
        result: bool | None = super()._run_hook(my_task)  # type: ignore[misc]
        return result

    def choose(self, my_task: Place) -> None:
        """Decide the ways out.

        :raises Failure: when there is none
        """
        if not self.repeated:
            my_task.ways = open_flows(self.node, my_task)

    def _on_complete_hook(self, my_task: Place) -> None:
        """Send a token along each way that was chosen."""
        if not self.repeated:
            of = my_task.case.blueprint.of
            for flow in my_task.ways:
                my_task._add_child(of(flow.target), TaskState.FUTURE)

    def _on_complete(self, my_task: Place) -> None:
        """Fold the task away, then let those that follow see whether they may run."""
        self._on_complete_hook(my_task)
        workflow, many = my_task.workflow, my_task.many
        for child in workflow.fold(my_task):
            if child.id in workflow.tasks:
                child.task_spec._update(child)
        if many is not None:
            many.task_spec.round_done(many, my_task)
        else:
            workflow._task_completed_notify(my_task)

    def failed(self, my_task: Place, failure: Failure) -> None:
        """An incident, for somebody to see."""
        my_task.case.report(my_task, failure)


def open_flows(node: Node, place: Place) -> list[Flow]:
    """Every way that is open, in the order drawn: what is plain, what holds, else the default.

    Plain flows out of an activity go beside its conditional ones, so the default asks only whether
    a condition held; at a gateway a plain flow is a condition that always holds.
    """
    if all(flow.condition is None for flow in node.outgoing) and node.default is None:
        return list(node.outgoing)
    plain = [f for f in node.outgoing if f.condition is None and f.id != node.default]
    held = [
        f
        for f in node.outgoing
        if f.condition is not None and f.id != node.default and truth(place, f.condition)
    ]
    if node.default is not None and not held and not (plain and node.kind in GATEWAYS):
        held = [f for f in node.outgoing if f.id == node.default]
    if not plain and not held:
        raise Failure("no_way_out")
    return [f for f in node.outgoing if f in plain or f in held]


# --- events and the exclusive gateway -------------------------------------------------------


class Start(Element, StartEvent):
    """A start event; whoever sent the token here has seen to its event."""

    def work(self, _my_task: Place) -> bool:
        return True


class Boundary(Element, BoundaryEvent):
    """A boundary event that has happened; waiting for it is a wait of its host."""

    def work(self, _my_task: Place) -> bool:
        return True


class Catch(Element, IntermediateCatchEvent):
    """Waits for its event."""

    def _update_hook(self, my_task: Place) -> bool:
        my_task._set_state(TaskState.WAITING)
        listen(my_task.case, self.node, my_task.workflow, my_task)
        return False

    def work(self, _my_task: Place) -> bool:
        return True


class Throw(Element, IntermediateThrowEvent):
    """Throws, and goes on if it is still there."""

    def work(self, my_task: Place) -> bool | None:
        return throw(my_task)


class End(Element, EndEvent):
    """Throws what it throws, and ends."""

    def work(self, my_task: Place) -> bool | None:
        return throw(my_task)


class Exclusive(Element, ExclusiveGateway):
    """Stock's choice; its default may be missing, and then no condition must fail."""

    def work(self, my_task: Place) -> bool | None:
        return super().work(my_task) if self.node.outgoing else True

    def choose(self, my_task: Place) -> None:
        """Stock has hung the chosen one on the task when it ran."""

    def _on_complete_hook(self, my_task: Place) -> None:
        """Nothing to add."""


# --- activities -----------------------------------------------------------------------------


class Activity(Element):
    """Listens at its boundary as long as it is open."""

    def _update_hook(self, my_task: Place) -> bool:
        if not self.repeated:
            nodes = my_task.case.blueprint.plan.nodes
            for boundary in self.node.boundaries:
                listen(my_task.case, nodes[boundary], my_task.workflow, my_task)
        return True

    def failed(self, my_task: Place, failure: Failure) -> None:
        """A failure goes to the error boundary drawn on the activity, else to people."""
        worked = my_task.internal_data.get("done", False)
        if worked or not boundary_error(my_task, failure.code, any_code=True):
            my_task.case.report(my_task, failure)


class Step(Activity, UserTask):
    """Something for people to do."""


class Script(Activity, ScriptTask):
    """A script, run by the engine's safe gate."""

    def work(self, my_task: Place) -> bool | None:
        my_task.case.spent += SCRIPT
        return super().work(my_task)


class Service(Activity, ServiceTask):
    """A service action: carried out outside, answered with Done or Failed."""

    def work(self, my_task: Place) -> bool | None:
        ask(my_task)
        return None


def ask(my_task: Place) -> None:
    """Say which action is to be carried out, and wait for the answer."""
    node = my_task.node
    params = given(my_task)
    my_task.internal_data["action"] = True
    my_task.case.actions[my_task.id] = Action(str(my_task.id), node.id, node.action or "", params)


class Apart(Activity, ServiceTask):
    """Calls a process in a case of its own, and waits for what comes of it."""

    def work(self, my_task: Place) -> bool | None:
        node = my_task.node
        data = given(my_task)
        version: Literal["latest", "pinned"] = "pinned" if node.version == "pinned" else "latest"
        my_task.internal_data["action"] = True
        my_task.case.calls[my_task.id] = Call(
            str(my_task.id), node.id, node.process or "", version, node.of, data, my_task.item
        )
        return None


class Send(Activity, SendTask):
    """Sends a message, or has an action do it."""

    def work(self, my_task: Place) -> bool | None:
        if self.node.action is None:
            return throw(my_task)
        ask(my_task)
        return None


class Receive(Activity, ReceiveTask):
    """Waits for its message."""

    def _update_hook(self, my_task: Place) -> bool:
        super()._update_hook(my_task)
        my_task._set_state(TaskState.WAITING)
        listen(my_task.case, self.node, my_task.workflow, my_task)
        return False

    def work(self, _my_task: Place) -> bool:
        return True


class Decision(Activity, ServiceTask):
    """Asks a rule table."""

    def work(self, my_task: Place) -> bool:
        ask_decision(my_task, self.node)
        return True


class Scope(Activity, SubWorkflowTask):
    """A sub-process or a call: its inside is a workflow of its own, which ends it."""

    def work(self, my_task: Place) -> None:
        if sum(1 for _ in my_task.around()) > MAX_DEPTH:
            raise Failure("too_deep", self.node.id)
        begin_scope(my_task.case.create_subprocess(my_task, self.spec))
