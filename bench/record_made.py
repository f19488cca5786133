"""Ten million events: copies of those of a real order, each hashed onto the last.

Written past all that is ours but the hashes: the rows are those the product would write, and
`verify` takes them for what they are.
"""

import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.cast import NOON
from workflows.database import Base
from workflows.history import rows
from workflows.history.models import MAKE_INDEX, STORED, TEXT_INDEX, Event, case_chain
from workflows.history.proof import Link, digest, event_hash
from workflows.organisation.models import Unit

AT_ONCE, COMMIT_AFTER = 500, 10_000  # cases
UNITS = 14  # that the cases are spread over
COLUMNS = Link._fields[1:]  # the chain follows from the case


def fill(session: Session, count: int) -> None:
    """Copy the events of one finished order to as many cases as it takes, past all that is ours
    but the hashes; indexes of words are made at the end, all at once."""
    connection = session.connection()
    case, chain = (Base.metadata.tables[name] for name in ("case", "chain"))
    model_id = connection.scalar(sa.select(sa.func.max(Event.case_id)))
    model = connection.execute(sa.select(case).where(case.c.id == model_id)).mappings().one()
    told = connection.execute(
        sa.select(Event.kind, Event.step, Event.what, Event.why, Event.actor_id)
        .where(Event.case_id == model_id)
        .order_by(Event.id)
    ).all()
    units = list(connection.scalars(sa.select(Unit.id)))
    units += _more_units(connection, UNITS - len(units))
    is_sqlite = connection.dialect.name == "sqlite"
    first_id = connection.scalar(sa.select(sa.func.max(Event.id)))
    late = ["DROP TRIGGER event_added"] if is_sqlite else [
        f"DROP INDEX {statement.split()[2]}" for statement in MAKE_INDEX["postgresql"]
    ]  # fmt: skip
    for statement in late:
        connection.exec_driver_sql(statement)
    whole = count // len(told)
    for begin in range(0, whole, AT_ONCE):
        cases: list[dict[str, Any]] = []
        events: list[tuple[Any, ...]] = []
        heads: list[dict[str, Any]] = []
        for number in range(begin, min(begin + AT_ONCE, whole)):
            case_id, unit_id = 1_000_000 + number, units[number % len(units)]
            key = {"id": case_id, "key": f"ORDER-FARSTA-2027-N{number}", "unit_id": unit_id}
            cases.append({**model, **key, "occasion": f"n{number}"})
            events += _events(case_id, unit_id, told, number, whole, is_sqlite=is_sqlite)
            last = dict(zip(COLUMNS, events[-1], strict=True))
            head = {"n": last["n"], "hash": last["hash"].hex()}
            heads.append({"name": case_chain(case_id)} | head)
        connection.execute(sa.insert(case), cases)
        connection.execute(sa.insert(chain), heads)
        _put(connection, events)
        if begin % COMMIT_AFTER == 0:  # what is not committed lies on the disk twice
            session.commit()
            connection = session.connection()
    if is_sqlite:
        words = f"INSERT INTO {TEXT_INDEX}(rowid, words) SELECT id, {STORED} FROM event"
        connection.exec_driver_sql(f"{words} WHERE id > {first_id}")
    made = MAKE_INDEX[connection.dialect.name]
    for statement in made[1:2] if is_sqlite else made:
        connection.exec_driver_sql(statement)
    connection.execute(sa.text("ANALYZE"))


def _put(connection: sa.Connection, events: Sequence[tuple[Any, ...]]) -> None:
    """Write events as the driver takes them fastest."""
    columns, driver = ", ".join(COLUMNS), connection.connection.cursor()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(COLUMNS))
        driver.executemany(f"INSERT INTO event ({columns}) VALUES ({marks})", events)
    else:
        with driver.copy(f"COPY event ({columns}) FROM STDIN") as copy:
            for one in events:
                copy.write_row(one)
    driver.close()


def _events(
    case_id: int, unit_id: int, told: Sequence[Any], number: int, cases: int, *, is_sqlite: bool
) -> Iterator[tuple[Any, ...]]:
    """Make the events of a case as the product would store them, each hashed onto the last."""
    begins = NOON - timedelta(days=365 * 10 * (1 - number / cases))
    previous, chain = rows.START, case_chain(case_id)
    for n, (kind, step, what, why, actor_id) in enumerate(told, start=1):
        moment = begins + timedelta(minutes=n)
        stored = moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        salt = secrets.token_hex(16)
        hashed = digest(salt, what, why)
        header = (actor_id, None, kind, case_id, unit_id, step)
        at = stored.replace(" ", "T") + "Z"
        link = Link(chain, n, at, *header, what, why, salt, hashed, "", "ipv4")
        previous = event_hash(previous, link)
        hashes = (bytes.fromhex(one) for one in (salt, hashed, previous))
        yield n, stored if is_sqlite else at, *header, what, why, *hashes, "ipv4"


def _more_units(connection: sa.Connection, count: int) -> list[int]:
    made = [
        {"code": f"M{n}", "name": f"Nämnd {n}", "sort_key": f"n{n:02}", "kind": "board"}
        | {"has_geographic_area": False, "revision": 1}
        for n in range(count)
    ]
    connection.execute(sa.insert(Unit), made)
    return list(connection.scalars(sa.select(Unit.id).where(Unit.code.like("M%"))))
