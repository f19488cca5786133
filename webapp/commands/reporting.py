"""Reports on the year, taken out at a terminal for other systems or for paper."""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from webapp import clock
from webapp import report_files as files
from webapp.commands import GOOD
from webapp.commands.people import COMMAND
from webapp.settings import BadSetting, Settings
from workflows.database import opened
from workflows.errors import NotFound
from workflows.follow_up.report import Report
from workflows.follow_up.report_lines import mapping
from workflows.follow_up.report_text import said
from workflows.history.rows import record
from workflows.organisation.models import Unit
from workflows.queries import reports as questions
from workflows.queries.city_report import StillCounting, latest

AT_ONCE = 10  # bodies, before it is told how far it is


def report(options: argparse.Namespace, settings: Settings) -> int:
    """Write the report of a body or of the city: as it was sealed, or else as it stands now."""
    now, out, own = clock.now(), options.out, options.mapping
    with opened(settings.database_url) as database:
        with database.reading() as session:
            unit = _unit(session, options.unit)
            told, unit_id, code = _told(session, unit, options, now), unit.id, unit.code
        content = files.written(
            told, options.format, lambda: mapping(own) if own else files.mapping_in(settings.data)
        )
        what = {"what": f"{code}-{options.year}-{options.milestone}.{options.format}"}
        with database.writing() as session, session.begin():
            record(session, "exported", by=COMMAND, now=now, unit_id=unit_id, what=what)
    _write(out, content)
    print(f"{out}: {len(content)} bytes", file=sys.stderr)
    return GOOD


def _unit(session: Session, code: str) -> Unit:
    try:
        return questions.unit_of(session, code, by=COMMAND)
    except NotFound as fault:
        raise BadSetting(f"There is no board and no company with the code {code}.") from fault


def _told(session: Session, unit: Unit, options: argparse.Namespace, now: datetime) -> files.Told:
    milestone, year = options.milestone, options.year
    found, known = None, dict[int, Report]()
    while found is None:
        try:
            found = latest(session, unit, milestone, year, known=known, most=AT_ONCE, now=now)
        except StillCounting as so_far:
            print(so_far, file=sys.stderr)
    others = questions.at_compare(session, unit, milestone, year)
    report = found.report
    return files.Told(
        report,
        "" if report.text else said(report),
        found.sealed.hash if found.sealed else "",
        [(f"{code} {of}", one) for code, of, one in others],
    )


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as fault:
        raise BadSetting(f"{out} cannot be written ({type(fault).__name__}).") from fault
