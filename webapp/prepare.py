"""Bringing a data folder to where it can serve: tables, processes, and on first start a demo."""

import sqlalchemy as sa

from webapp import clock
from webapp.settings import Settings
from workflows import demo
from workflows.database import Database
from workflows.operations import publishing
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person
from workflows.processes.models import Process
from workflows.processes.packages import shipped
from workflows.upkeep.schema import ROOT, migrate

INSTALL = Actor.system("install")


def prepare(settings: Settings, database: Database, *, with_demo: bool) -> bool:
    """Make what is missing and leave what is there; returns whether a demo was loaded.

    A process is published only into an installation that has none: what is new with a newer
    program is taken in by `upgrade`, never merely because the server started.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(database)
    with database.writing() as session, session.begin():
        is_new = not session.scalar(sa.select(sa.exists(sa.select(Process.id))))
        if is_new:
            for package in shipped(ROOT):
                publishing.take_shipped(session, package, by=INSTALL, now=clock.now())
        is_empty = not session.scalar(sa.select(sa.exists(sa.select(Person.id))))
    if with_demo and is_new and is_empty:
        demo.load(database, until=clock.now())
        return True
    return False
