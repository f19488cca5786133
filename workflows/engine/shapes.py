"""What the flows do as a whole: unreachable nodes, endless rounds, joins that never fire."""

from collections.abc import Iterable

from workflows.engine.locating import Found, located
from workflows.engine.plan import Node, Plan
from workflows.engine.reading import Reading

# Nodes where a token rests until somebody or something outside moves it.
RESTING = ("task", "action", "receive", "catch", "events", "call", "apart", "scope")


def check_shapes(reading: Reading, plan: Plan) -> Found:
    """Problems of reach, of rounds and of joins."""
    handlers = [key for scope in plan.scopes.values() for key in scope.handlers]
    reached = ahead(plan, [*plan.scopes[plan.main].starts, *handlers])
    for node in reading.nodes.values():
        if node.id not in reached:
            yield located(reading.elements[node.id], "unreachable")
    for ring in _rings(_automatic(plan, reading.nodes.values())):
        if not any(_chooses(plan.nodes[key]) for key in ring):
            first = next(key for key in reading.nodes if key in ring)
            yield located(reading.elements[first], "endless_round", elements=sorted(ring))
    inside: dict[str, list[Node]] = {}
    for node in reading.nodes.values():
        inside.setdefault(node.scope, []).append(node)
    for scope, nodes in inside.items():
        yield from _lonely_joins(reading, plan, scope, nodes)


def ahead(plan: Plan, begin: Iterable[str]) -> set[str]:
    """Give the nodes where tokens that stand at `begin` may come, and those themselves."""
    reached: set[str] = set()
    pending = list(begin)
    while pending:
        key = pending.pop()
        if key in reached or key not in plan.nodes:
            continue
        reached.add(key)
        node = plan.nodes[key]
        pending.extend(flow.target for flow in node.outgoing)
        pending.extend(node.boundaries)
        inner = node.called or key
        if inner in plan.scopes:
            pending.extend(plan.scopes[inner].starts)
        holder = plan.nodes.get(node.scope)
        if holder is not None:
            pending.append(holder.id)
    return reached


def _chooses(node: Node) -> bool:
    """Whether tokens may go different ways here, and so leave a round."""
    if node.kind in ("exclusive", "inclusive", "complex"):
        return len(node.outgoing) > 1
    conditional = any(flow.condition is not None for flow in node.outgoing)
    return (conditional and node.kind != "parallel") or bool(node.boundaries)


def _automatic(plan: Plan, nodes: Iterable[Node]) -> dict[str, list[str]]:
    """Which automatic elements lead to which."""
    inside = {node.id for node in nodes if node.kind not in RESTING}
    return {
        key: [flow.target for flow in plan.nodes[key].outgoing if flow.target in inside]
        for key in inside
    }


def _rings(after: dict[str, list[str]]) -> list[set[str]]:
    """The groups whose members all lead to each other (Kosaraju, without recursion)."""
    before: dict[str, list[str]] = {key: [] for key in after}
    for key, targets in after.items():
        for target in targets:
            before[target].append(key)
    rings: list[set[str]] = []
    left = set(after)
    for start in reversed(_finishing_order(after)):
        if start not in left:
            continue
        ring, pending = {start}, [start]
        while pending:
            found = [key for key in before[pending.pop()] if key in left and key not in ring]
            ring.update(found)
            pending += found
        left -= ring
        if len(ring) > 1 or start in after[start]:
            rings.append(ring)
    return rings


def _finishing_order(after: dict[str, list[str]]) -> list[str]:
    """Every key after all that it leads to, except along a ring."""
    order: list[str] = []
    seen: set[str] = set()
    for start in after:
        pending = [(start, iter(after[start]))] if start not in seen else []
        seen.add(start)
        while pending:
            target = next((t for t in pending[-1][1] if t not in seen), None)
            if target is None:
                order.append(pending.pop()[0])
            else:
                seen.add(target)
                pending.append((target, iter(after[target])))
    return order


def check_calls(reading: Reading, plan: Plan) -> Found:
    """A process that calls itself, by way of others or at once, never comes to its end."""
    after: dict[str, list[str]] = {_process(plan, scope): [] for scope in plan.scopes}
    calls = [node for node in reading.nodes.values() if node.called in plan.scopes]
    for node in calls:
        after[_process(plan, node.scope)].append(node.called or "")
    ring_of = {key: number for number, ring in enumerate(_rings(after)) for key in ring}
    for node in calls:
        caller, called = _process(plan, node.scope), node.called or ""
        if caller in ring_of and ring_of[caller] == ring_of.get(called):
            yield located(reading.elements[node.id], "calls_itself", process=node.called)


def _process(plan: Plan, scope: str) -> str:
    while (outer := plan.scopes[scope].parent) is not None:
        scope = outer
    return scope


def _lonely_joins(reading: Reading, plan: Plan, scope: str, nodes: list[Node]) -> Found:
    """A parallel join in a scope where there is never more than one token."""
    for node in nodes:
        several = len(node.outgoing) > 1 and node.kind not in ("exclusive", "events")
        besides = any(not plan.nodes[b].interrupting for b in node.boundaries)
        rounds = node.event is not None and node.event.form == "cycle"
        if several or besides or rounds or (node.loop is not None and node.loop.throws):
            return
    if len(plan.scopes[scope].starts) > 1:
        return
    for node in nodes:
        if node.kind == "parallel" and len(node.incoming) > 1:
            yield located(reading.elements[node.id], "join_never_fires")
