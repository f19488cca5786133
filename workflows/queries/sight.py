"""What somebody may see, as a condition on rows: SEE_CASE and SEE_ENTRY asked of many at once."""

from typing import Any

import sqlalchemy as sa

from workflows.cases.models import Case
from workflows.organisation.actor import Actor, Scope
from workflows.processes.models import Secrecy
from workflows.tasks.models import Task

Condition = sa.ColumnElement[bool]


def sees(
    by: Actor,
    *,
    is_open: Condition,
    is_secret: Condition,
    unit_id: Any,
    process_id: Any,
    year: Any = None,
) -> Condition:
    """Say of rows with these columns: those the permission table lets the actor see.

    A list that knows no year shows nothing of it to a mandate for some years; `year_of` finds it.
    """
    if by.is_system or by.holds_anywhere("protective_security_chief"):
        return sa.true()
    mine: Condition = sa.true()
    if not by.holds_anywhere("central_security", "auditor"):
        mine = unit_id.in_(sorted({held.unit_id for held in by.held if held.reaches(None)}))
        limited = {(held.unit_id, held.process_id) for held in by.held if not held.reaches(None)}
        if limited:
            mine |= sa.tuple_(unit_id, process_id).in_(sorted(limited))
    audited = [_covered(scope, is_secret, unit_id, process_id, year) for scope in by.scopes]
    return sa.or_(is_open, sa.and_(~is_secret, mine), *audited)


def year_of(case_id: Any) -> Any:
    """The year of the case of a row; asked for only where a mandate is for some years."""
    return sa.select(Case.year).where(Case.id == case_id).scalar_subquery()


def _covered(
    scope: Scope, is_secret: Condition, unit_id: Any, process_id: Any, year: Any
) -> Condition:
    """Say of rows: those that a mandate covers (`Scope.covers`)."""
    conditions: list[Condition] = [] if scope.sees_secret else [~is_secret]
    if scope.unit_ids:
        conditions.append(unit_id.in_(sorted(scope.unit_ids)))
    if scope.process_ids:
        conditions.append(process_id.in_(sorted(scope.process_ids)))
    if scope.first_year is not None:
        conditions.append(sa.false() if year is None else year >= scope.first_year)
    if scope.last_year is not None:
        conditions.append(sa.false() if year is None else year <= scope.last_year)
    return sa.and_(sa.true(), *conditions)


def sees_case(
    by: Actor, secrecy: Any, unit_id: Any, process_id: Any, year: Any = None
) -> Condition:
    """Say of rows that are as secret as their case: those whose case the actor may see."""
    return sees(
        by,
        is_open=secrecy == Secrecy.OPEN,
        is_secret=secrecy == Secrecy.SECRET,
        unit_id=unit_id,
        process_id=process_id,
        year=year,
    )


def visible_cases(by: Actor) -> Condition:
    """Of cases: those the actor may see."""
    return sees_case(by, Case.secrecy, Case.unit_id, Case.process_id, Case.year)


def visible_tasks(by: Actor) -> Condition:
    """Of tasks: those whose case the actor may see; a role may open more of them."""
    return sees_case(by, Task.secrecy, Task.unit_id, Task.process_id, year_of(Task.case_id))
