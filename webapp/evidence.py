"""The evidence package: cases with all that proves them, in a file that opens without Årshjul.

`workflows/history/proof.py` says what the files that prove are, and is itself the verifier in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import sqlalchemy as sa
from flask import render_template
from sqlalchemy.orm import Session, joinedload

from webapp import evidence_paper
from webapp.evidence_file import Package, line, safe
from webapp.format import language
from workflows.canonical import canonical_text, instant_text
from workflows.cases.comments import Comment
from workflows.cases.models import Case
from workflows.documents.as_pdf import as_pdf
from workflows.documents.models import File
from workflows.documents.rows import chunk, documents_of
from workflows.errors import Conflict, NotFound
from workflows.history import proof
from workflows.history.models import Event, case_chain
from workflows.history.seals import proofs, seals
from workflows.language import N_, Language, moment, translator
from workflows.operations.documents import write
from workflows.organisation.actor import Actor
from workflows.organisation.models import Person, Unit
from workflows.permissions import Deed, may
from workflows.queries import comments
from workflows.queries.cases import tasks_of

MOST = 500
NOT_YOURS = N_("The secrecy: it is not for whoever made the package to see.")
REMOVED = N_("It had been removed. Its hash stands in the history.")
README = (
    N_("EVIDENCE FROM ÅRSHJUL"),
    N_("Made {moment} by {name}. It holds {count} cases and opens without Årshjul."),
    N_("index.html lists the cases. Each has a folder in `cases`: `case.html` and `case.pdf` tell "
       "all of it, `diagram.svg` the way it took, `data.json` what it knows, and `files` what was "
       "attached."),
    N_("left-out.json lists what is not here, and why."),
    N_("To check that nothing was changed, in the folder where it is unpacked, with Python 3.11 or "
       "newer and its package `cryptography`:"),
    "    python3 -m pip install cryptography\n    python3 verify.py",
    N_("It looks at every file (manifest.json), every event (events.jsonl) and whether the seals "
       "of the city's whole history prove them (proofs.jsonl, seals.jsonl). The first lines of "
       "verify.py describe the formats."),
    N_("A package can only prove that it holds together. Hold it against seals that you were given "
       "earlier, and use a verify.py from somebody you trust:"),
    "    python3 verify.py --anchor seals-from-the-mail.jsonl",
)  # fmt: skip


def evidence(
    session: Session, case_ids: Sequence[int], *, by: Actor, now: datetime
) -> tuple[IO[bytes], dict[str, object]]:
    """Write a package of cases; returns the file, at its beginning, and what history is to tell.

    What the actor may not see is left out and listed. Leave the trace before the file is given out.

    :raises NotFound: if they may see none of the cases
    :raises Conflict: if there are too many, or some have not been sealed yet
    """
    if len(case_ids) > MOST:
        raise Conflict("evidence_too_large", count=len(case_ids), most=MOST)
    cases = seen(session, case_ids, by=by)
    if not cases:
        raise NotFound
    chains = [case_chain(case.id) for case in cases]
    proved = proofs(session, chains)
    new = {*chains} - {one.chain for one in proved}
    if new:
        unsealed = sorted(case.key for case in cases if case_chain(case.id) in new)
        raise Conflict("not_sealed", cases=unsealed)
    with ExitStack() as stack:
        out = stack.enter_context(TemporaryFile())
        told = _write(out, session, cases, case_ids, proved, by=by, now=now)
        stack.pop_all()  # it is whole: whoever gives it out closes it
    out.seek(0)
    return out, told


def _write(
    out: IO[bytes],
    session: Session,
    cases: Sequence[Case],
    asked: Sequence[int],
    proved: Sequence[proof.Proof],
    *,
    by: Actor,
    now: datetime,
) -> dict[str, object]:
    package = Package(out, now)
    ours = {case.id for case in cases}
    left_out: list[dict[str, object]] = [
        {"case": one, "because": _say(NOT_YOURS)} for one in asked if one not in ours
    ]
    for case in cases:
        left_out += _put_case(package, session, case, by=by, now=now)
    _put_proof(package, session, cases, proved)
    index = render_template(
        "evidence/index.html",
        cases=cases,
        left_out=left_out,
        by=by,
        now=now,
        folder_of=lambda case: safe(case.key),
    )
    package.put("index.html", index)
    package.put("left-out.json", canonical_text(left_out))
    package.put("README.txt", *_readme(len(cases), by=by, now=now))
    return {
        "what": name_of(cases),
        "cases": [case.key for case in cases],
        "left_out": len(left_out),
        "manifest": package.close(),
    }


def name_of(cases: Sequence[Case]) -> str:
    """Name the file: by its case, or by how many there are."""
    return f"{safe(cases[0].key)}.zip" if len(cases) == 1 else f"evidence-{len(cases)}.zip"


def seen(session: Session, case_ids: Sequence[int], *, by: Actor) -> list[Case]:
    """Load those of the cases that the actor may see, by name."""
    wanted = sa.select(Case).where(Case.id.in_(case_ids)).order_by(Case.key)
    loaded = wanted.options(
        joinedload(Case.process), joinedload(Case.version), joinedload(Case.unit)
    )
    return [case for case in session.scalars(loaded) if may(by, Deed.SEE_CASE, case)]


def _put_case(
    package: Package, session: Session, case: Case, *, by: Actor, now: datetime
) -> Iterator[dict[str, object]]:
    """Write the folder of a case; tells what is left out of it."""
    folder, tasks = f"cases/{safe(case.key)}", tasks_of(session, case)
    listed = []
    for file in session.scalars(
        sa.select(File).where(File.case_id == case.id).order_by(File.name, File.version)
    ):
        why = REMOVED if file.removed_at else "" if may(by, Deed.SEE_FILE, file) else NOT_YOURS
        listed.append((file, _say(why) if why else ""))
        if why:
            yield {"case": case.key, "file": file.name, "sha256": file.sha256, "because": _say(why)}
        else:
            package.stream(f"{folder}/files/{file.id}-{safe(file.name)}", _pieces(session, file))
    for document in documents_of(session, case.id):
        written = {} if document.docx_id else write(document, case)  # nobody has looked at it yet
        for received in written.values():
            package.stream(f"{folder}/files/{safe(received.name)}", received.chunks)
            file = File(
                name=received.name,
                version=document.version,
                size=received.size,
                sha256=received.sha256,
                at=document.at,
            )
            listed.append((file, ""))
    events = session.scalars(
        sa.select(Event).where(Event.case_id == case.id).order_by(Event.id)
    ).all()
    paper = evidence_paper.paper(case, tasks, events, listed, now=now)
    picture = evidence_paper.trail(case, tasks, now=now)
    if picture:
        package.put(f"{folder}/diagram.svg", picture)
    page = render_template("evidence/case.html", paper=paper, has_picture=bool(picture))
    package.put(f"{folder}/case.html", page)
    words = {"page": _say(N_("Page")), "author": case.unit.name}
    package.put(f"{folder}/case.pdf", as_pdf(paper, words, at=now))
    package.put(
        f"{folder}/data.json",
        canonical_text(_data(case, tasks, listed, comments.of_case(session, case))),
    )
    package.put(f"{folder}/diagram.bpmn", case.version.source)


def _data(
    case: Case,
    tasks: Iterable[Any],
    listed: Iterable[tuple[File, str]],
    said: Iterable[Comment],
) -> dict[str, Any]:
    names = ("key", "year", "occasion", "state", "secrecy", "opened_at", "closed_at", "data")
    columns = (
        "step_id", "element", "kind", "opened_at", "due_at", "because", "assignee_id", "closed_at",
        "outcome", "done_by_id", "done_for_id", "remarks",
    )  # fmt: skip
    return {name: getattr(case, name) for name in names} | {
        "process": case.process.key,
        "version": case.version.number,
        "unit": case.unit.code,
        "comments": [
            {"at": one.at, "by": one.by_id, "text": None if one.withdrawn_at else one.text}
            for one in said
        ],
        "steps": [{name: getattr(task, name) for name in columns} for task in tasks],
        "files": [
            {"id": file.id, "name": file.name, "sha256": file.sha256, "left_out": why or None}
            for file, why in listed
        ],
    }


def _put_proof(
    package: Package,
    session: Session,
    cases: Sequence[Case],
    proved: Iterable[proof.Proof],
) -> None:
    ids = [case.id for case in cases]
    links = sa.select(Event).where(Event.case_id.in_(ids)).order_by(Event.case_id, Event.n)
    people: set[int | None] = set()

    def lines() -> Iterator[bytes]:
        for event in session.scalars(links.execution_options(yield_per=500)):
            people.update((event.actor_id, event.acting_for_id))
            told = {name: getattr(event, name) for name in proof.Link._fields}
            yield line(told | {"at": instant_text(event.at)})

    package.stream("events.jsonl", lines())
    package.stream("proofs.jsonl", (line(asdict(one)) for one in proved))
    package.stream("seals.jsonl", (line(asdict(one)) for one in seals(session)))
    package.put("verify.py", Path(proof.__file__).read_bytes())
    named = sa.select(Person.id, Person.name).where(Person.id.in_(people - {None}))
    units = sa.select(Unit.id, Unit.name).where(Unit.id.in_({case.unit_id for case in cases}))
    package.put(
        "names.json",
        canonical_text(
            {
                "people": {str(one): name for one, name in session.execute(named)},
                "units": {str(one): name for one, name in session.execute(units)},
            }
        ),
    )


def _pieces(session: Session, file: File) -> Iterator[bytes]:
    n = 0
    while (piece := chunk(session, file.sha256, n)) is not None:
        yield piece
        n += 1


def _readme(count: int, *, by: Actor, now: datetime) -> Iterator[str]:
    for one in Language:
        say = translator(one).gettext
        params = {"moment": moment(now, one), "name": by.name, "count": count}
        yield "\n\n".join(say(text).format(**params) for text in README) + "\n\n\n"


def _say(text: str) -> str:
    return translator(language()).gettext(text)
