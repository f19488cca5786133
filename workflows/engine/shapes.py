"""What a diagram's flows do as a whole: unreachable nodes, endless rounds, joins that never fire."""

from workflows.engine.checking import Found
from workflows.engine.plan import Node, Plan
from workflows.engine.reading import Reading, located

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
    """The groups of automatic nodes that lead to each other (Tarjan, without recursion)."""
    inside = {node.id for node in nodes}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    rings: list[set[str]] = []
    for root in inside:
        if root in index:
            continue
        work = [(root, iter(plan.nodes[root].outgoing))]
        index[root] = low[root] = len(index)
        stack.append(root)
        waiting.add(root)
        while work:
            key, flows = work[-1]
            flow = next(flows, None)
            if flow is not None:
                target = flow.target
                if target not in inside:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    waiting.add(target)
                    work.append((target, iter(plan.nodes[target].outgoing)))
                elif target in waiting:
                    low[key] = min(low[key], index[target])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[key])
            if low[key] == index[key]:
                ring = set()
                while True:
                    member = stack.pop()
                    waiting.discard(member)
                    ring.add(member)
                    if member == key:
                        break
                loops = any(flow.target == key for flow in plan.nodes[key].outgoing)
                if len(ring) > 1 or loops:
                    rings.append(ring)
    return rings


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
