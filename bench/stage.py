"""A city to measure in: the people of the tests, the order as a process with forms, open cases.

The order is that of `order.bpmn`, as a municipality would have it: roles, a form of five fields
that is checked, dates by rule, and an approval that must not be one's own work.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests import cast
from tests.cast import NOON, SYSTEM
from workflows.database import Database
from workflows.operations import calendar, cases, publishing
from workflows.organisation.actor import Actor, Held
from workflows.organisation.models import Person, Unit
from workflows.processes.packages import Package
from workflows.processes.rows import find
from workflows.steering import changes, rows
from workflows.steering.changes import Desk
from workflows.upkeep.schema import migrate

KINDS = ("sqlite", "postgresql")
ORDER = Path(__file__).with_name("order.bpmn").read_text()
ANSWERS = {"amount": "200", "who": "Astrid", "what": "laptop", "urgent": "true", "note": "Friday"}
DOER = {"enter": "Alva", "approve": "Bo", "it": "Alva", "fac": "Alva"}
_RULES = {"enter": "+5wd", "approve": "T1 - 10wd", "it": "+10wd", "fac": "+10wd"}
_LANES = {"security_coordinator": ("enter", "it", "fac"), "director": ("approve",)}


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of a database with the cast, a calendar and the order in it."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'arshjul.sqlite3'}"
    else:
        from tests.postgres import fresh_url

        url = fresh_url()
    made = Database(url)
    migrate(made)
    with made.writing() as session, session.begin():
        city = cast.settle(session)
        _draft_year(session, city.units["STAD"].id)
        publishing.publish(session, order(), by=SYSTEM, now=NOON)
    made.close()
    yield url
    if kind == "postgresql":
        from tests.postgres import drop_url

        drop_url(url)


def _draft_year(session: Session, city_id: int) -> None:
    """Set a date of 2027, and with it the whole year, as every city has done."""
    desk = Desk(rows.current(session)[1], rows.lineage(session, city_id), 2027)
    change = changes.set_milestone(desk, "T1", on=date(2027, 5, 27))
    calendar.carry_out(session, change, why="Beslutat", by=SYSTEM, now=NOON)


def order() -> Package:
    """The order as a package: the diagram of the bench with lanes, forms and dates."""
    source = ORDER.replace(
        "<bpmn:definitions ", '<bpmn:definitions xmlns:arshjul="urn:arshjul:bpmn:1" '
    )
    lanes = "".join(
        f'<bpmn:lane id="{role}" arshjul:role="{role}" arshjul:of="unit">'
        + "".join(f"<bpmn:flowNodeRef>{step}</bpmn:flowNodeRef>" for step in steps)
        + "</bpmn:lane>"
        for role, steps in _LANES.items()
    )
    head = '<bpmn:process id="order" '
    source = source.replace(head, head + 'name="Beställning" arshjul:key="order" ')
    source = source.replace(
        '<bpmn:startEvent id="start">',
        f'<bpmn:laneSet id="lanes">{lanes}</bpmn:laneSet><bpmn:startEvent id="start">',
    )
    for step, rule in _RULES.items():
        more = f'arshjul:form="order/{step}" arshjul:due="{rule}" '
        more += 'arshjul:notBy="enter" ' if step == "approve" else ""
        source = source.replace(
            f'<bpmn:userTask id="{step}" ', f'<bpmn:userTask id="{step}" {more}'
        )
    forms = {f"order/{step}": _form() for step in _RULES}
    return Package(key="order", source=source.encode(), forms=forms, tables={})


def _form() -> bytes:
    fields = {
        "amount": {"type": "integer", "minimum": 1, "maximum": 100000},
        "who": {"type": "string", "maxLength": 100},
        "what": {"type": "string", "maxLength": 200},
        "urgent": {"type": "boolean"},
        "note": {"type": "string", "maxLength": 2000},
    }
    form = {
        "title": {"sv": "Beställning", "en": "Order"},
        "schema": {"type": "object", "required": ["amount", "who", "what"], "properties": fields},
        "layout": [{"id": "all", "fields": list(fields)}],
        "labels": {name: {"label": {"sv": name, "en": name}} for name in fields},
    }
    return json.dumps(form).encode()


def open_cases(database: Database, count: int, *, prefix: str = "n") -> list[int]:
    """Start so many orders in Farsta; gives their ids."""
    made = []
    with database.writing() as session, session.begin():
        process = find(session, "order")
        unit = session.scalars(sa.select(Unit).where(Unit.code == "FARSTA")).one()
        assert process is not None
        for number in range(count):
            started = cases.start(
                session, process, unit, 2027, occasion=f"{prefix}{number}", by=SYSTEM, now=NOON
            )
            made.append(started.id)
    return made


def actors(session: Session) -> dict[str, Actor]:
    """Give the cast at the edge, with the roles they hold."""
    units = {unit.code: unit.id for unit in session.scalars(sa.select(Unit))}
    return {
        person.name: Actor(
            id=person.id,
            name=person.name,
            held=frozenset(Held(role, units[code]) for role, code in cast.PEOPLE[person.name][1]),
        )
        for person in session.scalars(sa.select(Person))
    }
