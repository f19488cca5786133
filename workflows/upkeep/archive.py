"""The file of a backup: a zip of one member for each table, and a manifest that vouches for them.

manifest.json      format, schema, tables (columns, rows, sha256), last ids, keys
tables/NAME.jsonl  one row a line
keys/NAME          only when asked for
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from workflows.errors import Conflict, Invalid

FORMAT = 1
MANIFEST = "manifest.json"


class BadArchive(Invalid):
    """The file is no backup, or not the one that was made."""

    code = "backup_unreadable"


class NewerArchive(Conflict):
    """The file was made by a newer program."""

    code = "backup_newer"


@dataclass(frozen=True, slots=True)
class Member:
    """What the manifest says of one table."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds."""

    schema: str | None
    tables: list[Member]
    last_ids: Mapping[str, int]  # the highest ever given, so that none comes to mean another row
    keys: Mapping[str, str] = field(default_factory=dict)  # name -> sha256
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows it holds in all."""
        return sum(table.rows for table in self.tables)


class Writer:
    """An archive being made."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.tables: list[Member] = []
        self.keys: dict[str, str] = {}

    def table(self, name: str, columns: list[str], lines: Iterable[bytes]) -> None:
        """Add a table."""
        hashed, count = hashlib.sha256(), 0
        with self._zip.open(_member(name), "w", force_zip64=True) as member:
            for line in lines:
                hashed.update(line)
                member.write(line)
                count += 1
        self.tables.append(Member(name, columns, count, hashed.hexdigest()))

    def key(self, file: Path) -> None:
        """Add a key."""
        content = file.read_bytes()
        self._zip.writestr(f"keys/{file.name}", content)
        self.keys[file.name] = hashlib.sha256(content).hexdigest()

    def finish(self, schema: str | None, last_ids: Mapping[str, int]) -> Manifest:
        """Write the manifest; without it the file is no backup."""
        manifest = Manifest(schema, self.tables, last_ids, self.keys)
        self._zip.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        self._zip.close()
        return manifest


class Reader:
    """An archive whose manifest has been read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self.manifest = _manifest(archive)

    def lines(self, member: Member) -> Iterator[bytes]:
        """Give the rows of a table.

        :raises BadArchive: at the end, if they are not those that were saved
        """
        hashed, count = hashlib.sha256(), 0
        with self._zip.open(_member(member.name)) as lines:
            for line in lines:
                hashed.update(line)
                count += 1
                yield line
        if (hashed.hexdigest(), count) != (member.sha256, member.rows):
            raise BadArchive(member=member.name)

    def key(self, name: str) -> bytes:
        """Return one of the keys.

        :raises BadArchive: if it is not the one that was saved
        """
        content = self._zip.read(f"keys/{name}")
        if hashlib.sha256(content).hexdigest() != self.manifest.keys[name]:
            raise BadArchive(member=name)
        return content

    def verify(self) -> None:
        """Read everything once.

        :raises BadArchive: if anything is not what was saved
        """
        for member in self.manifest.tables:
            for _line in self.lines(member):
                pass
        for name in self.manifest.keys:
            self.key(name)


@contextmanager
def reading(file: BinaryIO) -> Iterator[Reader]:
    """Open an archive.

    :raises BadArchive: if it is none, or damaged
    :raises NewerArchive: if it was made by a newer program
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield Reader(archive)
    except (zipfile.BadZipFile, KeyError, EOFError, zlib.error) as error:
        raise BadArchive(member=str(error)) from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    said = json.loads(archive.read(MANIFEST))
    if not isinstance(said, dict) or not isinstance(said.get("format"), int):
        raise BadArchive(member=MANIFEST)
    if said["format"] > FORMAT:
        raise NewerArchive(format=said["format"])
    tables = [Member(**table) for table in said.pop("tables")]
    return Manifest(tables=tables, **said)


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"
