"""The file an evidence package is written to, and the names and lines of what lies in it."""

import hashlib
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any

from workflows.canonical import canonical_text
from workflows.language import local

LONGEST = 100
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


class Package:
    """A file being written: whatever is put in it stands in its manifest."""

    def __init__(self, out: IO[bytes], now: datetime) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self._at = local(now).timetuple()[:6]
        self.hashes: dict[str, str] = {}

    def put(self, name: str, *parts: bytes | str) -> None:
        self.stream(name, (one.encode() if isinstance(one, str) else one for one in parts))

    def stream(self, name: str, parts: Iterable[bytes]) -> None:
        seen, info = hashlib.sha256(), zipfile.ZipInfo(name, self._at)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            for part in parts:
                seen.update(part)
                file.write(part)
        self.hashes[name] = seen.hexdigest()

    def close(self) -> str:
        """Write the manifest; returns the hash of it, which stands for all of the package."""
        self.put("manifest.json", canonical_text({"files": self.hashes}))
        self._zip.close()
        return self.hashes["manifest.json"]


def safe(name: str) -> str:
    """Make a name that every system can have as the name of a file; å stays å."""
    name = UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(". ")
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:LONGEST]}{dot}{ending[:20]}" if stem else name[:LONGEST] or "_"


def line(told: dict[str, Any]) -> bytes:
    """Write one row of a file that holds a JSON object to a line."""
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"
