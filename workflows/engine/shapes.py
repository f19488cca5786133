"""What the flows do as a whole: unreachable nodes, endless rounds, joins that never fire."""

from workflows.engine.locating import Found, located
from workflows.engine.plan import Node, Plan
from workflows.engine.reading import Reading

# Nodes where a token rests until somebody or something outside moves it.
RESTING = ("task", "action", "receive", "catch", "events", "call", "scope")


def check_shapes(reading: Reading, plan: Plan) -> Found:
    """Problems of reach, of rounds and of joins."""
    reached = _reached(plan)
    for node in reading.nodes.values():
        if node.id not in reached:
            yield located(reading.elements[node.id], "unreachable")
    for ring in _rings(plan, [n for n in reading.nodes.values() if n.kind not in RESTING]):
        if not any(_chooses(plan.nodes[key]) for key in ring):
            first = next(key for key in reading.nodes if key in ring)
            yield located(reading.elements[first], "endless_round", elements=sorted(ring))
    for scope in reading.scopes:
        yield from _lonely_joins(reading, plan, scope)


def _reached(plan: Plan) -> set[str]:
    reached: set[str] = set()
    pending = list(plan.scopes[plan.main].starts) + [
        key for scope in plan.scopes.values() for key in scope.handlers
    ]
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


def _rings(plan: Plan, nodes: list[Node]) -> list[set[str]]:
    """The groups of automatic nodes that lead to each other."""
    inside = {node.id for node in nodes}
    after = {
        key: [flow.target for flow in plan.nodes[key].outgoing if flow.target in inside]
        for key in inside
    }
    after = _peeled(_turned(_peeled(_turned(after))))
    before = _turned(after)
    rings: list[set[str]] = []
    left = set(after)
    while left:
        key = min(left)
        ring = _closure(after, key) & _closure(before, key)
        left -= ring | {key}
        if ring:
            rings.append(ring)
    return rings


def _peeled(before: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without the nodes that nothing leads to, again and again: a long line leaves nothing."""
    after = _turned(before)
    count = {key: len(sources) for key, sources in before.items()}
    pending = [key for key, sources in count.items() if not sources]
    while pending:
        key = pending.pop()
        for target in after[key]:
            count[target] -= 1
            if count[target] == 0:
                pending.append(target)
    return {
        key: [source for source in sources if count[source]]
        for key, sources in before.items()
        if count[key]
    }


def _turned(after: dict[str, list[str]]) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {key: [] for key in after}
    for key, targets in after.items():
        for target in targets:
            before[target].append(key)
    return before


def _closure(steps: dict[str, list[str]], start: str) -> set[str]:
    """Everything reached from `start` in one step or more."""
    found: set[str] = set()
    pending = list(steps[start])
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending.extend(steps[key])
    return found


def _lonely_joins(reading: Reading, plan: Plan, scope: str) -> Found:
    """A parallel join in a scope where there is never more than one token."""
    nodes = [node for node in reading.nodes.values() if node.scope == scope]
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
