"""Take a running case over to another version: first whether it can, then the move itself.

A case can follow when everything that is open in it has its like in the new version: the same kind
of element, in the same scope, by its own id or by the mapping. Steps keep their numbers; whatever
is waited for is waited for anew, so that changed rules, new boundaries and new events count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from workflows.engine.blueprint import spec_name
from workflows.engine.cases import settled
from workflows.engine.diagrams import Compiled
from workflows.engine.events import listen
from workflows.engine.gateways import Events
from workflows.engine.plan import Plan
from workflows.engine.progress import Facts, Progress
from workflows.engine.specs import Activity, Catch, Receive
from workflows.engine.spiff import Case
from workflows.engine.state import BrokenState, read_state
from workflows.errors import Conflict

ROUND = " (round)"


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something open that has no like in the new version: gone, other_kind or other_scope."""

    element: str
    code: str


def misfits(
    old: Compiled, new: Compiled, state: bytes, mapping: Mapping[str, str] | None = None
) -> tuple[Misfit, ...]:
    """What keeps a case from following; empty when it can.

    :raises BrokenState: if the state cannot be read
    """
    raw = _raw(state)
    found = dict.fromkeys(_misfits(old.plan, new.plan, raw, mapping or {}))
    return tuple(found)


def migrate(
    old: Compiled,
    new: Compiled,
    state: bytes,
    facts: Facts,
    mapping: Mapping[str, str] | None = None,
) -> Progress:
    """Move a case to another version, all or nothing.

    :raises Conflict: if something open has no like there; `misfits` says what
    :raises BrokenState: if the state cannot be read
    """
    found = misfits(old, new, state, mapping)
    if found:
        raise Conflict("does_not_fit", misfits=found)
    raw = _raw(state)
    waits = raw["waits"]
    moved = _renamed(raw, old.plan, mapping or {}, new.plan.main) | {"waits": []}
    case = read_state(orjson.dumps(moved), new.blueprint, facts)
    left = {(row[3], (mapping or {}).get(row[1], row[1])): row[4] for row in waits}
    case.waits_closed += [str(row[0]) for row in waits if _seen(old.plan, row[1])]
    _listen_anew(case, left)
    return settled(case)


def _raw(state: bytes) -> dict[str, Any]:
    try:
        raw: dict[str, Any] = orjson.loads(state)
        _ = raw["open"], raw["asleep"], raw["waits"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BrokenState from error
    return raw


def _element(name: str) -> str:
    return name.removesuffix(ROUND).rstrip(" ")


def _misfits(
    old: Plan, new: Plan, raw: dict[str, Any], mapping: Mapping[str, str]
) -> Iterator[Misfit]:
    names = [row[1] for _, _, rows in raw["open"] for row in rows]
    names += [name for _, _, name, _ in raw["asleep"]]
    for key in dict.fromkeys(_element(name) for name in names):
        before, after = old.nodes[key], new.nodes.get(mapping.get(key, key))
        if after is None:
            yield Misfit(key, "gone")
        elif (before.kind, _loop(before.loop)) != (after.kind, _loop(after.loop)):
            yield Misfit(key, "other_kind")
        elif after.scope != _scope(before.scope, old, new, mapping):
            yield Misfit(key, "other_scope")


def _loop(loop: Any) -> str | None:
    kind: str | None = None if loop is None else loop.kind
    return kind


def _scope(scope: str, old: Plan, new: Plan, mapping: Mapping[str, str]) -> str:
    return new.main if scope == old.main else mapping.get(scope, scope)


def _renamed(
    raw: dict[str, Any], old: Plan, mapping: Mapping[str, str], main: str
) -> dict[str, Any]:
    def name(stored: str) -> str:
        own = _element(stored)
        suffix = ROUND if stored.endswith(ROUND) else ""
        return spec_name(mapping.get(own, own)) + suffix

    def scope(stored: str) -> str:
        return main if stored == old.main else mapping.get(stored, stored)

    opened = [
        [
            key,
            scope(where),
            [[row[0], name(row[1]), row[2], mapping.get(row[3], row[3]), *row[4:]] for row in rows],
        ]
        for key, where, rows in raw["open"]
    ]
    asleep = [[loop, key, name(spec), rounds] for loop, key, spec, rounds in raw["asleep"]]
    return raw | {"open": opened, "asleep": asleep}


def _seen(plan: Plan, element: str) -> bool:
    event = plan.nodes[element].event
    return event is not None and event.kind != "condition"


def _listen_anew(case: Case, left: dict[tuple[int | None, str], int | None]) -> None:
    nodes = case.blueprint.plan.nodes
    for live in (case, *case.subprocesses.values()):
        for handler in case.blueprint.plan.scopes[live.spec.name].handlers:
            listen(case, nodes[handler], live, None, left.get((None, handler)))
        for place in live.open_places:
            spec = place.task_spec
            awaited: list[str] = []
            if isinstance(spec, Activity) and place.many is None:
                awaited += spec.node.boundaries
            if isinstance(spec, Catch | Receive):
                awaited.append(spec.node.id)
            if isinstance(spec, Events):
                awaited += [flow.target for flow in spec.node.outgoing]
            for key in awaited:
                listen(case, nodes[key], live, place, left.get((place.id, key)))
