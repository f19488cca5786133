"""Files: sent to a case or a task, taken away, removed."""

from collections.abc import Iterator
from itertools import count

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.traces import leave_if_secret
from webapp.transactions import session, this_app
from webapp.uploads import only
from workflows.database import Database
from workflows.documents import rows
from workflows.documents.models import File
from workflows.language import N_
from workflows.operations import files as verbs
from workflows.queries import cases as case_queries
from workflows.queries import files as questions

files = Blueprint("files", __name__)

# A file is somebody else's content: it may be saved, never shown as a page of ours.
HARMLESS = "default-src 'none'; sandbox"


@files.get("/files/<int:file_id>")
def download(file_id: int) -> ResponseReturnValue:
    file = questions.file(session(), file_id, by=actor())
    if file.case is not None:
        leave_if_secret(file.case, by=actor())
    return streamed(file)


@files.post("/cases/<int:case_id>/files")
def attach(case_id: int) -> ResponseReturnValue:
    received = only()
    case = case_queries.case(session(), case_id, by=actor(), to_change=True)
    verbs.attach(session(), case, received, by=actor(), now=clock.now())
    tell(N_("The file is there."))
    return redirect(url_for("cases.show", case_id=case_id, _anchor="files"))


@files.post("/tasks/<int:task_id>/files")
def attach_to_task(task_id: int) -> ResponseReturnValue:
    received = only()
    task = case_queries.task(session(), task_id, by=actor(), to_change=True)
    verbs.attach(session(), task.case, received, task=task, by=actor(), now=clock.now())
    tell(N_("The file is there."))
    return redirect(url_for("tasks.show", task_id=task_id, _anchor="files"))


@files.post("/files/<int:file_id>/removal")
def remove(file_id: int) -> ResponseReturnValue:
    file = questions.file(session(), file_id, by=actor())
    verbs.remove(session(), file, request.form.get("why", ""), by=actor(), now=clock.now())
    tell(N_("The file is removed."))
    return redirect(url_for("cases.show", case_id=file.case_id, _anchor="files"))


def streamed(file: File) -> Response:
    """Answer with a file piece by piece, each read in a moment of its own."""
    answer = Response(_pieces(this_app().database, file.sha256), mimetype=file.media_type)
    answer.content_length = file.size
    answer.headers.set("Content-Disposition", "attachment", filename=file.name)
    answer.headers["Content-Security-Policy"] = HARMLESS
    return answer


def _pieces(database: Database, sha256: str) -> Iterator[bytes]:
    for n in count():
        with database.reading() as opened:
            piece = rows.chunk(opened, sha256, n)
        if piece is None:
            return
        yield piece
