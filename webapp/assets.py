"""Style, scripts, fonts and pictures: read once, served under names that change with their content.

The files of `static/` live under one edition (a hash over all of them), so that a script may import
its neighbour and a style its font by a relative path and both be kept for ever. The style files are
joined into one. The built bundle in `static/dist/` carries its own hashes and is sent from disk.
"""

import gzip
import hashlib
import json
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request

STATIC = Path(__file__).parent / "static"
DIST = STATIC / "dist"
STYLE = "css/app.css"
STYLE_ORDER = ("tokens.css", "base.css", "layout.css", "components/*.css", "print.css")
# What a browser is told these are, whatever the machine's own table says.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".map": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
PACKED = frozenset({".css", ".js", ".svg", ".txt"})
SMALL = 1000  # bytes that are not worth packing
OUR_WORDS = re.compile(r"[0-9a-z_:.-]{0,30}")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"

assets = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Edition:
    """All files of `static/` as they were when the process started."""

    name: str
    files: dict[str, bytes]
    packed: dict[str, bytes]


@cache
def edition() -> Edition:
    """Read the files once, join the style, pack what packing makes smaller."""
    files = {
        str(path.relative_to(STATIC)): path.read_bytes()
        for folder in ("fonts", "img", "js")
        for path in sorted((STATIC / folder).rglob("*"))
        if path.is_file()
    }
    files[STYLE] = _style()
    name = hashlib.sha256()
    for path, content in sorted(files.items()):
        name.update(f"{path}\0{len(content)}\0".encode() + content)
    packed = {
        path: gzip.compress(content, mtime=0)
        for path, content in files.items()
        if Path(path).suffix in PACKED
    }
    return Edition(name.hexdigest()[:12], files, packed)


@cache
def bundle() -> dict[str, str]:
    """Read which hashed name each built file has; nothing when none is built."""
    manifest = DIST / "manifest.json"
    names: dict[str, str] = json.loads(manifest.read_bytes()) if manifest.exists() else {}
    return names


def asset_url(name: str) -> str:
    """Say where a file is: `css/app.css`, `js/theme.js`, `dist/viewer.js`.

    :raises LookupError: if there is no such file
    """
    if name.startswith("dist/"):
        path = f"dist/{bundle()[name.removeprefix('dist/')]}"
    elif name in edition().files:
        path = f"{edition().name}/{name}"
    else:
        raise LookupError(f"no asset is called {name}")
    return f"{request.script_root}/assets/{path}"  # a page has a hundred icons: not by the router


@assets.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """Send a file; one asked for by an old edition is sent as it is now, but not kept."""
    asked, _, path = name.partition("/")
    if asked == "dist":
        return _built(path)
    if path not in edition().files:
        abort(404)
    if path in edition().packed and _takes("gzip"):
        answer = Response(edition().packed[path])
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = Response(edition().files[path])
    return _labelled(answer, path, keep=asked == edition().name)


def pack(answer: Response) -> Response:
    """Pack a page on its way out.

    One that may show what the address says freely is left as it is: how well it packs would tell
    whoever chose those words, and sees how long the answer is, what else stands in it.
    """
    is_page = answer.mimetype == "text/html" and not answer.is_streamed
    is_ours = request.method == "GET" and all(map(OUR_WORDS.fullmatch, request.args.values()))
    if is_page and is_ours and len(answer.get_data()) > SMALL and _takes("gzip"):
        answer.set_data(gzip.compress(answer.get_data(), 5, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
        answer.vary.add("Accept-Encoding")
    return answer


def _built(path: str) -> Response:
    """Send a file of the bundle, packed as the browser likes it best."""
    if path not in bundle().values():
        abort(404)
    for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
        packed = DIST / f"{path}{suffix}"
        if _takes(coding) and packed.exists():
            answer = Response(packed.read_bytes(), headers={"Content-Encoding": coding})
            return _labelled(answer, path, keep=True)
    return _labelled(Response((DIST / path).read_bytes()), path, keep=True)


def _labelled(answer: Response, path: str, *, keep: bool) -> Response:
    answer.headers["Content-Type"] = _type(path)
    answer.headers["Cache-Control"] = FOR_EVER if keep else ASK_FIRST
    answer.headers["Vary"] = "Accept-Encoding"
    return answer


def _takes(coding: str) -> bool:
    return request.accept_encodings.quality(coding) > 0


def _type(path: str) -> str:
    suffix = Path(path).suffix
    return TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")


def _style() -> bytes:
    """Join the style files; the layers named first decide what wins, not the order of the files."""
    folder = STATIC / "css"
    files = [path for pattern in STYLE_ORDER for path in sorted(folder.glob(pattern))]
    return b"\n".join(path.read_bytes() for path in files)
