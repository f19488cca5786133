"""Marking a case whose stored state cannot be read, for people to see; it is left as it is."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases import incidents
from workflows.cases.models import OPEN, Case
from workflows.engine import BrokenState
from workflows.history.rows import record
from workflows.organisation.actor import Actor


def mark(session: Session, broken: BrokenState, *, by: Actor, now: datetime) -> None:
    """Stop the case that the state is of, once; the mark goes when the case moves again.

    It is sought by the state itself, which is slow and, it is to be hoped, rare.
    """
    if broken.state is None:
        return
    wanted = sa.select(Case).where(Case.engine_state == broken.state, Case.state.in_(OPEN))
    for case in session.scalars(wanted.with_for_update()):
        if incidents.is_unreadable(case):
            continue
        incidents.mark_unreadable(case, broken.code)
        record(
            session,
            "case_stopped",
            by=by,
            now=now,
            case_id=case.id,
            unit_id=case.unit_id,
            step=case.key,
            what={"code": broken.code, "cause": "", "keys": []},
        )
