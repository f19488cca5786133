"""Starting the server, and what must be in place before."""

import argparse
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time

from sqlalchemy import exists, select

from webapp import clock, logs
from webapp.commands import FOUND_SOMETHING, GOOD
from webapp.prepare import plant_demo, prepare
from webapp.settings import Settings
from workflows import demo as demo_city
from workflows.database import Database, opened
from workflows.demo.cast import PASSWORD, PEOPLE
from workflows.language import ZONE
from workflows.organisation.growth import Growth, growth
from workflows.organisation.models import Person
from workflows.upkeep.schema import ROOT
from workflows.upkeep.schema import migrate as bring_up

SEED = 1
REST = 0.02  # seconds between two steps of a demo that grows beside a server
AFTERNOON = time(16)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Prepare what is missing, then serve: the way to try the product.

    A new demo grows meanwhile, in a process beside the server; it goes on if it was broken off.
    """
    with opened(settings.database_url) as database:
        since = None if options.empty else demo_city.begins(clock.now(), demo_city.Size.CITY)
        is_new = prepare(settings, database, since=since)
        if is_new and not options.empty:
            demo_city.plant(database, until=clock.now(), seed=SEED, size=demo_city.Size.CITY)
        with database.reading() as session:
            known = growth(session)
        has_people = _has(database, Person.id > 0)
    print(f"\nÅrshjul: {settings.url}\n")
    if known is not None:
        print(f"Sign in with one of these and the password “{PASSWORD}”:")
        for person in PEOPLE:
            print(f"  {person.email:<26} {person.name:<24} {person.does}")
        if not known.is_done:
            print("\nThe demo city is being built; every page says how far it is.")
            _grow_beside(settings, known)
    elif not has_people:
        print("Nobody can sign in yet. Make the first administrator in another window:")
        print("  python3 dev.py create-user ADDRESS NAME --administrator")
    print("\nCtrl+C stops.", flush=True)
    return serve(options, settings)


def _grow_beside(settings: Settings, known: Growth) -> None:
    """Let a process of its own build the demo, so that the server answers meanwhile."""
    words = ["demo", "--data", str(settings.data), "--seed", str(known.seed), "--beside"]
    words += ["--small"] if known.size == demo_city.Size.FEW else []
    subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "webapp.cli", *words], cwd=ROOT, stdin=subprocess.DEVNULL
    )


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


def demo(options: argparse.Namespace, settings: Settings) -> int:
    """Make a demo in an empty data folder, or finish one that was begun, without serving it."""
    size = demo_city.Size.FEW if options.small else demo_city.Size.CITY
    until = _end(options.until) if options.until else clock.now()
    parent = os.getppid()
    shown = sys.stderr.isatty() and not options.beside

    def tell(percent: int) -> bool:
        if shown:
            print(f"\r{percent} %", end="", file=sys.stderr, flush=True)
        return not options.beside or os.getppid() == parent  # the server has ended: so does this

    with opened(settings.database_url) as database:
        plant_demo(settings, database, until=until, seed=options.seed, size=size)
        player = demo_city.grow(database, rest=REST if options.beside else 0, tell=tell)
    for why in player.stuck.values():
        print(f"stuck: {why}", file=sys.stderr)
    return FOUND_SOMETHING if player.stuck else GOOD


def _end(day: date) -> datetime:
    return datetime.combine(day, AFTERNOON, ZONE).astimezone(UTC)


def _has(database: Database, what: object) -> bool:
    with database.reading() as session:
        return bool(session.scalar(select(exists(select(Person.id).where(what)))))  # type: ignore[arg-type]
