"""Where a case stands, kept small and written as versioned JSON: what is open and the data."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from SpiffWorkflow.util.task import TaskState

from workflows.engine.evaluating import own
from workflows.engine.ledger import Blueprint, Waiting
from workflows.engine.progress import Facts
from workflows.engine.spiff import Asleep, Case, Live, Place
from workflows.errors import Refused

FORMAT = 1
DECIMAL = b'"\\u0000d"'  # how a decimal is marked, so that most states need no second look
JOINS = ("parallel", "inclusive", "complex")


class BrokenState(Refused):
    """The stored state is damaged or comes from a newer program; nothing may be overwritten.

    `state` is what could not be read, for whoever looks for the case it is of.
    """

    code = "broken_state"
    state: bytes | None = None


def write_state(case: Case) -> bytes:
    """Write a case as bytes to store."""
    for live in (case, *case.subprocesses.values()):
        _put_to_sleep(live)
    case.stored = orjson.dumps(case.known, default=_tagged)
    return orjson.dumps(
        {
            "format": FORMAT,
            "next": case.following,
            # What a case came to stands with it; once it is over nothing asks for it here.
            "data": {} if case.completed else orjson.Fragment(case.stored),
            "open": [
                [live.key, live.spec.name, _places(live)]
                for live in (case, *case.subprocesses.values())
            ],
            "asleep": [
                [loop, a.live.key, a.name, a.rounds] for loop, a in case.asleep.items() if a.rounds
            ],
            "waits": [[w.id, w.node, w.frame, w.place, w.left, w.key] for w in case.waits.values()],
            "done": case.completed,
        },
        default=_tagged,
    )


def _places(live: Live) -> list[list[Any]]:
    return [
        [p.id, p.task_spec.name, p._state, p.via, p.many.id if p.many is not None else 0]
        + ([p.internal_data] if p.internal_data else [])
        for p in live.open_places
    ]


def _put_to_sleep(live: Live) -> None:
    case = live.case
    for place in live.open_places:
        loop = place.many
        if loop is not None and place._state == TaskState.READY and place.id not in case.waits_of:
            asleep = case.asleep.setdefault(loop.id, Asleep(live, place.task_spec.name, {}))
            text = orjson.dumps(place.internal_data, default=_tagged).decode()
            asleep.rounds[str(place.id)] = text
            live._remove_task(place.id)


def find(case: Case, key: str) -> Place | None:
    """An open place by its number, woken if it slept."""
    for loop, asleep in case.asleep.items():
        if key in asleep.rounds:
            inner = orjson.loads(asleep.rounds.pop(key))
            _plant(
                asleep.live, [int(key), asleep.name, TaskState.READY, None, loop, _untagged(inner)]
            )
    return case.places.get(int(key)) if key.isdecimal() else None


def read_state(blob: bytes, blueprint: Blueprint, facts: Facts) -> Case:
    """Read a stored case.

    :raises BrokenState: if it is cut, damaged or newer than this program
    """
    try:
        return _read(blob, blueprint, facts)
    except BrokenState as broken:
        broken.state = blob
        raise


def _read(blob: bytes, blueprint: Blueprint, facts: Facts) -> Case:
    try:
        raw = orjson.loads(blob)
        if raw["format"] != FORMAT:
            raise BrokenState("newer_state" if raw["format"] > FORMAT else "broken_state")
        case = _case(_untagged(raw) if DECIMAL in blob else raw, blueprint, facts)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise BrokenState from error
    if not (case.completed or case.task_tree._children):
        raise BrokenState  # a case that is not done stands somewhere
    return case


def _case(raw: dict[str, Any], blueprint: Blueprint, facts: Facts) -> Case:
    case = Case(blueprint, dict(raw["data"]), facts, int(raw["next"]))
    case.completed = raw["done"]
    for key, scope, places in raw["open"]:
        live: Live = case
        if key:
            live = case.create_subprocess(case.places[key], scope)
        for row in places:
            _plant(live, row)
    for loop, key, name, rounds in raw["asleep"]:
        case.asleep[loop] = Asleep(case.subprocesses[key] if key else case, name, dict(rounds))
    for row in raw["waits"]:
        waiting = Waiting(*row)
        _ = blueprint.plan.nodes[waiting.node], waiting.frame and case.subprocesses[waiting.frame]
        case.waits[waiting.id] = waiting
        if waiting.place is not None:
            case.waits_of.setdefault(waiting.place, []).append(waiting.id)
    return case


def _plant(live: Live, row: list[Any]) -> None:
    number, name, state, via, parent = row[:5]
    above = live.tasks[parent] if parent else live.task_tree
    place = Place(live, live.spec.task_specs[name], above, state, number)
    place.via = via
    place.many = above if parent else None
    if len(row) > 5:
        place.internal_data = dict(row[5])
    if place.node.kind in JOINS and len(place.node.incoming) > 1 and state != TaskState.ERROR:
        live.case.join(place)


def _tagged(value: object) -> object:
    if isinstance(value, Decimal):
        return {"\0d": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _untagged(value: Any) -> Any:
    if isinstance(value, dict):
        if "\0d" in value:
            return Decimal(value["\0d"])
        return {key: _untagged(item) for key, item in value.items()}
    return [_untagged(item) for item in value] if isinstance(value, list) else value


def pack(values: Mapping[str, Any]) -> bytes:
    """Write data that goes from one case to another, decimals and all.

    :raises Invalid: if it is not plain
    """
    return orjson.dumps(own(values), default=_tagged)


def unpack(blob: bytes) -> dict[str, Any]:
    """Read such data back."""
    values: dict[str, Any] = _untagged(orjson.loads(blob))
    return values
