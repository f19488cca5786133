"""Starting the server, and what must be in place before."""

import argparse

from sqlalchemy import exists, select

from webapp import clock, logs
from webapp.commands import GOOD
from webapp.prepare import load_demo, prepare
from webapp.settings import Settings
from workflows.database import Database, opened
from workflows.demo import in_use_since
from workflows.demo.cast import PASSWORD, PEOPLE
from workflows.organisation.models import Person
from workflows.upkeep.schema import migrate as bring_up


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Prepare what is missing, then serve: the way to try the product."""
    with opened(settings.database_url) as database:
        used = {} if options.empty else in_use_since(clock.now())
        is_new = prepare(settings, database, in_use_since=used)
        if is_new and not options.empty:
            load_demo(database)
        has_demo, has_people = _has(database, Person.is_demo), _has(database, Person.id > 0)
    print(f"\nÅrshjul: {settings.url}\n")
    if has_demo:
        print(f"Sign in with one of these and the password “{PASSWORD}”:")
        for person in PEOPLE:
            print(f"  {person.email:<24} {person.name:<24} {person.does}")
    elif not has_people:
        print("Nobody can sign in yet. Make the first administrator in another window:")
        print("  python3 dev.py create-user ADDRESS NAME --administrator")
    print("\nCtrl+C stops.", flush=True)
    return serve(options, settings)


def serve(options: argparse.Namespace, settings: Settings) -> int:
    """Serve a prepared data folder: what a service manager starts."""
    from webapp.serve import Server  # gunicorn patches the process when it is imported

    Server(settings, host=options.host, port=options.port).run()
    return GOOD


def worker(_options: argparse.Namespace, settings: Settings) -> int:
    """Run the clock in a process of its own; ARSHJUL_CLOCK says whether it shares the work."""
    from webapp.worker import run_worker  # Procrastinate takes its time to import

    logs.configure()
    run_worker(settings)
    return GOOD


def migrate(_options: argparse.Namespace, settings: Settings) -> int:
    """Bring the database to the shape of this program."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with opened(settings.database_url) as database:
        bring_up(database)
    return GOOD


def demo(_options: argparse.Namespace, settings: Settings) -> int:
    """Make a demo in an empty data folder, without serving it."""
    with opened(settings.database_url) as database:
        prepare(settings, database, in_use_since=in_use_since(clock.now()))
        load_demo(database)
    return GOOD


def _has(database: Database, what: object) -> bool:
    with database.reading() as session:
        return bool(session.scalar(select(exists(select(Person.id).where(what)))))  # type: ignore[arg-type]
