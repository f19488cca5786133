"""What a case that follows to another version waits for there.

Waits keep their numbers. What has already happened at a boundary is not waited for again; what is
new there is, and a rule that has changed counts from now on.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows.engine.aligning import Change, Misfit, element_of
from workflows.engine.ledger import Waiting
from workflows.engine.listening import listen
from workflows.engine.plan import Node
from workflows.engine.problems import Failure
from workflows.engine.progress import Wait
from workflows.engine.spiff import Case, Live, Place
from workflows.errors import Conflict


def wait_on(case: Case, change: Change, raw: dict[str, Any]) -> list[Wait]:
    """Go on waiting for what was waited for, and begin to where the new version asks for more.

    :raises Conflict: if a rule or key of the new version gives nothing to wait for
    """
    left = {(row[2], row[3], row[1]): Waiting(*row) for row in raw["waits"]}
    kept: list[tuple[Waiting, Live, Place | None, bool]] = []
    begun: list[tuple[Node, Live, Place | None]] = []
    for live, where, key, known in _listening(case, change, raw):
        node = change.new.nodes[key]
        before = _counterpart(change, node, known)
        if before is None:
            # What stands before an incident listens when it is tried again.
            if where is None or where._state != TaskState.ERROR:
                begun.append((node, live, where))
            continue
        waiting = left.pop((live.key, where.id if where else None, before.id), None)
        if waiting is not None:  # else it has happened
            waiting.node = key
            kept.append((waiting, live, where, before.event != node.event))
    for waiting, _, where, _ in sorted(kept, key=lambda one: one[0].id):
        case.waits[waiting.id] = waiting
        if where is not None:
            case.waits_of.setdefault(where.id, []).append(waiting.id)
    case.waits_closed += [str(one.id) for one in left.values() if _is_known_outside(change, one)]
    told = [_renew(case, *one[:3]) for one in kept if one[3]]
    for node, live, where in begun:
        _listen(case, node, live, where)
    return [wait for wait in told if wait is not None]


def _listening(
    case: Case, change: Change, raw: dict[str, Any]
) -> Iterator[tuple[Live, Place | None, str, tuple[str, ...]]]:
    """Everything to be waited for, each beside what was awaited at the same place before."""
    stood = {row[0]: element_of(row[1]) for _, _, rows in raw["open"] for row in rows}
    lay = {key: scope for key, scope, _ in raw["open"]}
    for live in (case, *case.subprocesses.values()):
        known = change.old.scopes[lay[live.key]].handlers
        for key in change.new.scopes[live.spec.name].handlers:
            yield live, None, key, known
        for place in live.open_places:
            before = _awaited(change.old.nodes[stood[place.id]], place)
            for key in _awaited(place.node, place):
                yield live, place, key, before


def _awaited(node: Node, place: Place) -> tuple[str, ...]:
    if node.kind == "events":
        return tuple(flow.target for flow in node.outgoing)
    is_round = place.many is not None
    own = (node.id,) if node.kind in ("catch", "receive") and is_round >= bool(node.loop) else ()
    return own if is_round else (*node.boundaries, *own)


def _counterpart(change: Change, node: Node, known: tuple[str, ...]) -> Node | None:
    for key in known:
        before = change.old.nodes[key]
        if change.of(key) == node.id and _kind(before) == _kind(node):
            return before
    return None


def _kind(node: Node) -> str | None:
    return None if node.event is None else node.event.kind


def _is_known_outside(change: Change, waiting: Waiting) -> bool:
    return _kind(change.old.nodes[waiting.node]) != "condition"


def _renew(case: Case, old: Waiting, live: Live, where: Place | None) -> Wait | None:
    """Wait by the new rule under the old number."""
    number = case.following
    case.waits.pop(old.id)
    of_place = case.waits_of.get(where.id, []) if where else []
    _listen(case, case.blueprint.plan.nodes[old.node], live, where, old.left)
    case.following = number
    fresh = case.waits.pop(number)
    fresh.id = old.id
    if _kind(case.blueprint.plan.nodes[old.node]) == "condition":
        fresh.key = old.key  # that it held is not news
    case.waits[old.id] = fresh
    if of_place:
        of_place.remove(number)
    told = case.waits_opened.pop(number, None)
    return told and replace(told, id=str(old.id))


def _listen(
    case: Case, node: Node, live: Live, where: Place | None, left: int | None = None
) -> None:
    is_cycle = node.event is not None and node.event.form == "cycle"
    try:
        listen(case, node, live, where, left if is_cycle else None)
    except Failure as failure:
        found = (Misfit(node.id, failure.code),)
        raise Conflict("does_not_fit", misfits=found) from failure
