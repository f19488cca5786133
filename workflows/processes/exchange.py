"""A process as one file, to take from one installation to another: written and safely read.

Who reads it trusts nothing of it: not its size, its names, nor that it is what it says.
"""

import io
import re
import zipfile
import zlib

from workflows import engine
from workflows.canonical import canonical_text, content_hash, parse
from workflows.errors import Invalid
from workflows.processes.packages import Package

FORMAT = 1
MANIFEST, DIAGRAM = "manifest.json", "process.bpmn"
FOLDERS = {"forms": "json", "tables": "dmn", "tests": "json"}
MOST_FILES = 600
LARGEST_FILE, LARGEST = 5_000_000, 20_000_000
DEEPEST = 100  # brackets within brackets
EARLY = (1980, 1, 1, 0, 0, 0)  # the same content is the same file on any day
_NAME = re.compile(r"[a-z0-9_-]{1,80}(/[a-z0-9_-]{1,80})?", re.IGNORECASE)
_KEY = re.compile(r"[a-z][a-z0-9_]{0,62}")


def packed(package: Package) -> bytes:
    """Write a process as one file: diagram, forms, tables, tests, and a hash of each."""
    files = {DIAGRAM: package.source}
    parts = (package.forms, package.tables, package.tests)
    for (folder, ending), named in zip(FOLDERS.items(), parts, strict=True):
        files |= {f"{folder}/{name}.{ending}": content for name, content in named.items()}
    manifest = {
        "format": FORMAT,
        "key": package.key,
        "hash": package.hash,
        "files": {name: content_hash(content) for name, content in files.items()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [
            (MANIFEST, canonical_text(manifest).encode()),
            *sorted(files.items()),
        ]:
            archive.writestr(zipfile.ZipInfo(name, EARLY), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpacked(content: bytes) -> Package:
    """Read such a file.

    :raises Invalid: if it is damaged, too large, or holds anything that it does not say it holds
    """
    try:
        files = _files(content)
        manifest = parse(files.pop(MANIFEST, b""))
        said = manifest["files"] if isinstance(manifest, dict) else None
        key = manifest["key"] if isinstance(manifest, dict) else None
    except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError,
            RecursionError, NotImplementedError, RuntimeError):  # fmt: skip
        raise _bad("package_damaged") from None
    if not isinstance(said, dict) or not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _bad("package_no_manifest")
    if said != {name: content_hash(each) for name, each in files.items()} or DIAGRAM not in files:
        raise _bad("package_other_content")
    parts: dict[str, dict[str, bytes]] = {folder: {} for folder in FOLDERS}
    for name, each in files.items():
        must_be_text(name, each)
        if name != DIAGRAM:
            folder, _, rest = name.partition("/")
            parts[folder][rest.rpartition(".")[0]] = each
    return Package(key, files[DIAGRAM], parts["forms"], parts["tables"], parts["tests"])


def read(name: str, content: bytes) -> tuple[Package, tuple[engine.Taken, ...]]:
    """Read whatever somebody brings: such a file, or a diagram from any program, with what was
    taken over from how that program writes.

    :raises Invalid: if it cannot be read safely; `problems` says where
    """
    if content.startswith(b"PK"):
        return unpacked(content), ()
    source, key, taken = engine.adopted(content, name)
    return Package(key, source, {}, {}), taken


def must_be_text(name: str, content: bytes) -> None:
    """Refuse what an editor or a check could be led astray by.

    :raises Invalid: if it is no text, or no XML that can be opened, or goes too deep
    """
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _bad("package_no_text", name) from None
    if name.endswith(".json"):
        depth = deepest = 0
        for sign in text:
            depth += (sign in "[{") - (sign in "]}")
            deepest = max(deepest, depth)
        if deepest > DEEPEST:
            raise _bad("package_too_deep", name)
    elif problems := engine.check_opening(content, name):
        raise Invalid("file_not_kept", problems=problems)


def _files(content: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = LARGEST
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_FILES:
            raise _bad("package_too_many_files")
        for entry in entries:
            name = entry.filename
            folder, _, rest = name.partition("/")
            stem, _, ending = rest.rpartition(".")
            is_ours = name in (MANIFEST, DIAGRAM) or (
                FOLDERS.get(folder) == ending and _NAME.fullmatch(stem)
            )
            if not is_ours or name in files:
                raise _bad("package_strange_name", name)
            with archive.open(entry) as each:  # what it says of its own size is not believed
                files[name] = each.read(min(LARGEST_FILE, left) + 1)
            left -= len(files[name])
            if len(files[name]) > LARGEST_FILE or left < 0:
                raise _bad("package_too_large", name)
    return files


def _bad(code: str, file: str = "") -> Invalid:
    problem = engine.Problem("error", code, params={}, file=file[:100])
    return Invalid("file_not_kept", problems=(problem,))
