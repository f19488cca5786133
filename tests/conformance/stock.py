"""Play a diagram on SpiffWorkflow as it comes, to hold ours against it."""

import logging
from collections import Counter
from io import BytesIO
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.util.task import TaskState

MOST = 400

logging.getLogger("spiff").setLevel(logging.WARNING)


class CannotPlay(Exception):
    """Stock refuses the diagram, fails on it, or waits for something we cannot give it."""


def play_stock(source: bytes, process: str, data: dict[str, Any]) -> tuple[list[str], Counter[str]]:
    """The marks of its scripts, and how often each element was completed.

    :raises CannotPlay: if it does not come to its end
    """
    marks: list[str] = []
    environment = TaskDataEnvironment({"TRACE": lambda mark: marks.append(str(mark))})
    try:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.parse(BytesIO(source)), filename="diagram.bpmn")
        workflow = BpmnWorkflow(
            parser.get_spec(process),
            parser.get_subprocess_specs(process),
            script_engine=PythonScriptEngine(environment),
        )
        workflow.get_next_task(spec_name="Start").data.update(data)
        _run(workflow)
    except Exception as error:
        raise CannotPlay(str(error)) from error
    done = Counter(
        task.task_spec.bpmn_id
        for task in [*workflow.tasks.values(), *_inside(workflow)]
        if task.state == TaskState.COMPLETED and getattr(task.task_spec, "bpmn_id", None)
    )
    return marks, done


def _inside(workflow: BpmnWorkflow) -> list[Any]:
    return [task for inner in workflow.subprocesses.values() for task in inner.tasks.values()]


def _run(workflow: BpmnWorkflow) -> None:
    for _ in range(MOST):
        workflow.do_engine_steps()
        if workflow.is_completed():
            return
        ready = workflow.get_tasks(state=TaskState.READY, manual=True)
        if not ready:
            raise CannotPlay("it waits for something that does not come")
        ready[0].run()
    raise CannotPlay("it does not end")
