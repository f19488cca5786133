"""Letting the first people in, and bringing a whole organisation."""

import argparse
import json
from dataclasses import asdict

from webapp import clock
from webapp.commands import FOUND_SOMETHING, GOOD
from webapp.settings import Settings
from workflows.database import LOCAL, opened
from workflows.language import on
from workflows.operations import importing, invitations
from workflows.organisation import import_files
from workflows.organisation.actor import Actor
from workflows.organisation.import_changes import Change
from workflows.queries import importing as questions

COMMAND = Actor.system("command line")


def create_user(options: argparse.Namespace, settings: Settings) -> int:
    """Add a person and print the link with which they choose a password."""
    with (
        opened(settings.database_url, family=LOCAL) as database,
        database.writing() as session,
        session.begin(),
    ):
        path = invitations.create_user(
            session,
            options.email,
            options.name,
            is_administrator=options.administrator,
            by=COMMAND,
            now=clock.now(),
        )
    print(f"{settings.url}{path}")
    return GOOD


def import_organisation(options: argparse.Namespace, settings: Settings) -> int:
    """Show what files of units, people and roles would change; with --apply, change it."""
    sheets = import_files.read([(path.name, path.read_bytes()) for path in options.files])
    now = clock.now()
    with opened(settings.database_url, family=LOCAL) as database, database.writing() as session:
        prepared = importing.prepare(session, sheets, by=COMMAND, now=now)
        preview = questions.preview(session, prepared, today=on(now))
        problems = [str(problem) for problem in preview.problems]
        told = {
            "changes": [asdict(change) for change in preview.changes],
            "unchanged": preview.unchanged,
            "problems": problems,
            "applied": options.apply and not problems,
        }
        if told["applied"]:
            seen = questions.fingerprint(preview)
            importing.apply(session, prepared, seen=seen, by=COMMAND, now=now)
            session.commit()
    if options.json:
        print(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for line in (*problems, *map(_said, preview.changes)):
            print(line)
        print("applied" if told["applied"] else "nothing was changed: look, then add --apply")
    return FOUND_SOMETHING if problems else GOOD


def _said(change: Change) -> str:
    fields = ", ".join(
        f"{name}: {old or '–'} → {new or '–'}" for name, (old, new) in change.fields.items()
    )
    return f"{change.deed} in {change.sheet}: {change.label} ({fields})"
