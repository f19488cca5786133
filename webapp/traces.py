"""What a request leaves behind even when it is refused: short transactions of their own.

A secret read, an export, a refused sign-in, a count of attempts, when somebody was last seen. They
are written before the answer leaves, whatever the method; all else goes with the request.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flask import g, request
from sqlalchemy.orm import Session

from webapp import clock
from webapp.transactions import SAFE, writing
from workflows.cases.models import Case
from workflows.history.rows import Author, record
from workflows.organisation.actor import Actor
from workflows.processes.models import Secrecy

# Pages about nobody but who looks at them.
OWN = {"absences", "account", "factors", "home", "notices", "second_factor"}


@contextmanager
def trace() -> Iterator[Session]:
    """Open a short transaction of its own, committed on the way out.

    :raises RuntimeError: inside the request's own writing, which it would wait for without end
    """
    if "session" in g and request.method not in SAFE and "abandoned" not in g:
        raise RuntimeError("leave the trace before the request begins to write")
    with writing() as opened:
        yield opened
        opened.commit()


def leave_if_secret(case: Case, *, by: Author) -> None:
    """Write down that somebody looks at a secret case; if that cannot be done, nothing is shown."""
    if case.secrecy is Secrecy.SECRET:
        leave("secret_read", by=by, case_id=case.id, unit_id=case.unit_id)


def leave_if_audited(by: Actor) -> None:
    """Write down what an auditor reads, before it is shown; what is only their own is nobody's."""
    if request.method == "GET" and by.audits and request.blueprint not in OWN:
        leave("audit_read", by=by, what={"page": request.full_path.rstrip("?")})


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
