"""Reading and writing files and their bytes, without permission or history; called by verbs."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload

from workflows.database import add_unless_there
from workflows.documents.models import Chunk, Content, Document, File, Template
from workflows.documents.receiving import Received
from workflows.processes.models import Secrecy


def keep(
    session: Session,
    received: Received,
    *,
    secrecy: Secrecy,
    by_id: int | None,
    now: datetime,
    case_id: int | None = None,
    task_id: int | None = None,
) -> File:
    """Store a file; bytes that are here already are not stored again."""
    add_unless_there(session, Content, sha256=received.sha256, size=received.size)
    _hold(session, received.sha256)
    if not _is_here(session, received.sha256):
        session.execute(
            sa.insert(Chunk),
            [
                {"sha256": received.sha256, "n": n, "data": data}
                for n, data in enumerate(received.chunks)
            ],
        )
    earlier = sa.select(sa.func.max(File.version)).where(
        File.case_id.is_(None) if case_id is None else File.case_id == case_id,
        File.name == received.name,
    )
    file = File(
        sha256=received.sha256,
        size=received.size,
        name=received.name,
        media_type=received.media_type,
        secrecy=secrecy,
        case_id=case_id,
        task_id=task_id,
        version=(session.scalar(earlier) or 0) + 1,
        by_id=by_id,
        at=now,
    )
    session.add(file)
    session.flush()
    return file


def drop(session: Session, file: File, *, now: datetime) -> None:
    """Remove a file; its bytes go with the last file that holds them, its row and hash stay."""
    file.removed_at = now
    session.flush()
    _hold(session, file.sha256)
    still = sa.select(File.id).where(File.sha256 == file.sha256, File.removed_at.is_(None))
    if session.scalars(still.limit(1)).first() is None:
        session.execute(sa.delete(Chunk).where(Chunk.sha256 == file.sha256))


def chunk(session: Session, sha256: str, n: int) -> bytes | None:
    """Read one piece; None after the last."""
    wanted = sa.select(Chunk.data).where(Chunk.sha256 == sha256, Chunk.n == n)
    return session.scalars(wanted).first()


def whole(session: Session, file: File) -> bytes:
    """Read all of a file at once: one of ours, which is small."""
    wanted = sa.select(Chunk.data).where(Chunk.sha256 == file.sha256).order_by(Chunk.n)
    return b"".join(session.scalars(wanted))


def find(session: Session, file_id: int) -> File | None:
    """Load a file that is still there, with its case and task."""
    return session.scalars(
        sa.select(File)
        .where(File.id == file_id, File.removed_at.is_(None))
        .options(joinedload(File.case), joinedload(File.task))
    ).one_or_none()


def of_case(session: Session, case_id: int) -> list[File]:
    """List what people have attached to a case, the newest first; not the documents we make."""
    return list(
        session.scalars(
            sa.select(File)
            .where(*_attached(case_id))
            .options(joinedload(File.by), joinedload(File.task), joinedload(File.case))
            .order_by(File.id.desc())
        )
    )


def count(session: Session, case_id: int) -> int:
    """Say how many files people have attached to a case."""
    wanted = sa.select(sa.func.count()).select_from(File).where(*_attached(case_id))
    return session.scalar(wanted) or 0


def hashes(session: Session, case_id: int) -> dict[str, str]:
    """Give the hash of each name that people have attached to a case: that of its newest file."""
    session.flush()
    return dict(session.connection().execute(_HASHES, {"case_id": case_id}).all())


def _attached(case_id: int | sa.BindParameter[int]) -> tuple[sa.ColumnElement[bool], ...]:
    made = [
        sa.select(each).where(Document.case_id == case_id, each.is_not(None))
        for each in (Document.docx_id, Document.pdf_id)
    ]
    return (
        File.case_id == case_id,
        File.removed_at.is_(None),
        File.id.not_in(sa.union_all(*made)),
    )


_HASHES = (
    sa.select(File.name, File.sha256).where(*_attached(sa.bindparam("case_id"))).order_by(File.id)
)


def last_document(session: Session, case_id: int, kind: str) -> Document | None:
    """Load the latest version of a document of a case."""
    return session.scalars(
        sa.select(Document)
        .where(Document.case_id == case_id, Document.kind == kind)
        .order_by(Document.version.desc())
        .limit(1)
    ).first()


def documents_of(session: Session, case_id: int) -> list[Document]:
    """List every version of the documents of a case, the newest first."""
    return list(
        session.scalars(
            sa.select(Document)
            .where(Document.case_id == case_id)
            .options(joinedload(Document.by), defer(Document.says))
            .order_by(Document.id.desc())
        )
    )


def template_version(session: Session, kind: str, day: date) -> int | None:
    """Say which version of the template of a document is valid on a day."""
    return session.scalar(
        sa.select(sa.func.max(Template.version)).where(
            Template.makes == kind, Template.valid_from <= day
        )
    )


def _hold(session: Session, sha256: str) -> None:
    """Take turns over a content: one may add a file of it while another removes the last."""
    session.execute(sa.select(Content.sha256).where(Content.sha256 == sha256).with_for_update())


def _is_here(session: Session, sha256: str) -> bool:
    wanted = sa.select(Chunk.n).where(Chunk.sha256 == sha256, Chunk.n == 0)
    return session.scalars(wanted).first() is not None
