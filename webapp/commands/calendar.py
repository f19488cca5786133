"""The calendar at a terminal: why a date is what it is, and a new year from the one before."""

import argparse
import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp import clock
from webapp.commands import GOOD, USED_WRONGLY
from webapp.commands.people import COMMAND
from webapp.settings import Settings
from workflows.calendar.explaining import explain as explained
from workflows.calendar.names import mistake_said
from workflows.calendar.places import Fields
from workflows.calendar.tokens import BadRule
from workflows.calendar.years import Calendar
from workflows.database import LOCAL, opened
from workflows.errors import Invalid
from workflows.language import ZONE, Language, day
from workflows.operations import calendar as verbs
from workflows.organisation.models import Unit
from workflows.queries import calendar as questions
from workflows.steering import changes
from workflows.steering.rows import calendar_of


def explain(options: argparse.Namespace, settings: Settings) -> int:
    """Say when a deadline rule falls, and why; for --unit by its calendar, else by the default."""
    try:
        answer = explained(
            options.rule,
            options.year,
            _calendar(options, settings) if options.unit else None,
            opened=_moment(options.opened) if options.opened else None,
            fields=_fields(options.field),
            legal=options.legal,
        )
    except BadRule as bad:
        print(options.rule, f"{' ' * bad.mistake.position}^", sep="\n")
        print(mistake_said(bad.mistake, Language(options.language)))
        return USED_WRONGLY
    if options.json:
        print(json.dumps(answer, ensure_ascii=False, default=str))
    else:
        print(answer["text"][options.language])
    return GOOD


def draft_year(options: argparse.Namespace, settings: Settings) -> int:
    """Draft a year's calendar from the one before, to be confirmed date by date."""
    language = Language(options.language)
    with (
        opened(settings.database_url, family=LOCAL) as database,
        database.writing() as session,
        session.begin(),
    ):
        unit = _unit(session, options.unit) if options.unit else questions.unit(session, None)
        change = changes.draft(questions.desk(session, unit, options.year))
        verbs.carry_out(session, change, why="arshjul draft-year", by=COMMAND, now=clock.now())
    for edit in change.edits:
        _, _, which = edit.key
        on = getattr(edit.new, "on", None)
        print(f"{which}: {day(on, language) if on else '–'}")
    return GOOD


def _calendar(options: argparse.Namespace, settings: Settings) -> Calendar:
    with opened(settings.database_url) as database, database.reading() as session:
        return calendar_of(session, _unit(session, options.unit).id, options.year)


def _unit(session: Session, code: str) -> Unit:
    found = session.scalars(sa.select(Unit).where(Unit.code == code)).one_or_none()
    if found is None:
        raise Invalid("unknown_unit", unit=code)
    return found


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("not_a_day", value=text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _fields(given: list[str]) -> Fields:
    """Read `case.exercise_day=2027-04-14` as a value of the case, and `item.` of the row."""
    found: dict[str, dict[str, object]] = {}
    for one in given:
        name, _, value = one.partition("=")
        owner, _, field = name.partition(".")
        found.setdefault(owner, {})[field] = int(value) if value.isdecimal() else value
    return found
