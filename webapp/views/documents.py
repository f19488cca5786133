"""Documents: made from a case, written at the first look, taken away alone or as a package."""

import zipfile
from io import BytesIO

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.auth import actor
from webapp.pages import tell
from webapp.traces import leave, leave_if_secret
from webapp.transactions import session, writing
from webapp.views.files import streamed
from workflows.cases.models import Case
from workflows.documents import rows
from workflows.documents.kinds import BOARD_PACKAGE
from workflows.documents.models import Document, File
from workflows.errors import NotFound
from workflows.language import N_
from workflows.operations import documents as verbs
from workflows.queries import cases as case_queries
from workflows.queries import documents as questions

documents = Blueprint("documents", __name__)


@documents.post("/cases/<int:case_id>/documents")
def make(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor(), to_change=True)
    kind = request.form.get("kind", "")
    verbs.make(session(), case, kind, by=actor(), now=clock.now())
    tell(N_("The document is there. If nothing has changed, it is the one that was there before."))
    return redirect(url_for("cases.show", case_id=case_id, _anchor="documents"))


@documents.get("/documents/<int:document_id>.<ending>")
def download(document_id: int, ending: str) -> ResponseReturnValue:
    document = questions.document(session(), document_id, by=actor())
    if ending not in ("docx", "pdf"):
        raise NotFound
    leave_if_secret(document.case, by=actor())
    return streamed(_files(document)[ending])


@documents.post("/cases/<int:case_id>/board-package")
def make_package(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor(), to_change=True)
    for kind in BOARD_PACKAGE:
        verbs.make(session(), case, kind, by=actor(), now=clock.now())
    return redirect(url_for("documents.package", case_id=case_id))


@documents.get("/cases/<int:case_id>/board-package.zip")
def package(case_id: int) -> ResponseReturnValue:
    case = case_queries.case(session(), case_id, by=actor())
    found = [rows.last_document(session(), case.id, kind) for kind in BOARD_PACKAGE]
    whole = [one for one in found if one is not None]
    if len(whole) < len(BOARD_PACKAGE):
        raise NotFound
    leave_if_secret(case, by=actor())
    leave("exported", by=actor(), unit_id=case.unit_id, what={"what": f"{case.key}.zip"})
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in whole:
            for file in _files(one).values():
                packed.writestr(file.name, rows.whole(session(), file))
    answer = Response(out.getvalue(), mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{case.key}.zip")
    return answer


def _files(document: Document) -> dict[str, File]:
    """The files of a document by their ending, written now if nobody has looked before."""
    if document.docx_id is None:
        _write(document)
    ids = {"docx": document.docx_id, "pdf": document.pdf_id}
    return {ending: session().get_one(File, file_id) for ending, file_id in ids.items()}


def _write(document: Document) -> None:
    """Write the files with no lock held, and keep them in a short transaction of their own.

    What they say was fixed when the document was drawn up, so that a look changes nothing of that.
    """
    case: Case = document.case
    written = verbs.write(document, case)
    with writing() as opened, opened.begin():
        verbs.store(opened, document.id, written, now=clock.now())
    session().rollback()  # from here on this request sees what has been kept
