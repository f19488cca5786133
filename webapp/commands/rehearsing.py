"""Trying a diagram, and a whole year, in memory: nothing is saved, and no database is needed."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from webapp import clock
from webapp.commands import FOUND_SOMETHING, GOOD
from webapp.demo_organisation import organisation
from webapp.settings import Settings
from workflows.database import opened
from workflows.errors import Invalid
from workflows.language import N_, Language, Sentence, counted, on
from workflows.organisation.models import Unit
from workflows.processes.packages import shipped
from workflows.rehearsal.city import City, from_package, gathered
from workflows.rehearsal.looking import rehearse as rehearsed
from workflows.rehearsal.report import MEND, plain
from workflows.rehearsal.telling import named, title, told
from workflows.upkeep.schema import ROOT

SEED = 1
UNITS_NAMED = 4


def rehearse(options: argparse.Namespace, settings: Settings) -> int:
    """Play a year without saving it, with typical answers, and say what does not fit.

    With no organisation in the database the one of the demo is used, and the shipped processes.
    """
    language = Language(options.language)
    with _city(options, settings) as city:
        if unknown := set(options.unit) - city.by_code.keys():
            raise Invalid("unknown_unit", unit=min(unknown))
        report = plain(
            rehearsed(city, options.year, units=options.unit, most=options.most, seed=options.seed)
        )
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print(report, language)
    return GOOD if report["is_good"] else FOUND_SOMETHING


@contextmanager
def _city(options: argparse.Namespace, settings: Settings) -> Iterator[City]:
    """Open the organisation of the database, or the one of the demo."""
    url, today = settings.database_url, on(clock.now())
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite") or path.exists():
        with opened(url) as database, database.reading() as session:
            if sa.inspect(database.engine).has_table("unit") and session.scalar(
                sa.select(sa.exists(sa.select(Unit.id)))
            ):
                yield gathered(session, today=today)
                return
    made = (from_package(package) for package in shipped(ROOT))
    processes = [one for one in made if options.all or not one.description.switched_off]
    yield organisation(options.year, processes, seed=options.seed)


def _print(report: dict[str, Any], language: Language) -> None:
    for severity, heading in ((MEND, N_("Must be mended")), ("note", N_("To know"))):
        found = [one for one in report["findings"] if one["severity"] == severity]
        if found:
            print(f"{_say(heading, language)}: {len(found)}")
        for one in found:
            print(f"  {_where(report, one, language)}")
            print(f"    {told(report, one, language)}{_units(report, one, language)}")
    print()
    for one in report["counts"]:
        cases = counted(one["cases"], "{count} case", "{count} cases").said(language)
        tasks = counted(one["tasks"], "{count} task", "{count} tasks").said(language)
        stuck = counted(one["stuck"], "{count} stuck", "{count} stuck").said(language)
        print(f"  {one['process']:<24} {cases:>12} {tasks:>14} {stuck:>14}")
    print()
    year = f"{report['year']}-"
    weeks: dict[str, int] = {}
    for one in report["weeks"]:
        if one["monday"].startswith(year):
            weeks[one["monday"]] = weeks.get(one["monday"], 0) + one["due"]
    widest = max(weeks.values(), default=1)
    for monday in sorted(weeks):
        week = date.fromisoformat(monday).isocalendar().week
        bar = "█" * round(50 * weeks[monday] / widest)
        print(f"  v{week:02} {weeks[monday]:>5} {bar}")


def _say(text: str, language: Language) -> str:
    return Sentence(text).said(language)


def _where(report: dict[str, Any], one: dict[str, Any], language: Language) -> str:
    process = named(report, one["process"], language) if one["process"] else ""
    return f"{title(one['code'], language)}{': ' if process else ''}{process}"


def _units(report: dict[str, Any], one: dict[str, Any], language: Language) -> str:
    units = one["units"]
    if not units or len(units) == len(report["units"]) == 1:
        return ""
    more = f" +{len(units) - UNITS_NAMED}" if len(units) > UNITS_NAMED else ""
    return f" ({', '.join(units[:UNITS_NAMED])}{more})"
