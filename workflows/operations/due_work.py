"""Looking after due work that fails: trying it again at once, or giving it up."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.database import Retried
from workflows.errors import Conflict, Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require


def retry(session: Session, row: Retried, kind: str, *, by: Actor, now: datetime) -> None:
    """Try a piece of due work again as soon as may be.

    :raises Forbidden: if `by` does not look after due work
    :raises Conflict: if it has not failed
    """
    require(by, Deed.KEEP_DUE_WORK, None)
    _refuse_sound(row)
    row.retry_at = None
    _record(session, row, kind, "work_retried", by=by, now=now)


def drop(
    session: Session,
    row: Retried,
    kind: str,
    over: Mapping[str, object],
    *,
    why: str,
    by: Actor,
    now: datetime,
) -> None:
    """Give up a piece of due work; `over` is what marks its row as such.

    :raises Forbidden: if `by` does not look after due work
    :raises Conflict: if it has not failed
    :raises Invalid: if no reason is given
    """
    require(by, Deed.KEEP_DUE_WORK, None)
    _refuse_sound(row)
    if not why.strip():
        raise Invalid("reason_missing")
    row.retry_at = None
    for column, value in over.items():
        setattr(row, column, value)
    _record(session, row, kind, "work_dropped", by=by, now=now, why=why.strip())


def _refuse_sound(row: Retried) -> None:
    if not row.attempts:
        raise Conflict("nothing_to_decide")


def _record(
    session: Session,
    row: Retried,
    kind: str,
    told: str,
    *,
    by: Actor,
    now: datetime,
    why: str | None = None,
) -> None:
    case_id: int | None = getattr(row, "case_id", None)
    what = {"work": kind, "row": row.id, "error": row.error}
    record(session, told, by=by, now=now, case_id=case_id, what=what, why=why)
