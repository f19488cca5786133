"""What an installation may set, read once from the environment; each is told of in the README."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from webapp import mail

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


KEY_BYTES = 32


class Clock(StrEnum):
    """Where the clock runs that does the due work."""

    SERVER = "server"  # in the server's own process
    WORKER = "worker"  # in one process of its own
    WORKERS = "workers"  # in as many as wanted, on several machines


class BadSetting(Exception):
    """A setting that cannot be used, in words for the person who installs."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process."""

    data: Path  # holds the database, the keys and what is made
    database_url: str
    url: str  # the address people use
    proxies: int  # how many reverse proxies stand before us
    threads: int
    idle_minutes: int
    session_hours: int
    oidc_issuer: str | None
    oidc_client_id: str | None
    oidc_client_secret: str | None
    smtp: str | None  # the server for mail; without one there is no mail
    zone: ZoneInfo
    clock: Clock  # where due work is done
    seal_key: Path  # signs the seals upon the record; may belong to another user or machine
    clamav: Path | None  # the socket of ClamAV, which then looks at every file

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https:")

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can reach us."""
        return urlsplit(self.url).hostname in LOOPBACK

    @property
    def hosts(self) -> list[str]:
        """The host names a request may ask for."""
        host = urlsplit(self.url).hostname or ""
        return sorted(LOOPBACK | {"[::1]"}) if host in LOOPBACK else [host]

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def secret_key(self) -> bytes:
        """Return the key that signs cookies, made on first use and readable by its owner only.

        :raises BadSetting: if the file holds no whole key
        """
        path = self.data / "secret.key"
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
        if len(key) != KEY_BYTES:
            raise BadSetting(
                f"{path} holds no whole key; restore it, or remove it to sign all out."
            )
        return key


def read(
    environ: Mapping[str, str], *, data: Path | None = None, port: int | None = None
) -> Settings:
    """Read the settings.

    :raises BadSetting: for one that cannot be used
    """
    folder = (data or Path(environ.get("ARSHJUL_DATA", "var"))).resolve()
    url = environ.get("ARSHJUL_URL", f"http://127.0.0.1:{port or 8000}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise BadSetting(f"ARSHJUL_URL is {url}: only https, or http on this machine, is safe.")
    return Settings(
        data=folder,
        database_url=_database_url(environ.get("DATABASE_URL"), folder),
        url=url,
        proxies=_number(environ, "ARSHJUL_PROXIES", 0, 0, 5),
        threads=_number(environ, "ARSHJUL_THREADS", 8, 1, 64),
        idle_minutes=_number(environ, "ARSHJUL_IDLE_MINUTES", 60, 5, 24 * 60),
        session_hours=_number(environ, "ARSHJUL_SESSION_HOURS", 12, 1, 24 * 7),
        oidc_issuer=environ.get("ARSHJUL_OIDC_ISSUER"),
        oidc_client_id=environ.get("ARSHJUL_OIDC_CLIENT_ID"),
        oidc_client_secret=environ.get("ARSHJUL_OIDC_CLIENT_SECRET"),
        smtp=_smtp(environ.get("ARSHJUL_SMTP")),
        zone=_zone(environ.get("ARSHJUL_ZONE", "Europe/Stockholm")),
        clock=_clock(environ),
        seal_key=Path(environ.get("ARSHJUL_SEAL_KEY") or folder / "seal.key"),
        clamav=Path(environ["ARSHJUL_CLAMAV"]) if environ.get("ARSHJUL_CLAMAV") else None,
    )


def _make_key(path: Path) -> None:
    """Write a key in full before it gets its name, so that two processes agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unnamed = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(unnamed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(unnamed, path)
    except FileExistsError:
        pass  # another process was first; its key is as good
    finally:
        unnamed.unlink()


def _database_url(url: str | None, folder: Path) -> str:
    if not url:
        return f"sqlite:///{folder / 'arshjul.sqlite3'}"
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql"):
        return f"postgresql+psycopg://{rest}"
    if scheme in ("postgresql+psycopg", "sqlite"):
        return url
    raise BadSetting(f"DATABASE_URL begins with {scheme}: only postgresql and sqlite are known.")


def _smtp(url: str | None) -> str | None:
    try:
        if url:
            mail.read(url)
    except ValueError as error:
        raise BadSetting(f"ARSHJUL_SMTP cannot be used: {error}.") from error
    return url or None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError) as error:
        raise BadSetting(f"ARSHJUL_ZONE is {name}: no such time zone is known.") from error


def _clock(environ: Mapping[str, str]) -> Clock:
    said = environ.get("ARSHJUL_CLOCK", Clock.SERVER)
    if said not in set(Clock):
        raise BadSetting(f"ARSHJUL_CLOCK is {said}: it must be one of {', '.join(Clock)}.")
    if said == Clock.WORKERS and not environ.get("DATABASE_URL", "").startswith("postgres"):
        raise BadSetting("ARSHJUL_CLOCK is workers: several share the work on PostgreSQL only.")
    return Clock(said)


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadSetting(f"{name} is {text}: it must be a whole number from {low} to {high}.")
    return int(text)
