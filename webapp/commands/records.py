"""The record of an installation: setting seals upon it, and checking it."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from webapp import record_checks
from webapp.commands import FOUND_SOMETHING, GOOD
from webapp.commands.people import COMMAND
from webapp.sealing import set_seal
from webapp.settings import BadSetting, Settings
from workflows.database import LOCAL, opened
from workflows.history.proof import Seal, read_seals, said, written
from workflows.upkeep.verifying import Report, verify


def seal(options: argparse.Namespace, settings: Settings) -> int:
    """Set a seal upon the record, and print it: keep it where nobody here can change it."""
    with opened(settings.database_url, family=LOCAL) as database:
        made = set_seal(database, settings, by=COMMAND, next_key=options.next_key)
    print(written(made))
    return GOOD


def check(options: argparse.Namespace, settings: Settings) -> int:
    """Check the whole record: every event, chain and seal, also against seals held outside."""
    if options.check is not None:
        with opened(settings.database_url, family=LOCAL) as database:
            record_checks.run(database, options.check)
        return GOOD
    kept = [each for file in options.anchor for each in _seals_in(file)]
    is_watched = sys.stderr.isatty() and not options.json
    with opened(settings.database_url) as database:
        report = verify(database, held_outside=kept, progress=_count if is_watched else None)
    if options.json:
        print(json.dumps(_plain(report), indent=2))
    else:
        _tell(report)
    return FOUND_SOMETHING if report.faults else GOOD


def _seals_in(file: Path) -> list[Seal]:
    try:
        return read_seals(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"{file} holds no seals ({type(error).__name__}).") from error


def _count(seen: int) -> None:
    print(f"\r{seen} events", end="", file=sys.stderr)


def _plain(report: Report) -> dict[str, object]:
    return asdict(report) | {"ok": not report.faults, "checked_against": _against(report)}


def _tell(report: Report) -> None:
    for fault in report.faults:
        print(said(fault))
    print(f"{report.events} events in {report.chains} chains; {report.purged} without content")
    print(f"{report.unsealed} events are newer than the last seal")
    print(
        f"{report.approvals} approvals in force; {report.broken} no longer hold, as has been told"
    )
    print(f"checked against {_against(report)}")
    print("something is wrong" if report.faults else "everything holds")


def _against(report: Report) -> str:
    if report.anchors:
        return f"{report.anchors} seals held outside, and the database's own"
    if report.last:
        return f"the database's own {report.last.n} seals only; give --anchor FILE for more"
    return "nothing: no seal has been set"
