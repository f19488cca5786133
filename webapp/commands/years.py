"""Closing a year at a terminal: how far it is, and each step of it, body by body."""

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp import clock
from webapp.commands import FOUND_SOMETHING, GOOD, rehearsing
from webapp.commands.people import COMMAND
from webapp.settings import Settings
from workflows.database import Database, opened
from workflows.errors import Conflict, Invalid
from workflows.follow_up.year_models import SwitchKind
from workflows.follow_up.year_rows import body_year
from workflows.operations import year_switch as verbs
from workflows.operations import years as closing
from workflows.organisation.models import Unit
from workflows.queries import year_board
from workflows.queries import year_switch as questions
from workflows.queries.calendar import bodies

DONE_ALREADY = ("switch_done", "year_frozen", "year_sealed", "year_open_already")
Step = Callable[[Session, Unit, argparse.Namespace], None]


def year(options: argparse.Namespace, settings: Settings) -> int:
    """Close a year body by body: status, rehearse, open, carry, freeze, seal, merge, undo.

    What is done already is passed over, so that the same command goes on where it was stopped.
    """
    if options.step == "rehearse":
        _told_what_goes_on(options, settings)
        options.year, options.all, options.most, options.seed = options.year + 1, False, 8, 1
        return rehearsing.rehearse(options, settings)
    with opened(settings.database_url) as database:
        if options.step == "open":
            with _transaction(database) as session:
                closing.open_year(session, options.year + 1, by=COMMAND, now=clock.now())
        elif options.step != "status":
            return _each(database, options, STEPS[options.step])
        return _status(database, options)


def _each(database: Database, options: argparse.Namespace, step: Step) -> int:
    """Take a step for each body, in a transaction of its own."""
    with database.reading() as session:
        if unknown := set(options.unit) - set(session.scalars(sa.select(Unit.code))):
            raise Invalid("unknown_unit", unit=min(unknown))
        known = [unit.code for unit in bodies(session)]
    if options.step in ("merge", "undo") and not options.unit:
        raise Invalid("no_successor")
    result = GOOD
    for code in options.unit or known:
        try:
            with _transaction(database) as session:
                step(session, _unit(session, code), options)
            print(f"{code}: {options.step}")
        except Conflict as refusal:
            if refusal.code not in DONE_ALREADY:
                result = FOUND_SOMETHING
            said = " ".join(f"{name}={value}" for name, value in refusal.params.items())
            print(f"{code}: {refusal.code} {said}".rstrip())
    return result


def _carry(session: Session, unit: Unit, options: argparse.Namespace) -> None:
    now = clock.now()
    switch = verbs.prepare(session, unit, options.year, by=COMMAND, now=now)
    verbs.apply(session, switch, by=COMMAND, now=now)


def _merge(session: Session, unit: Unit, options: argparse.Namespace) -> None:
    now, successors = clock.now(), [_unit(session, code) for code in options.to]
    last_day = options.on or date(options.year, 12, 31)
    switch = verbs.prepare_merge(session, unit, successors, last_day, by=COMMAND, now=now)
    verbs.apply(session, switch, by=COMMAND, now=now)


def _undo(session: Session, unit: Unit, options: argparse.Namespace) -> None:
    """Take back what was done last for a body: what was moved before what was carried over."""
    found = [
        switch
        for kind in (SwitchKind.MERGE, SwitchKind.CARRY)
        if (switch := questions.standing(session, kind, unit.id, options.year))
        and switch.applied_at
    ]
    if not found:
        raise Conflict("switch_not_done")
    last = max(found, key=lambda one: one.applied_at or one.made_at)
    verbs.undo(session, last, options.why, by=COMMAND, now=clock.now())


def _freeze(session: Session, unit: Unit, options: argparse.Namespace) -> None:
    closing.freeze(session, unit, options.year, options.why, by=COMMAND, now=clock.now())


def _seal(session: Session, unit: Unit, options: argparse.Namespace) -> None:
    state = body_year(session, unit.id, options.year)
    if state is None:
        raise Conflict("year_not_frozen", year=options.year)
    closing.seal(session, state, by=COMMAND, now=clock.now())


STEPS: dict[str, Step] = {
    "carry": _carry, "freeze": _freeze, "seal": _seal, "merge": _merge, "undo": _undo,
}  # fmt: skip


def _told_what_goes_on(options: argparse.Namespace, settings: Settings) -> None:
    """Say for each body how much would go on, and as what."""
    with opened(settings.database_url) as database, database.reading() as session:
        found = year_board.rehearsed(session, options.year, by=COMMAND)
        for one in found.bodies:
            if options.json or (options.unit and one.line.unit.code not in options.unit):
                continue
            said = [f"{one.verdicts[verdict]} {verdict}" for verdict in one.verdicts]
            said += [f"{one.line.open_cases} open cases"] if one.line.open_cases else []
            print(f"{one.line.unit.code} ({one.line.step}): {', '.join(said) or '-'}")


def _status(database: Database, options: argparse.Namespace) -> int:
    with database.reading() as session:
        found = year_board.board(session, options.year, by=COMMAND)
        lines = [
            {
                "unit": line.unit.code, "step": line.step, "open_rows": line.to_carry,
                "open_cases": line.open_cases,
            }
            for line in found.lines
            if not options.unit or line.unit.code in options.unit
        ]  # fmt: skip
        next_year = {
            "year": found.year + 1,
            "opened": bool(found.opened and found.opened.opened_at),
            "undated": found.undated,
            "unconfirmed": found.unconfirmed,
            "starts": found.starts,
        }
    if options.json:
        print(json.dumps({"year": options.year, "next": next_year, "bodies": lines}))
    else:
        print(" ".join(f"{name}={value}" for name, value in next_year.items()))
        for one in lines:
            print(
                f"{one['unit']:<12} {one['step']:<8} {one['open_rows']:>5} {one['open_cases']:>5}"
            )
    return GOOD


def _unit(session: Session, code: str) -> Unit:
    found = session.scalars(sa.select(Unit).where(Unit.code == code)).one_or_none()
    if found is None:
        raise Invalid("unknown_unit", unit=code)
    return found


@contextmanager
def _transaction(database: Database) -> Iterator[Session]:
    with database.writing() as session, session.begin():
        yield session
