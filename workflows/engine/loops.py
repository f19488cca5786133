"""Activities that run several times: standard loops, and once for each row of a list."""

from typing import Any, cast

from SpiffWorkflow.bpmn.specs.defaults import (
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    StandardLoopTask,
)
from SpiffWorkflow.util.task import TaskState

from workflows.engine.evaluating import assign, own, truth, value
from workflows.engine.plan import Loop
from workflows.engine.problems import Failure
from workflows.engine.specs import Activity
from workflows.engine.spiff import Place

MAX_INSTANCES = 100_000


class Rounds(Activity):
    """What the loops share: rounds are children of the loop's task, and folded when done."""

    task_spec: str

    def work(self, my_task: Place) -> bool | None:
        """Begin; a loop of no rounds is done at once."""
        my_task.internal_data.update(started=0, left=0)
        self.begin(my_task, self.loop, my_task.internal_data)
        if my_task.internal_data["left"]:
            return None
        self._gather(my_task)
        return True

    @property
    def loop(self) -> Loop:
        """How often it runs."""
        return cast(Loop, self.node.loop)

    def begin(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> None:
        """Count what there is and begin the first round, or all."""
        raise NotImplementedError

    def goes_on(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> bool:
        """Whether another round begins now that one is done."""
        raise NotImplementedError

    def start_rounds(self, my_task: Place, count: int) -> None:
        """Begin some rounds."""
        more, loop = my_task.internal_data, self.loop
        spec = my_task.workflow.spec.task_specs[self.task_spec]
        more["left"] += count
        for _ in range(count):
            child = my_task._add_child(spec, TaskState.FUTURE)
            number = more["started"]
            more["started"] = number + 1
            child.many = my_task
            child.internal_data["round"] = number
            if loop.kind != "standard":
                child.internal_data["local"] = self._row(my_task, loop, number)
                if loop.into is not None:
                    child.internal_data["gathers"] = True
            spec._update(child)

    def _row(self, my_task: Place, loop: Loop, number: int) -> dict[str, Any]:
        items = my_task.internal_data.get("items")
        if items is None:
            return {}
        row, items[number] = items[number], None
        if number + 1 == len(items):
            del my_task.internal_data["items"]
        return {"item": row, loop.item: row} if loop.item else {"item": row}

    def round_done(self, my_task: Place, child: Place) -> None:
        """One round is done: keep what it gave, and go on or end."""
        more, loop = my_task.internal_data, self.loop
        more["left"] -= 1
        local = child.local or {}
        if "out" in more:
            mine = {k: v for k, v in local.items() if k not in ("item", loop.item)}
            row = child.internal_data["round"]
            more["out"][row] = local.get(loop.output) if loop.output else mine
        self._tell_boundary(my_task, loop, more)
        try:
            if loop.until is not None and self._ends(my_task, loop, local):
                my_task.cancel_rounds()
                more["left"] = 0
            elif self.goes_on(my_task, loop, more):
                self.start_rounds(my_task, 1)
        except Failure as failure:
            my_task.case.report(my_task, failure)
            return
        if more["left"] == 0:
            self._gather(my_task)
            my_task.finish()

    def _ends(self, my_task: Place, loop: Loop, local: dict[str, Any]) -> bool:
        more = my_task.internal_data
        counts = {
            "numberOfInstances": more["total"],
            "numberOfCompletedInstances": more["started"] - more["left"],
            "numberOfActiveInstances": more["left"],
            "numberOfTerminatedInstances": 0,
        }
        return truth(my_task, loop.until or "", {**local, **counts})

    def _gather(self, my_task: Place) -> None:
        into = self.loop.into
        if into is not None:
            assign(my_task, {into: my_task.internal_data["out"]})

    def _tell_boundary(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> None:
        """A round throws what its loop says; the boundary hears of it and the others go on."""
        thrown = loop.throws
        if thrown is None or (loop.throws_once and more["started"] - more["left"] > 1):
            return
        for key in self.node.boundaries:
            event = my_task.case.blueprint.plan.nodes[key].event
            if event is not None and (event.kind, event.name) == (thrown.kind, thrown.name):
                my_task.workflow.enter(key)


class WhileTrue(Rounds, StandardLoopTask):
    """A standard loop: round after round while its condition holds."""

    def begin(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> None:
        """One round, unless the condition is asked first and does not hold."""
        first = not loop.test_before or self.goes_on(my_task, loop, more)
        self.start_rounds(my_task, 1 if first else 0)

    def goes_on(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> bool:
        """As long as the condition holds, and not more often than the maximum."""
        if loop.maximum is not None and more["started"] >= loop.maximum:
            return False
        return loop.condition is None or truth(my_task, loop.condition)


class ForEach(Rounds, ParallelMultiInstanceTask):
    """Multi-instance: all rounds at once."""

    def begin(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> None:
        """Every row has its round."""
        self.start_rounds(my_task, count_rounds(my_task, loop))

    def goes_on(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> bool:
        """All have been started."""
        return False


class OneByOne(Rounds, SequentialMultiInstanceTask):
    """Multi-instance: one round after the other."""

    def begin(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> None:
        """The first row."""
        self.start_rounds(my_task, min(count_rounds(my_task, loop), 1))

    def goes_on(self, my_task: Place, loop: Loop, more: dict[str, Any]) -> bool:
        """The next row, if there is one."""
        return bool(more["started"] < more["total"])


def count_rounds(my_task: Place, loop: Loop) -> int:
    """How many rounds a multi-instance activity has, its rows copied for its own use.

    :raises Failure: if it is given neither rows nor a number
    """
    more = my_task.internal_data
    if loop.over is not None:
        rows = value(my_task, loop.over)
        if not isinstance(rows, list):
            raise Failure("not_a_list", loop.over, (loop.over,))
        more["items"] = own(rows)
        total = len(rows)
    else:
        total = value(my_task, loop.count or "")
        if not isinstance(total, int) or isinstance(total, bool):
            raise Failure("bad_count", loop.count or "")
    if not 0 <= total <= MAX_INSTANCES:
        raise Failure("bad_count", loop.over or loop.count or "")
    more["total"] = total
    if loop.into is not None:
        more["out"] = [None] * total
    return total
