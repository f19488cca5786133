"""Bringing a data folder to where it can serve: tables, processes, and perhaps a demo."""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from webapp import clock
from webapp.settings import Settings
from workflows import demo
from workflows.database import Database
from workflows.errors import Conflict
from workflows.operations import publishing
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.processes.models import Process
from workflows.processes.packages import shipped
from workflows.upkeep.schema import ROOT, migrate

INSTALL = Actor.system("install")


def prepare(
    settings: Settings, database: Database, *, in_use_since: Mapping[str, datetime] | None = None
) -> bool:
    """Make what is missing and leave what is there; returns whether the installation is new.

    A new demo has used some of its processes for long already (`in_use_since`).

    Processes are published only into an installation that has none: what is new with a newer
    program is taken in by `upgrade`, never merely because the server started.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(database)
    with database.reading() as session:
        has_processes = session.scalar(sa.select(sa.exists(sa.select(Process.id))))
        has_people = session.scalar(sa.select(sa.exists(sa.select(Person.id))))
    if not has_processes:
        take_shipped(database, in_use_since=in_use_since)
    return not has_processes and not has_people


def take_shipped(
    database: Database, *, in_use_since: Mapping[str, datetime] | None = None
) -> dict[str, publishing.Taken]:
    """Take in every process the program ships; what was edited here stays as it is."""
    since, now = in_use_since or {}, clock.now()
    packages = sorted(shipped(ROOT), key=lambda package: package.key not in since)
    with database.writing() as session, session.begin():
        return {
            package.key: publishing.take_shipped(
                session, package, by=INSTALL, now=since.get(package.key, now)
            )
            for package in packages
        }


def load_demo(database: Database) -> None:
    """Build the demo up to this moment.

    :raises Conflict: if the installation is in use
    """
    with database.reading() as session:
        if session.scalar(sa.select(sa.exists(sa.select(Person.id)))):
            raise Conflict("database_not_empty")
    demo.load(database, until=clock.now())
