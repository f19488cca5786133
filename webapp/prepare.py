"""Bringing a data folder to where it can serve: tables, processes, and perhaps a demo."""

from datetime import datetime

import sqlalchemy as sa

from webapp import clock
from webapp.settings import Settings
from workflows import demo
from workflows.database import Database
from workflows.documents import library_texts
from workflows.errors import Conflict
from workflows.operations import library, publishing, stating
from workflows.organisation.actor import Actor
from workflows.organisation.growth import growth
from workflows.organisation.models import Person
from workflows.processes.models import Process
from workflows.processes.packages import shipped
from workflows.upkeep.schema import ROOT, migrate, revision_of

INSTALL = Actor.system("install")


def prepare(settings: Settings, database: Database, *, since: datetime | None = None) -> bool:
    """Make what is missing and leave what is there; returns whether the installation is new.

    Processes are published only into an installation that has none: what is new with a newer
    program is taken in by `upgrade`, never merely because the server started. A demo has used them
    for long already, `since` it began.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    stood_at = revision_of(database)
    migrate(database)
    if stood_at not in (None, revision_of(database)):
        state_cases(database)
    with database.reading() as session:
        has_processes = session.scalar(sa.select(sa.exists(sa.select(Process.id))))
        has_people = session.scalar(sa.select(sa.exists(sa.select(Person.id))))
    if not has_processes:
        take_shipped(database, now=since)
    return not has_processes and not has_people


def state_cases(database: Database) -> int:
    """Write down how each case stands whose history says too little to show it; returns how many.

    Each is a transaction of its own: what breaks off goes on with the next `upgrade`.
    """
    with database.reading() as session:
        cases = stating.untold(session)
    for case_id in cases:
        with database.writing() as session, session.begin():
            stating.state(session, case_id, by=INSTALL, now=clock.now())
    return len(cases)


def take_shipped(database: Database, *, now: datetime | None = None) -> dict[str, publishing.Taken]:
    """Take in every process and template the program ships; what was edited here stays as it is."""
    moment = now or clock.now()
    texts = library_texts.shipped()
    with database.writing() as session, session.begin():
        library.take_in(session, texts, by=INSTALL, now=moment)
        return {
            package.key: publishing.take_shipped(session, package, by=INSTALL, now=moment)
            for package in shipped(ROOT)
        }


def plant_demo(
    settings: Settings, database: Database, *, until: datetime, seed: int, size: demo.Size
) -> None:
    """Begin a demo, or find the one begun before; `demo.grow` then plays it to its end.

    :raises Conflict: if people work here, or the demo here is another
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    migrate(database)
    with database.reading() as session:
        known = growth(session)
        has_people = session.scalar(sa.select(sa.exists(sa.select(Person.id))))
    if known is not None and not known.is_done and (known.seed, known.size) == (seed, size):
        return
    if has_people:
        raise Conflict("database_not_empty")
    prepare(settings, database, since=demo.begins(until, size))
    demo.plant(database, until=until, seed=seed, size=size)
