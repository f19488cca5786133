"""What keeps a case from going on: every step that could not be taken and waits for somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows.cases.models import Case, CaseState
from workflows.engine import Incident

UNREADABLE = "state"  # in the place of a number: the stored state itself


@dataclass(frozen=True, slots=True)
class Open:
    """One open incident; `keys` names the data that was looked at, never what it held."""

    id: str
    element: str
    code: str
    cause: str = ""
    keys: tuple[str, ...] = ()


def of(case: Case) -> list[Open]:
    """List the open incidents of a case, the oldest first."""
    kept: Any = case.incidents or []
    rows = [kept] if isinstance(kept, dict) else kept  # 1.0 kept one, with less to say of it
    return [
        Open(row["id"], row["element"], row["code"], row.get("cause", ""), tuple(row["keys"]))
        if "keys" in row
        else Open(row["id"], row["element"], row["code"])
        for row in rows
    ]


def stand(
    case: Case, opened: Iterable[Incident], closed: Iterable[str], *, finished: bool, now: datetime
) -> None:
    """Let a case be finished, stopped by what is open, or run; one that rests goes on resting."""
    gone = set(closed)
    # What moves can be read again.
    rows = [_row(one) for one in of(case) if one.id not in gone and one.id != UNREADABLE]
    rows += [_row(Open(one.id, one.element, one.code, one.cause, one.keys)) for one in opened]
    if rows or case.incidents:
        case.incidents = None if finished else rows or None
    if finished:
        case.state, case.closed_at = CaseState.FINISHED, now
    elif case.state is not CaseState.SUSPENDED:
        case.state = CaseState.STOPPED if rows else CaseState.RUNNING


def is_unreadable(case: Case) -> bool:
    """Tell whether it is known that the stored state of a case cannot be read."""
    return any(one.id == UNREADABLE for one in of(case))


def mark_unreadable(case: Case, code: str) -> None:
    """Stop a case because its stored state cannot be read; the state is left as it is."""
    case.incidents = [*map(_row, of(case)), _row(Open(UNREADABLE, case.key, code))]
    if case.state is not CaseState.SUSPENDED:
        case.state = CaseState.STOPPED


def _row(one: Open) -> dict[str, Any]:
    return {
        "id": one.id,
        "element": one.element,
        "code": one.code,
        "cause": one.cause,
        "keys": list(one.keys),
    }
