"""Backups, putting one back, and moving to a newer program."""

import argparse
import sys
import tempfile

from webapp import clock
from webapp.commands import FOUND_SOMETHING, GOOD, USED_WRONGLY
from webapp.commands.people import COMMAND
from webapp.prepare import state_cases, take_shipped
from webapp.settings import Settings
from workflows.database import LOCAL, Database, opened
from workflows.history.rows import record
from workflows.operations import publishing
from workflows.processes import rows as processes
from workflows.search import rows as search
from workflows.upkeep import backup as save
from workflows.upkeep import restore as put_back
from workflows.upkeep.schema import differences, migrate


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """Save the whole installation in one file."""
    with opened(settings.database_url) as database:
        manifest = save(
            database, settings.data, options.file, with_keys=options.with_keys, to=options.to
        )
        _tell(database, "backup_made")
    rows = sum(table.rows for table in manifest.tables)
    print(f"{options.file}: {rows} rows of {len(manifest.tables)} tables")
    return GOOD


def restore(options: argparse.Namespace, settings: Settings) -> int:
    """Put a backup back, into an empty database unless --replace is given."""
    settings.data.mkdir(parents=True, exist_ok=True)
    with opened(settings.database_url, family=LOCAL) as database:
        manifest = put_back(
            database, settings.data, options.file, key=options.key, replace=options.replace
        )
        _tell(database, "backup_restored")
    print(f"{sum(table.rows for table in manifest.tables)} rows are back")
    return GOOD


def _tell(database: Database, kind: str) -> None:
    with database.writing() as session, session.begin():
        record(session, kind, by=COMMAND, now=clock.now())


def upgrade(options: argparse.Namespace, settings: Settings) -> int:
    """Take a backup, migrate, and take in the processes this program ships."""
    name = f"before-upgrade-{clock.now():%Y%m%dT%H%M%SZ}.backup"
    file = options.backup or settings.data / "backups" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with opened(settings.database_url) as database:
        save(database, settings.data, file)
        print(f"backup: {file}")
        migrate(database)
        if count := state_cases(database):
            print(f"{count} cases written down as they stand, for their history says too little")
        for key, taken in take_shipped(database).items():
            print(f"{key}: {taken}")
    return GOOD


def switch_on(options: argparse.Namespace, settings: Settings) -> int:
    """Let a process that is shipped switched off run; without a name, list those that wait."""
    with (
        opened(settings.database_url, family=LOCAL) as database,
        database.writing() as session,
        session.begin(),
    ):
        off = [one for one in processes.all_of(session) if one.active_version is None]
        if options.process is None:
            print("\n".join(one.key for one in off) or "every process runs")
            return GOOD
        found = processes.find(session, options.process)
        if found is None:
            print(f"there is no process {options.process}", file=sys.stderr)
            return USED_WRONGLY
        version = publishing.switch_on(session, found, by=COMMAND, now=clock.now())
        print(f"{found.key}: version {version.number} runs")
    return GOOD


def search_index(options: argparse.Namespace, settings: Settings) -> int:
    """Say what the search finds wrongly or not at all; with --rebuild it is found out anew."""
    with opened(settings.database_url) as database:
        if options.rebuild:
            with database.writing() as session, session.begin():
                print(f"{search.rebuild(session)} things can be found")
            return GOOD
        with database.reading() as session:
            found = [f"{kind} {thing_id}" for kind, thing_id in search.strays(session)]
    print("\n".join([*found[:20], f"{len(found)} differ from what there is"]))
    return FOUND_SOMETHING if found else GOOD


def check_migrations(_options: argparse.Namespace, _settings: Settings) -> int:
    """Say whether the migrations make exactly the tables of the models."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/check.sqlite3")
        migrate(database)
        found = differences(database)
        database.close()
    for difference in found:
        print(difference)
    return FOUND_SOMETHING if found else GOOD
