"""The cases that were run last, kept as they stand, so that the next command need not build them.

An entry is found by the very bytes of the state it was stored as, and taking it removes it. So a
command that fails or is rolled back leaves nothing wrong behind: whoever comes next brings the
bytes that are in the database, and a case is built from those.
"""

from collections import OrderedDict
from threading import Lock

import orjson

from workflows.engine.ledger import Blueprint
from workflows.engine.progress import Facts
from workflows.engine.spiff import Case
from workflows.engine.state import DECIMAL, read_state

MOST = 128
LARGEST = 200_000  # bytes of state; a larger case is built anew rather than held in memory

_cases: OrderedDict[bytes, Case] = OrderedDict()
_lock = Lock()


def take(state: bytes, blueprint: Blueprint, facts: Facts) -> Case:
    """The case that was stored as `state`.

    :raises BrokenState: if the bytes are no case of this version
    """
    with _lock:
        case = _cases.pop(state, None)
    if case is None or case.blueprint is not blueprint or DECIMAL in state:
        return read_state(state, blueprint, facts)
    # Whoever got the data last time may have changed it since: the bytes are what counts.
    case.known = orjson.loads(case.stored)
    case.take_up(facts)
    return case


def keep(state: bytes, case: Case) -> None:
    """Keep a case that rests, until others are more recent."""
    if case.completed or len(state) > LARGEST:
        return
    with _lock:
        _cases[state] = case
        if len(_cases) > MOST:
            _cases.popitem(last=False)


def forget_all() -> None:
    """Let go of every case."""
    with _lock:
        _cases.clear()
