"""What a request leaves behind even when it is refused: short transactions of their own.

A secret read, an export, a refused sign-in, a count of attempts, when somebody was last seen. They
are written before the answer leaves, whatever the method; all else goes with the request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import g, request
from sqlalchemy.orm import Session

from webapp import clock
from webapp.transactions import SAFE, this_app
from workflows.history.rows import Author, record


@contextmanager
def trace() -> Iterator[Session]:
    """Open a short transaction of its own, committed on the way out.

    :raises RuntimeError: inside the request's own writing, which it would wait for without end
    """
    if "session" in g and request.method not in SAFE and "abandoned" not in g:
        raise RuntimeError("leave the trace before the request begins to write")
    with this_app().database.writing() as opened:
        yield opened
        opened.commit()


def leave(
    kind: str,
    *,
    by: Author,
    case_id: int | None = None,
    unit_id: int | None = None,
    what: Mapping[str, object] | None = None,
) -> None:
    """Write down that something happened, kept also when the deed is refused."""
    with trace() as opened:
        record(opened, kind, by=by, now=clock.now(), case_id=case_id, unit_id=unit_id, what=what)
