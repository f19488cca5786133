"""Reports over a city: the sum of its bodies, and a document of forty pages."""

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import Figure
from bench.city import NOW
from bench.pages import KINDS
from bench.stage import database as made
from webapp.report_files import Told, written
from workflows.database import Database
from workflows.follow_up.report import Listed, Report
from workflows.follow_up.report_lines import mapping
from workflows.language import fold, sort_key
from workflows.operations import reports
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit, UnitKind
from workflows.processes.models import Secrecy
from workflows.queries import reports as questions
from workflows.queries.city_report import city_report, trends
from workflows.registers.models import Entry, EntryState, Marking, Source

BODIES, QUICK, YEARS = 45, 5, 3
ROWS = {"risk": 30, "action": 40, "dependency": 20, "exercise_plan": 8, "occurrence": 10}
REPORT_S, FILE_S, LINES = 3, 5, 1700  # as many lines of a table as forty pages hold
SYSTEM = Actor.system("bench")


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder, made(kind, Path(folder)) as url:
            database = Database(url)
            yield from _reports(database, kind, QUICK if quick else BODIES)
            database.close()


def _reports(database: Database, kind: str, bodies: int) -> Iterator[Figure]:
    year = NOW.year
    with database.writing() as session, session.begin():
        city = questions.unit_of(session, "city", by=SYSTEM)
        for number in range(bodies):
            _fill(session, city, number, year)
        for of in range(year - YEARS + 1, year + 1):
            for unit in questions.bodies(session, of):
                reports.seal(session, unit, "VB", of, by=SYSTEM, now=NOW)
    with database.reading() as session:
        stad = questions.unit_of(session, "city", by=SYSTEM)
        spent = 0.0
        for milestone in ("VB", "T1"):  # sealed, and as it stands
            began = perf_counter()
            found = city_report(session, stad, milestone, year, now=NOW)
            trends(session, [one.unit.id for one in found.bodies], year)
            spent = max(spent, perf_counter() - began)
        told = Told(_long(found.report))
    name = f"report, {kind}: the city over {bodies} bodies and {YEARS} years"
    yield Figure(name, spent, "s", REPORT_S, spent <= REPORT_S)
    for ending in ("docx", "pdf"):
        began = perf_counter()
        written(told, ending, mapping)
        spent = perf_counter() - began
        yield Figure(
            f"report, {kind}: forty pages as {ending}", spent, "s", FILE_S, spent <= FILE_S
        )


def _long(report: Report) -> Report:
    row = {"unit": "Nämnd", "title": "Reservkraft till två boenden", "due": date(2027, 5, 1),
           "cause": "Upphandlingen drog ut på tiden", "measure": "Ny upphandling"}  # fmt: skip
    return Report(**{name: getattr(report, name) for name in report.__dataclass_fields__}
                  | {"tables": {"deviations": Listed((row,) * LINES)}})  # fmt: skip


def _fill(session: Session, city: Unit, number: int, year: int) -> None:
    """One body with what three years leave on its shelves."""
    unit = Unit(
        code=f"N{number}",
        name=f"Nämnd {number}",
        sort_key=f"{number:03}",
        kind=UnitKind.BOARD,
        parent_id=city.id,
    )
    session.add(unit)
    session.flush()
    rows = [
        _row(unit.id, register, place, of)
        for of in range(year - YEARS + 1, year + 1)
        for register, count in ROWS.items()
        for place in range(count)
    ]
    session.execute(sa.insert(Entry), rows)


def _row(unit_id: int, register: str, place: int, year: int) -> dict[str, object]:
    name = f"{register} {year} {place}"
    at = NOW.replace(year=year) - timedelta(days=40)
    data = {"value": place % 25 + 1, "band": "red" if place % 5 == 0 else "yellow",
            "risk_band": "red", "need": "mandatory", "kind": "exercise",
            "source": "analysis", "known_at": at.isoformat()}  # fmt: skip
    return {
        "register": register, "identity": f"{unit_id}-{name}", "number": 1, "unit_id": unit_id,
        "year": year, "key": fold(name), "state": EntryState.APPROVED, "level": Secrecy.INTERNAL,
        "is_secret": False, "secrecy": Marking.OPEN if place % 2 else Marking.UNASSESSED,
        "name": name, "sort_key": sort_key(name), "words": fold(name), "status": "",
        "is_open": place % 3 > 0, "owner": "Chef", "owner_key": "chef", "due_on": at.date(),
        "data": data, "source": Source.HAND, "element": "", "place": "", "made_at": at,
        "approved_at": at, "revision": 1,
    }  # fmt: skip
