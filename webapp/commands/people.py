"""Letting the first people in."""

import argparse

from webapp import clock
from webapp.commands import GOOD
from webapp.settings import Settings
from workflows.database import opened
from workflows.operations.invitations import create_user as let_in
from workflows.organisation.actor import Actor

COMMAND = Actor.system("command line")


def create_user(options: argparse.Namespace, settings: Settings) -> int:
    """Add a person and print the link with which they choose a password."""
    with (
        opened(settings.database_url) as database,
        database.writing() as session,
        session.begin(),
    ):
        path = let_in(
            session,
            options.email,
            options.name,
            is_administrator=options.administrator,
            by=COMMAND,
            now=clock.now(),
        )
    print(f"{settings.url}{path}")
    return GOOD
