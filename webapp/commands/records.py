"""The record of an installation: setting seals upon it, and checking it."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from webapp import clock
from webapp.commands import FOUND_SOMETHING, GOOD
from webapp.commands.people import COMMAND
from webapp.settings import BadSetting, Settings
from workflows.database import Database, opened
from workflows.history.proof import Fault, Seal, read_seals, written
from workflows.history.seals import standing
from workflows.operations import sealing
from workflows.upkeep.verifying import Report, verify

SAID = {
    "events_missing": "events are missing from number {n} on",
    "event_inserted": "event {n} was put in, or stands in another order",
    "event_changed": "event {n} was changed",
    "content_changed": "what event {n} tells was changed",
    "history_rewritten": "the history up to event {n} was written anew",
    "chain_missing": "the whole history is missing",
    "head_wrong": "it does not end where it says it ends: something is missing from number {n} on",
    "seal_missing": "seal {n} is missing",
    "seal_forged": "seal {n} is not signed by the key it should be",
    "seal_replaced": "seal {n} is another than the one held outside",
    "leaves_changed": "what seal {n} was set upon was changed",
    "anchor_forged": "seal {n} in the file held outside is not signed by its key",
}


def seal(options: argparse.Namespace, settings: Settings) -> int:
    """Set a seal upon the record, and print it: keep it where nobody here can change it."""
    with opened(settings.database_url) as database:
        made = set_seal(database, settings.seal_key, next_key=options.next_key)
    if options.next_key:
        options.next_key.replace(settings.seal_key)
    file, line = settings.data / "seals.jsonl", written(made)
    if not file.exists() or line not in file.read_text("utf-8").splitlines():
        with file.open("a", encoding="utf-8") as kept:
            kept.write(line + "\n")
    print(line)
    return GOOD


def set_seal(database: Database, path: Path, *, next_key: Path | None = None) -> Seal:
    """Look at the record and set a seal upon it; the lock is held only to write it down."""
    key, now = read_key(path), clock.now()
    with database.reading() as session:
        found = standing(session)
    with database.writing() as session, session.begin():
        if next_key:
            other = read_key(next_key)
            return sealing.rotate(session, found, key, next_key=other, by=COMMAND, now=now)
        return sealing.seal(session, found, key, by=COMMAND, now=now)


def check(options: argparse.Namespace, settings: Settings) -> int:
    """Check the whole record: every event, chain and seal, also against seals held outside."""
    kept = [each for file in options.anchor for each in _seals_in(file)]
    is_watched = sys.stderr.isatty() and not options.json
    with opened(settings.database_url) as database:
        report = verify(database, held_outside=kept, progress=_count if is_watched else None)
    if options.json:
        print(json.dumps(_plain(report), indent=2))
    else:
        _tell(report)
    return FOUND_SOMETHING if report.faults else GOOD


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read the key that signs seals; one is made where there is none.

    :raises BadSetting: if the file holds another kind of key, or others may read it
    """
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise BadSetting(f"{path} can be read by others than its owner: chmod 600 it.")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise BadSetting(f"{path} holds no key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSetting(f"{path} holds another kind of key than Ed25519.")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


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
        print(_said(fault))
    print(f"{report.events} events in {report.chains} chains; {report.purged} without content")
    print(f"{report.unsealed} events are newer than the last seal")
    print(f"checked against {_against(report)}")
    print("something is wrong" if report.faults else "everything holds")


def _said(fault: Fault) -> str:
    where = f"{fault.chain}: " if fault.chain else ""
    proof = f" (seal {fault.seal} proves it)" if fault.seal and fault.chain else ""
    return f"{where}{SAID[fault.code].format(n=fault.n)}{proof}"


def _against(report: Report) -> str:
    if report.anchors:
        return f"{report.anchors} seals held outside, and the database's own"
    if report.last:
        return f"the database's own {report.last.n} seals only; give --anchor FILE for more"
    return "nothing: no seal has been set"
