"""From a plan to the SpiffWorkflow specifications that run it; made once, shared by every case."""

from collections import Counter
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import _BpmnCondition
from SpiffWorkflow.bpmn.specs.event_definitions import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition

from workflows.engine.deciding import read_decisions
from workflows.engine.evaluating import SafeEngine
from workflows.engine.gateways import Complex, Events, Inclusive, Parallel
from workflows.engine.loops import ForEach, OneByOne, WhileTrue
from workflows.engine.plan import Node, Plan
from workflows.engine.rule_tables import Tables
from workflows.engine.specs import (
    Apart,
    Boundary,
    Catch,
    Decision,
    End,
    Exclusive,
    Receive,
    Scope,
    Script,
    Send,
    Service,
    Start,
    Step,
    Throw,
)

EVENTS = {
    "start": Start,
    "end": End,
    "throw": Throw,
    "catch": Catch,
    "receive": Receive,
    "send": Send,
}
PLAIN = {
    "task": Step,
    "action": Service,
    "apart": Apart,
    "decision": Decision,
    "exclusive": Exclusive,
    "parallel": Parallel,
    "inclusive": Inclusive,
    "complex": Complex,
}
RESERVED = ("Start", "End", "Root")


def spec_name(element: str) -> str:
    """What an element is called inside, where a few names are SpiffWorkflow's own."""
    return f"{element} " if element in RESERVED else element  # no XML id ends with a space


class Blueprint:
    """The specifications of a version, and quick answers about them."""

    script_engine = SafeEngine()

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.specs: dict[str, BpmnProcessSpec] = {
            scope: BpmnProcessSpec(name=scope) for scope in plan.scopes
        }
        self._by_node: dict[str, Any] = {}
        self._ways_in: dict[str, Counter[str]] = {}
        self._upstream: dict[tuple[str, frozenset[str]], frozenset[str]] = {}
        for node in plan.nodes.values():
            self._by_node[node.id] = self._make(node)
        for node in plan.nodes.values():
            self._connect(node)

    @cached_property
    def decisions(self) -> dict[str, Tables]:
        """The rule tables of the version."""
        return read_decisions(self.plan)

    def of(self, node_id: str) -> Any:
        """The spec of an element."""
        return self._by_node[node_id]

    def ways_in(self, node_id: str) -> Counter[str]:
        """Where tokens may come from, by element, and how many each way gives at once."""
        return self._ways_in.get(node_id, Counter())

    def upstream(self, node_id: str, sources: frozenset[str]) -> frozenset[str]:
        """The elements a token could come from to one of `sources` without passing the node."""
        key = (node_id, sources)
        if key not in self._upstream:
            self._upstream[key] = frozenset(_upstream(self.plan, node_id, sources))
        return self._upstream[key]

    def _make(self, node: Node) -> Any:
        name = spec_name(node.id)
        if node.loop is None:
            return self._single(node, name)
        inner = self._single(node, f"{name} (round)")
        inner.repeated = True
        process, loop = self.specs[node.scope], node.loop
        if loop.kind == "standard":
            spec = WhileTrue(
                process, name, inner.name, loop.maximum, loop.condition, loop.test_before
            )
        else:
            kind = ForEach if loop.kind == "parallel" else OneByOne
            spec = kind(process, name, inner.name, condition=loop.until)
        spec.node = node
        return spec

    def _single(self, node: Node, name: str) -> Any:
        process = self.specs[node.scope]
        spec: Any
        match node.kind:
            case "boundary":
                spec = Boundary(process, name, NoneEventDefinition(), node.interrupting)
            case "script":
                spec = Script(process, name, node.script)
            case "events":
                spec = Events(process, name, MultipleEventDefinition())
            case "scope" | "call":
                spec = Scope(process, name, node.called or node.id, node.transaction)
            case kind if kind in EVENTS:
                spec = EVENTS[kind](process, name, NoneEventDefinition())
            case kind:
                spec = PLAIN[kind](process, name)
        spec.node = node
        return spec

    def _connect(self, node: Node) -> None:
        spec = self._by_node[node.id]
        for flow in node.outgoing:
            target = self._by_node[flow.target]
            self._ways_in.setdefault(flow.target, Counter())[node.id] += 1
            if flow.condition is None or flow.id == node.default or node.kind != "exclusive":
                spec.connect(target)
            else:
                spec.connect_if(_BpmnCondition(flow.condition), target)


def _upstream(plan: Plan, node_id: str, sources: frozenset[str]) -> set[str]:
    scope = plan.nodes[node_id].scope
    before: dict[str, list[str]] = {}
    for other in plan.nodes.values():
        if other.scope == scope:
            for flow in other.outgoing:
                before.setdefault(flow.target, []).append(other.id)
    found: set[str] = set()
    pending = list(sources)
    while pending:
        key = pending.pop()
        if key == node_id or key in found:
            continue
        found.add(key)
        host = plan.nodes[key].attached_to
        if host is not None:
            pending.append(host)
        pending.extend(before.get(key, ()))
    return found
