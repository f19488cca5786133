"""Looking at a file that somebody sends, before anything is written: what it is, and its hash.

What it is, its first bytes say, never its name; the name must then agree. Whatever can carry a
program or be shown as a page of ours is refused.
"""

import hashlib
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from workflows.errors import Invalid

MEGABYTE = 1024 * 1024
LARGEST = 50 * MEGABYTE
LONGEST_NAME = 150

OFFICE = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
TYPES = {  # by the ending of the name
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": f"{OFFICE}wordprocessingml.document",
    "xlsx": f"{OFFICE}spreadsheetml.sheet",
    "pptx": f"{OFFICE}presentationml.presentation",
    "odt": f"{ODF}text",
    "ods": f"{ODF}spreadsheet",
    "odp": f"{ODF}presentation",
    "txt": "text/plain",
    "csv": "text/csv",
}
_SIGNED = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
# What is refused by name, so that whoever sends it knows why.
_REFUSED = {
    b"MZ": "file_is_program",
    b"\x7fELF": "file_is_program",
    b"\xd0\xcf\x11\xe0": "file_is_old_office",
    b"PK\x03\x04": "file_is_archive",
    b"Rar!": "file_is_archive",
    b"7z\xbc\xaf": "file_is_archive",
    b"\x1f\x8b": "file_is_archive",
}
_PAGE = re.compile(rb"\s*<(?:!doctype|!--|\?xml|html|head|body|script|svg)", re.IGNORECASE)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_BOM = b"\xef\xbb\xbf"
_PARTS = "[Content_Types].xml"
_MOST_PARTS = 10_000
_FORBIDDEN_IN_NAMES = re.compile(r'[<>:"|?*]')


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it came, known and hashed."""

    name: str
    media_type: str
    size: int
    sha256: str
    chunks: tuple[bytes, ...]


def receive(name: str, stream: BinaryIO) -> Received:
    """Read a file to its end, in pieces.

    :raises Invalid: `file_…` if it is empty, too large, not what its name says, or of a kind that
        is not taken
    """
    clean = clean_name(name)
    hashed, chunks, size = hashlib.sha256(), [], 0
    while chunk := stream.read(MEGABYTE):
        size += len(chunk)
        if size > LARGEST:
            raise Invalid("file_too_large", most=LARGEST, name=clean)
        hashed.update(chunk)
        chunks.append(chunk)
    if not size:
        raise Invalid("file_empty", name=clean)
    media_type = _media_type(clean, chunks, stream)
    return Received(clean, media_type, size, hashed.hexdigest(), tuple(chunks))


def made(name: str, media_type: str, content: bytes) -> Received:
    """See what we made ourselves as a file to keep."""
    pieces = tuple(content[at : at + MEGABYTE] for at in range(0, len(content), MEGABYTE))
    return Received(name, media_type, len(content), hashlib.sha256(content).hexdigest(), pieces)


def clean_name(name: str) -> str:
    """The name without folders, marks that turn text, and what some machine could not store."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(one for one in last if unicodedata.category(one)[0] not in "CZ" or one == " ")
    kept = " ".join(_FORBIDDEN_IN_NAMES.sub("_", kept).split()).strip(". ")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:LONGEST_NAME] or "fil"
    return f"{stem[: LONGEST_NAME - len(ending) - 1].strip() or 'fil'}.{ending[:10]}"


def _media_type(name: str, chunks: list[bytes], stream: BinaryIO) -> str:
    ending = PurePosixPath(name).suffix[1:].lower()
    found = _found(chunks, stream)
    if found == "text/plain" and TYPES.get(ending) == "text/csv":
        found = "text/csv"
    if TYPES.get(ending) != found:
        raise Invalid("file_misnamed", name=name)
    return found


def _found(chunks: list[bytes], stream: BinaryIO) -> str:
    head = chunks[0][:64]
    for mark, media_type in _SIGNED.items():
        if head.startswith(mark):
            return media_type
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(stream)
    if not any(_NO_TEXT.search(chunk) for chunk in chunks):
        text = chunks[0].removeprefix(_BOM)
        if _PAGE.match(text):
            raise Invalid("file_is_page")
        if text.startswith(b"#!"):
            raise Invalid("file_is_program")
        return "text/plain"
    raise Invalid(
        next((code for m, code in _REFUSED.items() if head.startswith(m)), "file_unknown")
    )


def _in_zip(stream: BinaryIO) -> str:
    """Tell which kind of office document a zip file is.

    :raises Invalid: if it is none, or holds macros
    """
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            if len(names) > _MOST_PARTS:
                raise Invalid("file_is_archive")
            told = _told(archive, _PARTS if _PARTS in names else "mimetype")
    except KeyError:
        raise Invalid("file_is_archive") from None
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError):
        raise Invalid("file_unknown") from None
    if b"macroEnabled" in told or any(_is_program(name) for name in names):
        raise Invalid("file_has_macros")
    for media_type in TYPES.values():
        if told.strip() == media_type.encode() or f"{media_type}.main+xml".encode() in told:
            return media_type
    raise Invalid("file_is_archive")


def _told(archive: zipfile.ZipFile, part: str) -> bytes:
    with archive.open(part) as member:
        return member.read(MEGABYTE)


def _is_program(name: str) -> bool:
    lowered = name.lower()
    inside = ("vbaproject", "macrosheets/", "/activex/", "basic/", "scripts/")
    return any(each in lowered for each in inside)
