"""Files that come with a request: looked at and hashed before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, request

from webapp import clamav, clock
from webapp.auth import actor
from webapp.errors_words import words
from webapp.format import language
from webapp.pages import posted_pairs
from webapp.transactions import session, this_app
from workflows.documents.receiving import LARGEST, MEGABYTE, Received, receive
from workflows.errors import Invalid
from workflows.forms import FieldError, Form, Kind
from workflows.operations.files import attach
from workflows.processes.rows import form
from workflows.tasks.models import Task

# Where a file may come, and how much else may come along with it.
TAKE_FILES = frozenset(
    {
        "tasks.save_draft",
        "tasks.complete",
        "files.attach",
        "files.attach_to_task",
        "library.add",
        "trials.fill",
    }
)
BESIDE = 8 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Sent:
    """What came, by the field it came in, and what is wrong with the rest."""

    files: dict[str, Received]
    errors: tuple[FieldError, ...]


def install(app: Flask) -> None:
    """Let more come to where files may come; must be asked first, before a body is read."""

    @app.before_request
    def make_room() -> None:
        if request.endpoint in TAKE_FILES and request.mimetype == "multipart/form-data":
            request.max_content_length = LARGEST + BESIDE

    app.jinja_env.globals |= {"largest_file": LARGEST, "refused": refused}


def sent() -> Sent:
    """Read the files of this request; a view does so before it begins to write."""
    files: dict[str, Received] = {}
    errors = []
    for name, upload in request.files.items(multi=True):
        if not upload.filename:
            continue
        try:
            files[name] = _looked_at(receive(upload.filename, upload.stream))  # type: ignore[arg-type]
        except Invalid as refusal:
            errors.append(FieldError(name, refusal.code, refusal.params))
    return Sent(files, tuple(errors))


def _looked_at(received: Received) -> Received:
    """Have ClamAV look at a file, where there is one."""
    if (at := this_app().settings.clamav) is not None:
        clamav.look(at, received.chunks, name=received.name)
    return received


def only() -> Received:
    """Read the one file of a form that asks for one.

    :raises Invalid: if there is none, or it is not taken
    """
    came = sent()
    if came.errors:
        raise Invalid(came.errors[0].code, **came.errors[0].params)
    if "file" not in came.files:
        raise Invalid("file_missing")
    return came.files["file"]


def with_files(task: Task, came: Sent) -> list[tuple[str, str]]:
    """Keep what came with the form of a task; each field then holds the number of its file.

    :raises Invalid: if a file came where none is asked for
    """
    if came.files:
        definition = form(session(), task.case.version, task.form) if task.form else None
        if stray := next((one for one in came.files if not _is_for_files(definition, one)), None):
            raise Invalid("unknown_field", field=stray[:80])
    pairs = [pair for pair in posted_pairs() if pair[0] not in came.files]
    for name, one in came.files.items() if task.closed_at is None else ():
        file = attach(session(), task.case, one, task=task, by=actor(), now=clock.now())
        pairs.append((name, str(file.id)))
    return pairs


def _is_for_files(definition: Form | None, name: str) -> bool:
    top, *inner = name.split("-")
    field = definition.find(top) if definition else None
    if field is not None and inner:
        field = next((each for each in field.fields if each.name == inner[-1]), None)
    return field is not None and field.kind is Kind.FILE


def refusals(errors: tuple[FieldError, ...]) -> dict[str, str]:
    """Say by field why a file was not taken."""
    return {one.name: refused(one.code, one.params) for one in errors}


def refused(code: str, params: Mapping[str, object]) -> str:
    """Say why a file was not taken."""
    return words(code, 422, params, language()).what
