"""Setting seals upon the record with a key that lies in a file, each kept in a file beside it."""

import os
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from webapp import clock, mail
from webapp.settings import BadSetting, Settings
from workflows.database import Database
from workflows.errors import Conflict
from workflows.history.proof import Seal, written
from workflows.history.seals import last_seal, last_set_at, standing
from workflows.language import N_, Language, translator
from workflows.notices.letters import AddressBusy, AddressRefused, PostAway
from workflows.operations import sealing
from workflows.organisation.actor import Actor

EVERY, AGAIN = timedelta(hours=24), timedelta(minutes=30)
KEPT, SENT = "seals.jsonl", "seal-sent"
log = structlog.get_logger()

CLOCK = Actor.system("clock")
SUBJECT = N_("Seal {n} of Årshjul")
LETTER = N_(
    "Keep this mail, or the file in it, where nobody who runs Årshjul can change it. Whoever checks"
    " the record later holds this seal against it."
)


def set_seal_if_due(database: Database, settings: Settings) -> None:
    """Set the seal of the day; where the key is another user's to read, it is theirs to set."""
    with database.reading() as session:
        last_at = last_set_at(session)
    if last_at is not None and clock.now() - last_at < EVERY:
        return
    if settings.seal_key.exists() and not os.access(settings.seal_key, os.R_OK):
        return
    try:
        set_seal(database, settings, by=CLOCK)
    except Conflict as refusal:
        if refusal.code != "seal_overtaken":  # else another process was faster
            raise


def mailed_to(settings: Settings) -> tuple[str, ...]:
    """Name whom each new seal is mailed to, to be kept outside."""
    return mail.read(settings.smtp).seals if settings.smtp else ()


def mail_seal_if_due(database: Database, settings: Settings) -> None:
    """Mail the last seal to those who keep them outside, once; when the server of the mails is away
    or refuses, again after a while. Where the seals are set is noted what was sent."""
    to = mailed_to(settings)
    if not to or settings.smtp is None or not (settings.data / KEPT).exists():
        return
    with database.reading() as session:
        last = last_seal(session)
    noted, now = settings.data / SENT, clock.now()
    stands, _, again = noted.read_text("utf-8").partition(" ") if noted.exists() else ("", "", "")
    is_early = bool(again) and now < datetime.fromisoformat(again)
    if last is None or stands == last.hash or is_early:
        return
    way = mail.post(settings.smtp, links=settings.url)
    try:
        for address in to:
            way.send(letter(last, way.sender, ("", address), Language.SV))
    except (AddressRefused, AddressBusy, PostAway) as refusal:
        log.warning("seal_not_mailed", seal=last.n, why=str(refusal))
        noted.write_text(f"- {(now + AGAIN).isoformat()}", "utf-8")
        return
    with database.writing() as session, session.begin():
        sealing.sent(session, last, to, by=CLOCK, now=now)
    noted.write_text(last.hash, "utf-8")


def letter(seal: Seal, sender: str, to: tuple[str, str], spoken: Language) -> EmailMessage:
    """Write the mail that carries a seal out of here."""
    words, made = translator(spoken), EmailMessage()
    made["From"] = Address("Årshjul", addr_spec=sender)
    made["To"] = Address(" ".join(to[0].split()), addr_spec=to[1])
    made["Message-ID"] = f"<seal-{seal.n}-{seal.hash[:16]}@{sender.partition('@')[2]}>"
    made["Subject"] = words.gettext(SUBJECT).format(n=seal.n)
    made.set_content(words.gettext(LETTER) + "\n\n" + written(seal) + "\n")
    made.add_attachment(written(seal) + "\n", filename=f"seal-{seal.n}.jsonl")
    return made


def set_seal(
    database: Database, settings: Settings, *, by: Actor, next_key: Path | None = None
) -> Seal:
    """Look at the record and set a seal upon it; the lock is held only to write it down.

    :raises BadSetting: if there is no key to sign with
    :raises Conflict: if somebody else has just set one, or another key is to sign
    """
    key, other = read_key(settings.seal_key), read_key(next_key) if next_key else None
    now = clock.now()
    with database.reading() as session:
        found = standing(session)
    with database.writing() as session, session.begin():
        if other:
            made = sealing.rotate(session, found, key, next_key=other, by=by, now=now)
        else:
            made = sealing.seal(session, found, key, by=by, now=now)
    if next_key:
        next_key.replace(settings.seal_key)
    _keep(settings.data / KEPT, written(made))
    return made


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


def _keep(file: Path, line: str) -> None:
    if file.exists() and line in file.read_text("utf-8").splitlines():
        return
    with file.open("a", encoding="utf-8") as kept:
        kept.write(line + "\n")
