"""Rows of registers put straight on their shelf, for tests of what is counted from them."""

from datetime import UTC, datetime, timedelta

from tests.cast import NOON
from workflows.language import fold, sort_key
from workflows.processes.models import Secrecy
from workflows.registers.models import Entry, EntryState, Marking, Source

YEAR, NOW = 2027, datetime(2027, 5, 10, 12, tzinfo=UTC)  # the first tertial is over
DAY = timedelta(days=1)


def put(session, unit, register, name, *, status="", is_open=True, at=NOON, secret=False, **more):
    """Let a row stand; what is not said is as little as may be."""
    columns = {
        "identity": f"{register}-{name}-{unit.id}",
        "number": 1,
        "secrecy": Marking.UNASSESSED,
        "due_on": None,
        "owner": "Chef",
        "closed_at": None,
    }
    columns |= {key: more.pop(key) for key in tuple(more) if key in columns}
    entry = Entry(
        register=register,
        year=YEAR,
        unit_id=unit.id,
        key=fold(name),
        state=EntryState.APPROVED if columns["closed_at"] is None else EntryState.SUPERSEDED,
        level=Secrecy.SECRET if secret else Secrecy.INTERNAL,
        is_secret=secret,
        name=name,
        sort_key=sort_key(name),
        words=fold(name),
        status=status,
        is_open=is_open,
        owner_key="",
        data=more,
        source=Source.HAND,
        element="",
        place="",
        made_at=at,
        approved_at=at,
        **columns,
    )
    session.add(entry)
    session.flush()
    return entry
