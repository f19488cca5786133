"""Carrying what somebody typed past a sign-in, when theirs ended while they typed.

Nothing is stored: the fields go along as hidden inputs, and afterwards become a draft by a press of
a button, never a completion.
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import RequestRedirect

from webapp.transactions import SAFE, this_app

MOST = 2 * 1024 * 1024
TYPING = ("tasks.complete", "tasks.save_draft", "tasks.merge", "decisions.decide")
DRAFTS = dict.fromkeys(TYPING, "tasks.save_draft")
FIELD, TO = "carried", "carried_to"
NEVER = frozenset({"csrf_token", FIELD, TO})

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Carried:
    """What was typed, and the address that will take it as a draft."""

    to: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    is_too_much: bool = False

    @property
    def inputs(self) -> Pairs:
        """The hidden inputs that carry it over the next page."""
        if not self.to:
            return []
        packed = [(FIELD, json.dumps(pair, ensure_ascii=False)) for pair in self.pairs]
        return [(TO, self.to), *packed]


def picked_up() -> Carried:
    """Pick up what this refused request tried to send, if it can become a draft."""
    to = DRAFTS.get(request.endpoint or "")
    if request.method in SAFE or to is None:
        return Carried()
    pairs = tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in NEVER and not name.startswith("pick:")  # chosen between two drafts anew
    )
    if sum(len(name) + len(value) for name, value in pairs) > MOST:
        return Carried(is_too_much=True)
    return Carried(url_for(to, task_id=(request.view_args or {})["task_id"]), pairs)


def handed_on() -> Carried:
    """Read what the page before carried, from the form just posted."""
    to = request.form.get(TO, "")
    if not to or not _takes_drafts(to):
        return Carried()
    pairs = []
    for packed in request.form.getlist(FIELD):
        try:
            pair = json.loads(packed)
        except ValueError:
            return Carried()
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(isinstance(p, str) for p in pair)
        ):
            return Carried()
        pairs.append((pair[0], pair[1]))
    return Carried(to, tuple(pairs))


def way_back() -> str:
    """Return where to go after a sign-in that was asked for in the middle of something."""
    if request.method in SAFE:
        return safe_next(request.full_path.rstrip("?"))
    return safe_next((request.referrer or "").removeprefix(this_app().settings.url))


def is_from_us() -> bool:
    """Tell whether the browser says that a page of ours sent this, and not somebody else's."""
    return request.headers.get("Origin") == this_app().settings.url


def safe_next(path: str | None) -> str:
    """Return where to go afterwards: a path of ours, whatever was asked for."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return "/"
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not path.isprintable():
        return "/"
    return path


def _takes_drafts(path: str) -> bool:
    try:
        endpoint, _ = this_app().url_map.bind("").match(path, method="POST")
    except (HTTPException, RequestRedirect, RequestEntityTooLarge):
        return False
    return endpoint in DRAFTS.values()
