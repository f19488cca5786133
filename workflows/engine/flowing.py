"""How tokens go on: the ways out of a node, the end of an activity, a loop's next round."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflows.engine.evaluating import Failure, own, truth, value
from workflows.engine.plan import Event, Flow, Loop, Node
from workflows.engine.running import Run
from workflows.engine.state import Token

GATEWAYS = ("inclusive", "complex")
MAX_INSTANCES = 100_000


def open_flows(run: Run, node: Node, frame: int) -> list[Flow]:
    """Every way that is open, in the order drawn: what is plain, what holds, else the default.

    Plain flows out of an activity go beside its conditional ones, so the default asks only whether
    a condition held; at a gateway a plain flow is a condition that always holds.
    """
    if not node.outgoing:
        return []
    plain = [f for f in node.outgoing if f.condition is None and f.id != node.default]
    held = [
        f
        for f in node.outgoing
        if f.condition is not None and f.id != node.default and truth(run, f.condition, frame)
    ]
    if node.default is not None and not held and not (plain and node.kind in GATEWAYS):
        held = [f for f in node.outgoing if f.id == node.default]
    chosen = plain + held
    if not chosen:
        raise Failure("no_way_out", "no condition is true and there is no default")
    return [f for f in node.outgoing if f in chosen]


def follow(run: Run, frame: int, flows: Sequence[Flow]) -> None:
    """One token becomes as many as there are flows; with none it ends here."""
    for flow in flows:
        run.push(flow.target, frame, flow.id)
    drop(run, frame)


def leave(run: Run, node: Node, frame: int) -> None:
    """Go on from a node that has done its work."""
    follow(run, frame, open_flows(run, node, frame))


def drop(run: Run, frame: int) -> None:
    """A token has ended; its frame ends with the last one."""
    run.live[frame] -= 1
    if run.live[frame] == 0:
        end_frame(run, frame)


def end_frame(run: Run, frame: int) -> None:
    """A scope is done, and with it the activity that opened it."""
    ended = run.state.frames[frame]
    run.kill(ended)
    if ended.owner is not None:
        owner = run.state.tokens[ended.owner]
        if ended.local is not None:
            owner.more["local"] = ended.local
        done(run, owner)
    elif ended.parent is not None:
        drop(run, ended.parent)


def assign(run: Run, frame: int, token: Token | None, values: Mapping[str, Any]) -> None:
    """Let values become known: to the instance if its loop gathers answers, else to the case."""
    fresh = own(values)
    if token is not None and token.more.get("gathers"):
        token.more["local"].update(fresh)
        return
    for around in run.around(frame):
        if around.gathers and around.local is not None:
            around.local.update(fresh)
            return
    run.state.data.update(fresh)


def done(run: Run, token: Token) -> None:
    """An activity, or one instance of it, has done its work."""
    node = run.plan.nodes[token.node]
    if "of" in token.more:
        run.release(token)
        _instance_done(run, node, token)
        return
    try:
        ways = open_flows(run, node, token.frame)
    except Failure as failure:
        token.more["done"] = True  # so that a retry asks for the way only, not for the work
        run.report(token, failure)
        return
    run.release(token)
    follow(run, token.frame, ways)


# --- loops ----------------------------------------------------------------------------------


def start_loop(run: Run, node: Node, token: Token, loop: Loop) -> None:
    """Count the rounds of a loop and begin the first, or all of them at once."""
    more = token.more
    more.update(many=0, left=0)
    if loop.kind == "standard":
        _begin(run, token, 1 if not loop.test_before or _goes_on(run, token, loop) else 0)
        return
    items = _rows(run, token, loop)
    total = items if isinstance(items, int) else len(items)
    more["total"] = total
    if isinstance(items, list):
        more["items"] = items
    if loop.into is not None:
        more["out"] = [None] * total
    _begin(run, token, total if loop.kind == "parallel" else min(total, 1))


def next_instance(run: Run, many_id: int) -> None:
    """Begin the next round of a loop."""
    many = run.state.tokens.get(many_id)
    if many is None:
        return
    node = run.plan.nodes[many.node]
    number = many.more["many"]
    many.more["many"] = number + 1
    token = run.hold(node, many.frame, "body", None, of=many_id, i=number)
    loop = node.loop
    if loop is not None and loop.kind != "standard":
        local: dict[str, Any] = {}
        if "items" in many.more:
            row = many.more["items"][number]
            many.more["items"][number] = None
            local["item"] = row
            if loop.item is not None:
                local[loop.item] = row
        token.more["local"] = local
        if loop.into is not None:
            token.more["gathers"] = True
    run.body(run, node, token)


def _instance_done(run: Run, node: Node, token: Token) -> None:
    many = run.state.tokens[token.more["of"]]
    loop = node.loop
    if loop is None:
        return
    more = many.more
    more["left"] -= 1
    local = token.more.get("local") or {}
    if "out" in more:
        mine = {k: v for k, v in local.items() if k not in ("item", loop.item)}
        more["out"][token.more["i"]] = local.get(loop.output) if loop.output else mine
    if loop.throws is not None and not (loop.throws_once and more["many"] - more["left"] > 1):
        _tell_boundary(run, node, many.frame, loop.throws)
    if loop.kind == "standard":
        _begin(run, many, 1 if _goes_on(run, many, loop) else 0)
        return
    total = more["total"]
    counts = {
        "numberOfInstances": total,
        "numberOfCompletedInstances": more["many"] - more["left"],
        "numberOfActiveInstances": more["left"],
        "numberOfTerminatedInstances": 0,
    }
    if loop.until is not None and truth(run, loop.until, many.frame, {**local, **counts}):
        for other in run.instances(many):
            run.cancel(other)
        more["left"] = 0
        _begin(run, many, 0)
    elif loop.kind == "sequential" and more["many"] < total:
        _begin(run, many, 1)
    else:
        _begin(run, many, 0)


def _begin(run: Run, many: Token, count: int) -> None:
    many.more["left"] += count
    for _ in range(count):
        run.queue.append((next_instance, (run, many.id)))
    if many.more["left"] == 0:
        loop = run.plan.nodes[many.node].loop
        if loop is not None and loop.into is not None:
            out = [row for row in many.more["out"]]
            assign(run, many.frame, None, {loop.into: out})
        done(run, many)


def _tell_boundary(run: Run, node: Node, frame: int, thrown: Event) -> None:
    """An instance is done: its boundary hears of it, and the others go on."""
    for key in node.boundaries:
        event = run.plan.nodes[key].event
        if event is not None and (event.kind, event.name) == (thrown.kind, thrown.name):
            run.push(key, frame)


def _goes_on(run: Run, many: Token, loop: Loop) -> bool:
    if loop.maximum is not None and many.more["many"] >= loop.maximum:
        return False
    return loop.condition is None or truth(run, loop.condition, many.frame)


def _rows(run: Run, token: Token, loop: Loop) -> list[Any] | int:
    if loop.over is not None:
        found = value(run, loop.over, token.frame)
        if not isinstance(found, list):
            raise Failure("not_a_list", f"{loop.over} is not a list", (loop.over,))
        rows: list[Any] = own(found)
        return rows
    count = value(run, loop.count or "", token.frame)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MAX_INSTANCES:
        raise Failure("bad_count", f"{loop.count} does not give a number of instances")
    return count
