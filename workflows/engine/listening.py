"""What is waited for: timers, messages, signals, conditions.

The engine holds no instants and reads no clock: every wait is a row with a rule that somebody
outside fires or delivers by its number, exactly once.
"""

from collections.abc import Mapping
from typing import Any, Literal, cast

from workflows.engine.evaluating import assign, truth, value
from workflows.engine.ledger import Waiting
from workflows.engine.plan import Event, Node
from workflows.engine.problems import Failure
from workflows.engine.progress import Wait
from workflows.engine.spiff import Case, Live, Place
from workflows.engine.timing import is_rule, split_cycle

OUTSIDE = ("timer", "message", "signal", "condition")


def begin_scope(live: Live) -> None:
    """Begin a scope: listen for its event sub-processes, send a token from each of its starts."""
    case = live.case
    shape = case.blueprint.plan.scopes[live.spec.name]
    for handler in shape.handlers:
        listen(case, case.blueprint.plan.nodes[handler], live, None)
    for start in shape.starts:
        live.enter(start)


def listen(
    case: Case,
    node: Node,
    live: Live,
    place: Place | None,
    left: int | None = None,
    key: str | None = None,
) -> None:
    """Wait for the event of a node, if it is one that comes from outside.

    Its rule or key is evaluated when the waiting begins; what goes on waiting brings it along.

    :raises Failure: if its rule or key cannot be evaluated
    """
    event = node.event
    if event is None or event.kind not in OUTSIDE:
        return
    where = place or live.owner or case.task_tree
    waiting = Waiting(0, node.id, live.key, None if place is None else place.id, left, key)
    rule, form = event.name or "", ""
    if event.kind == "timer":
        rule, form = _timer(event, waiting, where)
    elif event.kind == "message" and event.correlation is not None and key is None:
        waiting.key = str(value(where, event.correlation))
    waiting.id = case.number()
    case.waits[waiting.id] = waiting
    if place is not None:
        case.waits_of.setdefault(place.id, []).append(waiting.id)
    if event.kind != "condition":
        item = None if place is None else place.item
        kind = cast(Literal["timer", "message", "signal"], event.kind)
        case.waits_opened[waiting.id] = Wait(
            str(waiting.id),
            node.id,
            kind,
            rule,
            form,
            waiting.key if kind == "message" else None,
            event.missed,
            item,
        )


def _timer(event: Event, waiting: Waiting, where: Place) -> tuple[str, str]:
    """The rule of this pass of a timer; counts the passes of a cycle in `waiting.left`."""
    rule = waiting.key or event.text or ""
    if not is_rule(rule):
        found = value(where, rule)
        if not isinstance(found, str) or not is_rule(found):
            raise Failure("bad_timer", rule)
        rule = waiting.key = found
    if event.form != "cycle":
        return rule, event.form
    times, first, interval = split_cycle(rule)
    if waiting.left is None:
        waiting.left = times
        if first is not None:
            return first, "date"
    return interval, "cycle"


def fire(case: Case, waiting: Waiting, payload: Mapping[str, Any] | None = None) -> None:
    """What a wait stands for has happened: once, whatever follows."""
    node = case.blueprint.plan.nodes[waiting.node]
    place = None if waiting.place is None else case.places[waiting.place]
    live = _live(case, waiting.frame)
    if payload:
        assign(place or live.owner or case.task_tree, payload)
    if place is None:
        _fire_handler(live, node, waiting)
    elif node.kind == "boundary":
        if node.interrupting:
            place.cancel()
        else:
            _again(case, node, live, place, waiting)
        live.enter(node.id)
    elif node.id != place.node.id:  # one of those an event-based gateway listens for
        gateway = place.node.id
        place.cancel()
        follower = live.task_tree._add_child(case.blueprint.of(node.id))
        follower.via = gateway
        case.passed.append(node.id)
        follower._ready()
    elif waiting.left is not None and waiting.left != 1:
        _again(case, node, live, place, waiting)
        for flow in node.outgoing:
            live.enter(flow.target, node.id)
    else:
        case.close(place)
        place._ready()


def _live(case: Case, key: int) -> Live:
    found: Live = case.subprocesses[key] if key else case
    return found


def _again(case: Case, node: Node, live: Live, place: Place | None, waiting: Waiting) -> None:
    """A new wait for the next pass: each wait is fired exactly once."""
    case.close_wait(waiting.id)
    if waiting.left is not None:
        if waiting.left != 1:
            listen(case, node, live, place, max(waiting.left - 1, -1), waiting.key)
    elif node.event is not None and node.event.kind != "timer":
        listen(case, node, live, place, None, waiting.key)


def _fire_handler(live: Live, node: Node, waiting: Waiting) -> None:
    if node.interrupting:
        live.clear()
    else:
        _again(live.case, node, live, None, waiting)
    run_handler(live, node)


def run_handler(live: Live, start: Node) -> None:
    """Run an event sub-process in its scope."""
    live.enter(start.scope)


def settle_conditions(case: Case) -> bool:
    """Fire the conditional events that have become true; whether any did."""
    fired = False
    for waiting in list(case.waits.values()):
        event = case.blueprint.plan.nodes[waiting.node].event
        if event is None or event.kind != "condition" or waiting.id not in case.waits:
            continue
        holds = _condition_holds(case, event, waiting)
        if holds and waiting.key is None:
            fired = True
            waiting.key = "true"  # not again until it has been false
            _fire_condition(case, waiting)
        elif not holds:
            waiting.key = None
    return fired


def _condition_holds(case: Case, event: Event, waiting: Waiting) -> bool:
    place = None if waiting.place is None else case.places[waiting.place]
    try:
        return truth(place or _live(case, waiting.frame).owner or case.task_tree, event.text or "")
    except Failure as failure:
        # What is not known yet does not hold. Anything else stops who waits for nothing but this;
        # at a boundary it does not take people's work away.
        if failure.code != "no_value" and place is not None and place.node.id == waiting.node:
            case.waits.pop(waiting.id)
            case.report(place, failure)
        return False


def _fire_condition(case: Case, waiting: Waiting) -> None:
    node = case.blueprint.plan.nodes[waiting.node]
    if node.interrupting or node.kind == "catch":
        fire(case, waiting)
    elif waiting.place is None:
        run_handler(_live(case, waiting.frame), node)
    else:
        _live(case, waiting.frame).enter(node.id)
