"""Where ways part and meet: exclusive, parallel, inclusive, complex and event-based gateways."""

from collections.abc import Iterable

from workflows.engine.evaluating import Failure, truth
from workflows.engine.events import listen
from workflows.engine.flowing import drop, follow, open_flows
from workflows.engine.plan import Node, Plan
from workflows.engine.running import Run
from workflows.engine.state import Token


def exclusive(run: Run, node: Node, frame: int, _via: str | None) -> None:
    """Take the first way whose condition holds, else the default."""
    for flow in node.outgoing:
        if flow.id != node.default and (
            flow.condition is None or truth(run, flow.condition, frame)
        ):
            follow(run, frame, [flow])
            return
    if node.outgoing and node.default is None:
        raise Failure("no_way_out", "no condition is true and there is no default")
    follow(run, frame, [flow for flow in node.outgoing if flow.id == node.default])


def parallel(run: Run, node: Node, frame: int, via: str | None) -> None:
    """Wait for a token on every way in, then take every way out."""
    if len(node.incoming) < 2:
        follow(run, frame, node.outgoing)
        return
    run.hold(node, frame, "join", via)
    first = _first_of_each(joined(run, node, frame))
    if len(first) == len(node.incoming):
        _consume(run, frame, first)
        run.live[frame] += 1
        follow(run, frame, node.outgoing)


def inclusive(run: Run, node: Node, frame: int, via: str | None) -> None:
    """Wait for whoever may still come (see `settle_joins`), then take every way that holds."""
    if len(node.incoming) > 1:
        run.hold(node, frame, "join", via)
    else:
        follow(run, frame, open_flows(run, node, frame))


def complex_gateway(run: Run, node: Node, frame: int, via: str | None) -> None:
    """Go on when the activation condition holds; latecomers are swallowed until the reset."""
    if len(node.incoming) < 2:
        follow(run, frame, open_flows(run, node, frame))
        return
    run.hold(node, frame, "join", via)
    tokens = joined(run, node, frame)
    first = _first_of_each(t for t in tokens if t.mode == "join")
    fired = any(t.mode == "reset" for t in tokens)
    if fired or not truth(run, node.script or "False", frame, {"activationCount": len(first)}):
        return
    ways = open_flows(run, node, frame)
    _consume(run, frame, first)
    run.hold(node, frame, "reset", flows=sorted(first))
    run.live[frame] += 2  # the marker, and what goes on
    follow(run, frame, ways)


def event_based(run: Run, node: Node, frame: int, via: str | None) -> None:
    """Listen for every event that follows; the first to come decides the way."""
    token = run.hold(node, frame, "events", via)
    for flow in node.outgoing:
        listen(run, run.plan.nodes[flow.target], frame, token)


# --- joins ----------------------------------------------------------------------------------


def joined(run: Run, node: Node, frame: int) -> list[Token]:
    """The tokens that stand at a join, in the order they came."""
    return [
        t
        for t in run.state.tokens.values()
        if t.node == node.id and t.frame == frame and t.mode in ("join", "reset")
    ]


def _first_of_each(tokens: Iterable[Token]) -> dict[str, Token]:
    found: dict[str, Token] = {}
    for token in tokens:
        found.setdefault(token.via or "", token)
    return found


def _consume(run: Run, frame: int, tokens: dict[str, Token]) -> None:
    for token in tokens.values():
        run.release(token)
        run.live[frame] -= 1


def settle_joins(run: Run) -> bool:
    """Fire the inclusive joins that nobody else can reach, reset the complex ones.

    The standard's rule: a join may fire when every other token of its scope that could still
    reach one of its empty ways in could also reach one that is already taken.
    """
    moved = False
    places = {(t.node, t.frame) for t in run.state.tokens.values() if t.mode in ("join", "reset")}
    for node_id, frame in sorted(places):
        node = run.plan.nodes[node_id]
        tokens = joined(run, node, frame)
        taken = {t.via or "" for t in tokens if t.mode == "join"}
        if node.kind == "inclusive":
            if taken and not _somebody_may_come(run, node, frame, taken):
                first = _first_of_each(tokens)
                try:
                    ways = open_flows(run, node, frame)
                except Failure as failure:
                    run.report(next(iter(first.values())), failure)
                    continue
                _consume(run, frame, first)
                run.live[frame] += 1
                follow(run, frame, ways)
                moved = True
        elif node.kind == "complex":
            marker = next((t for t in tokens if t.mode == "reset"), None)
            if marker is not None and not _somebody_may_come(
                run, node, frame, taken | set(marker.more["flows"])
            ):
                _consume(run, frame, _first_of_each(t for t in tokens if t.mode == "join"))
                run.release(marker)
                drop(run, frame)
                moved = True
    return moved


def settle_stuck(run: Run) -> None:
    """A scope where every token stands at a join will never move again: say so."""
    frames: dict[int, list[Token]] = {}
    for token in run.state.tokens.values():
        if token.mode in ("join", "reset"):
            frames.setdefault(token.frame, []).append(token)
    for frame, tokens in frames.items():
        if len(tokens) == run.live[frame]:
            run.report(tokens[0], Failure("join_never_fires", "no token can come the other way"))


def _somebody_may_come(run: Run, node: Node, frame: int, taken: set[str]) -> bool:
    empty = upstream(run.plan, node, set(node.incoming) - taken)
    full = upstream(run.plan, node, taken)
    standing = {
        t.node
        for t in run.state.tokens.values()
        if t.frame == frame and t.node != node.id and "of" not in t.more
    }
    return any(place in empty and place not in full for place in standing)


def upstream(plan: Plan, node: Node, flows: set[str]) -> set[str]:
    """The nodes from which a token could arrive by one of `flows` without passing `node`."""
    found: set[str] = set()
    pending = [
        source
        for source in plan.nodes.values()
        if source.scope == node.scope and any(f.id in flows for f in source.outgoing)
    ]
    before = _sources(plan, node.scope)
    while pending:
        source = pending.pop()
        if source.id == node.id or source.id in found:
            continue
        found.add(source.id)
        if source.attached_to is not None:
            pending.append(plan.nodes[source.attached_to])
        pending.extend(before.get(source.id, ()))
    return found


def _sources(plan: Plan, scope: str) -> dict[str, list[Node]]:
    before: dict[str, list[Node]] = {}
    for node in plan.nodes.values():
        if node.scope == scope:
            for flow in node.outgoing:
                before.setdefault(flow.target, []).append(node)
    return before
