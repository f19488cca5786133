"""Take a running case over to another version: first whether it can, then the move itself.

A case can follow when everything that is open in it has its like in the new version: the same kind
of element, in the same scope, by its own id or by the mapping. Steps, incidents and waits keep
their numbers (`follow_waits`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from workflows.engine import plan
from workflows.engine.aligning import ROUND, Change, Misfit, alike, element_of
from workflows.engine.blueprint import Blueprint, spec_name
from workflows.engine.cases import settled
from workflows.engine.diagrams import Compiled
from workflows.engine.follow_waits import wait_on
from workflows.engine.plan import Node
from workflows.engine.progress import Facts, Progress, Wait
from workflows.engine.state import BrokenState, read_state
from workflows.errors import Conflict


@dataclass(frozen=True, slots=True)
class Migrated:
    """What the move came to, and the waits that keep their number but not what they stand for."""

    progress: Progress
    renewed: tuple[Wait, ...]


def misfits(
    old: Compiled, new: Compiled, state: bytes, mapping: Mapping[str, str] | None = None
) -> tuple[Misfit, ...]:
    """Say what keeps a case from following; empty when nothing does.

    :raises BrokenState: if the state cannot be read
    """
    change = Change(old.plan, new.plan, mapping or {})
    try:
        raw = _raw(state)
        found = dict.fromkeys(_misfits(change, raw)) or dict.fromkeys(
            _stuck(change, new.blueprint, raw)
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise BrokenState from error
    return tuple(found)


def open_elements(state: bytes) -> list[str]:
    """List the elements a case stands on or waits at, each once.

    :raises BrokenState: if the state cannot be read
    """
    return _open(_raw(state))


def shape(state: bytes) -> str:
    """Say where a case stands, without its numbers and its data: those of one shape follow alike.

    :raises BrokenState: if the state cannot be read
    """
    raw = _raw(state)
    try:
        hosts = {row[0]: row[1] for _, _, rows in raw["open"] for row in rows}
        opened = [
            [
                hosts.get(key, "") if key else "",
                where,
                sorted([row[1], row[2], row[3] or "", bool(row[4])] for row in rows),
            ]
            for key, where, rows in raw["open"]
        ]
        asleep = sorted([name, len(rounds)] for _, _, name, rounds in raw["asleep"])
        waits = sorted(row[1] for row in raw["waits"])
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BrokenState from error
    return orjson.dumps([opened, asleep, waits]).decode()


def migrate(
    old: Compiled,
    new: Compiled,
    state: bytes,
    facts: Facts,
    mapping: Mapping[str, str] | None = None,
) -> Migrated:
    """Move a case to another version, all or nothing.

    :raises Conflict: if it cannot follow; `misfits` says why
    :raises BrokenState: if the state cannot be read
    """
    found = misfits(old, new, state, mapping)
    if found:
        raise Conflict("does_not_fit", misfits=found)
    change = Change(old.plan, new.plan, mapping or {})
    raw = _raw(state)
    moved = _renamed(raw, change) | {"waits": []}
    case = read_state(orjson.dumps(moved), new.blueprint, facts)
    renewed = wait_on(case, change, raw)
    return Migrated(settled(case), tuple(renewed))


def brought_back(old_state: bytes, newer: bytes) -> bytes:
    """Give an earlier state back, but never a number that has been used since.

    :raises BrokenState: if one of them cannot be read
    """
    raw = _raw(old_state)
    raw["next"] = max(raw["next"], _raw(newer)["next"])
    return orjson.dumps(raw)


def is_of_older_compiler(blob: bytes) -> bool:
    """Tell whether a version was compiled before this program learned to do it better."""
    compiler: int = orjson.loads(blob)["compiler"]
    return compiler < plan.COMPILER


def _raw(state: bytes) -> dict[str, Any]:
    try:
        raw: dict[str, Any] = orjson.loads(state)
        _ = raw["open"], raw["asleep"], raw["waits"], raw["next"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BrokenState from error
    return raw


def _open(raw: dict[str, Any]) -> list[str]:
    names = [row[1] for _, _, rows in raw["open"] for row in rows]
    names += [name for _, _, name, _ in raw["asleep"]]
    return list(dict.fromkeys(element_of(name) for name in names))


# --- whether it can -------------------------------------------------------------------------


def _misfits(change: Change, raw: dict[str, Any]) -> Iterator[Misfit]:
    landed: dict[str, str] = {}
    hosts = {row[0]: element_of(row[1]) for _, _, rows in raw["open"] for row in rows}
    inner = {hosts[key]: scope for key, scope, _ in raw["open"] if key}
    for key in _open(raw):
        before, after = change.old.nodes[key], change.new.nodes.get(change.of(key))
        if after is None:
            yield Misfit(key, "gone")
        elif not alike(before, after):
            yield Misfit(key, "other_kind")
        elif after.scope != change.scope(before.scope) or (
            key in inner and (after.called or after.id) != change.scope(inner[key])
        ):
            yield Misfit(key, "other_scope")
        elif landed.setdefault(after.id, key) != key:
            yield Misfit(key, "two_in_one")


def _stuck(change: Change, blueprint: Blueprint, raw: dict[str, Any]) -> Iterator[Misfit]:
    """Find the joins that would wait for ever: somebody may come one way, nobody ever another."""
    joins = [one for one in change.new.nodes.values() if _joins_all(one)]
    for _, scope, rows in raw["open"]:
        here = [join for join in joins if join.scope == change.scope(scope)]
        standing = [(change.of(element_of(row[1])), row[3], row[2]) for row in rows if not row[4]]
        for join in here if standing else ():
            ways = blueprint.ways_in(join.id)
            come = Counter(
                change.of(via)
                for element, via, state in standing
                if element == join.id and state != TaskState.ERROR and via is not None
            )
            if gone := come.keys() - ways.keys():
                yield Misfit(min(gone), "way_gone")
            moving = {element for element, _, _ in standing if element != join.id}
            may = {way for way in ways if moving & blueprint.upstream(join.id, frozenset({way}))}
            if (may or come) and any(way not in may and come[way] < n for way, n in ways.items()):
                yield Misfit(join.id, "join_never_fires")


def _joins_all(node: Node) -> bool:
    return node.kind == "parallel" and len(node.incoming) > 1


# --- the move -------------------------------------------------------------------------------


def _renamed(raw: dict[str, Any], change: Change) -> dict[str, Any]:
    def name(stored: str) -> str:
        suffix = ROUND if stored.endswith(ROUND) else ""
        return spec_name(change.of(element_of(stored))) + suffix

    def more(inner: dict[str, Any]) -> dict[str, Any]:
        taken = [change.of(one) for one in inner.get("taken", ())]  # by a join, until its reset
        return inner | {"taken": taken} if taken else inner

    opened = [
        [
            key,
            change.scope(where),
            [
                [row[0], name(row[1]), row[2], change.of(row[3]), row[4], *map(more, row[5:])]
                for row in rows
            ],
        ]
        for key, where, rows in raw["open"]
    ]
    asleep = [[loop, key, name(spec), rounds] for loop, key, spec, rounds in raw["asleep"]]
    return raw | {"open": opened, "asleep": asleep}
