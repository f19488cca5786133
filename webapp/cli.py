"""The `arshjul` command: everything an installation does outside the browser."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp import clock
from webapp.settings import BadSetting, Settings, read
from workflows.database import Database
from workflows.errors import Refused

GOOD, FOUND_SOMETHING, USED_WRONGLY = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0 good, 1 found something wrong, 2 used wrongly."""
    parsed = _parser().parse_args(arguments)
    try:
        settings = read(os.environ, data=parsed.data, port=getattr(parsed, "port", None))
        code: int = parsed.run(parsed, settings)
    except BadSetting as bad:
        print(bad, file=sys.stderr)
        return USED_WRONGLY
    except Refused as refusal:
        _tell(refusal)
        return FOUND_SOMETHING
    return code


def _tell(refusal: Refused) -> None:
    from webapp.errors_words import words
    from workflows.language import Language

    told = words(refusal.code, 422, refusal.params, Language.EN)
    print(told.title, told.what, sep="\n", file=sys.stderr)
    for problem in getattr(refusal, "problems", ()):
        print(f"  {problem}", file=sys.stderr)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def _run(options: argparse.Namespace, settings: Settings) -> int:
    """Prepare what is missing, then serve; the way to try the product."""
    from webapp.prepare import prepare
    from workflows.demo.cast import PASSWORD, PEOPLE

    with _database(settings) as database:
        prepare(settings, database, with_demo=not options.empty)
        has_demo = _has_demo(database)
    print(f"\nÅrshjul: {settings.url}\n")
    if has_demo:
        print(f"Sign in with one of these and the password “{PASSWORD}”:")
        for person in PEOPLE:
            roles = ", ".join(role for role, _unit in person.roles)
            print(f"  {person.email:<24} {person.name:<24} {roles}")
    else:
        print("Nobody can sign in yet: make the first administrator with")
        print("  python3 dev.py create-user ADDRESS NAME --administrator")
    print("\nCtrl+C stops.", flush=True)
    return _serve(options, settings)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    """Serve a prepared data folder."""
    from webapp.serve import Server

    Server(settings, host=options.host, port=options.port).run()
    return GOOD


def _has_demo(database: Database) -> bool:
    from sqlalchemy import exists, select

    from workflows.organisation.models import Person

    with database.reading() as session:
        return bool(session.scalar(select(exists(select(Person.id).where(Person.is_demo)))))


def _migrate(_options: argparse.Namespace, settings: Settings) -> int:
    """Bring the database to the shape of this program."""
    from workflows.upkeep.schema import migrate

    settings.data.mkdir(parents=True, exist_ok=True)
    with _database(settings) as database:
        migrate(database)
    return GOOD


def _check_migrations(_options: argparse.Namespace, _settings: Settings) -> int:
    """Say whether the migrations make exactly the tables of the models."""
    import tempfile

    from workflows.upkeep.schema import differences, migrate

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/check.sqlite3")
        migrate(database)
        found = differences(database)
        database.close()
    for difference in found:
        print(difference)
    return FOUND_SOMETHING if found else GOOD


def _upgrade(options: argparse.Namespace, settings: Settings) -> int:
    """Take a backup, migrate, and take in what this program ships."""
    from webapp.prepare import INSTALL
    from workflows.operations.publishing import take_shipped
    from workflows.processes.packages import shipped
    from workflows.upkeep import backup
    from workflows.upkeep.schema import ROOT, migrate

    now = clock.now()
    kept = options.backup or settings.data / "backups" / f"before-upgrade-{now:%Y%m%dT%H%M%SZ}.zip"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with _database(settings) as database:
        backup(database, settings.data, kept)
        print(f"Backup: {kept}")
        migrate(database)
        with database.writing() as session, session.begin():
            for package in shipped(ROOT):
                taken = take_shipped(session, package, by=INSTALL, now=now)
                print(f"{package.name}: {taken}")
    return GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="arshjul", description=__doc__)
    parser.set_defaults(data=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[..., int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.add_argument("--data", type=Path, help="the data folder (default: var)")
        command.set_defaults(run=run)
        return command

    for name, verb in (("run", _run), ("serve", _serve)):
        command = add(name, verb)
        command.add_argument("--port", type=int, default=8000)
        command.add_argument("--host", default="127.0.0.1")
        if verb is _run:
            command.add_argument("--empty", action="store_true", help="start without the demo")
    add("migrate", _migrate)
    add("check-migrations", _check_migrations)
    command = add("upgrade", _upgrade)
    command.add_argument("--backup", type=Path, help="where to put the backup")
    return parser


if __name__ == "__main__":
    sys.exit(main())
