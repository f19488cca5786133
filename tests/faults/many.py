"""An installation with many open cases, to be killed at work in."""

from tests import cast
from workflows.database import Database
from workflows.operations import cases, publishing
from workflows.processes.rows import find
from workflows.upkeep.schema import migrate


def with_many_cases(url, package, count, *, now):
    """Make a migrated database with open cases; gives it, and the cast."""
    database = Database(url)
    migrate(database)
    with database.writing() as session, session.begin():
        city = cast.settle(session)
        publishing.publish(session, package, by=cast.SYSTEM, now=now)
        process, farsta = find(session, "letter"), city.units["FARSTA"]
        for number in range(count):
            cases.start(
                session, process, farsta, 2027, occasion=str(number), by=cast.SYSTEM, now=now
            )
    return database, city


def address(kind, folder):
    """Give the address of a database that nobody else has."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/arshjul.sqlite3"
    from tests.postgres import fresh_url

    return fresh_url()
