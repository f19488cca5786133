"""What an approval was given for, what of that differs now, and where a review may send back to."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from workflows.canonical import canonical_text, content_hash
from workflows.cases.models import Case, CaseState
from workflows.database import BigInt
from workflows.documents.models import Document
from workflows.documents.rows import chunk, hashes
from workflows.engine import Description
from workflows.history.models import Event
from workflows.processes.models import PartKind, Version, VersionPart
from workflows.processes.rows import Kept, compiled, form, kept_as
from workflows.tasks.approvals import Approval
from workflows.tasks.models import DECIDING, Outcome, Task

Parts = dict[str, dict[str, Any]]  # part -> name -> value, or the hash of it


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not what was approved: of which part, its name, then and now."""

    part: str  # data, files, documents, diagram, tables, forms; `seal` when that was changed itself
    name: str
    old: Any = None
    new: Any = None


_versions: Kept[Parts] = Kept()


def decides(case: Case) -> bool:
    """Tell whether anybody ever decides in cases of this version; the others pay nothing."""
    steps = compiled(case.version).description.steps.values()
    return any(step.kind in DECIDING for step in steps)


def content(
    session: Session, case: Case, data: Mapping[str, Any], names: Iterable[str], *, anew: bool
) -> Parts:
    """Gather what a decision rests on. A version never changes: only a check reads it `anew`."""
    session.flush()
    documents = session.connection().execute(_DOCUMENTS, {"case_id": case.id})
    of_version = _of_version(session, case.version_id) if anew else None
    return {
        "data": {name: data[name] for name in sorted(names) if name in data},
        "files": hashes(session, case.id),
        "documents": {f"{kind} {n}": hash_ for kind, n, hash_ in documents},
        **(
            of_version
            or _versions.get(kept_as(case.version), lambda: _of_version(session, case.version_id))
        ),
    }


def _of_version(session: Session, version_id: int) -> Parts:
    connection, which = session.connection(), {"version_id": version_id}
    source = connection.execute(_SOURCE, which).scalar() or b""
    found: Parts = {"diagram": {"": content_hash(source)}, "tables": {}, "forms": {}}
    for kind, name, written in connection.execute(_PARTS, which):
        found["tables" if kind is PartKind.TABLE else "forms"][name] = content_hash(written)
    return found


# Built once: every decision asks for these, and every look at one.
_of_case = sa.bindparam("case_id", type_=BigInt)
_of_version_id = sa.bindparam("version_id", type_=BigInt)
_DOCUMENTS = sa.select(Document.kind, Document.version, Document.hash).where(
    Document.case_id == _of_case
)
_SOURCE = sa.select(Version.source).where(Version.id == _of_version_id)
_PARTS = sa.select(VersionPart.kind, VersionPart.name, VersionPart.content).where(
    VersionPart.version_id == _of_version_id
)
_TOLD = sa.select(Event.what).where(
    Event.case_id == _of_case,
    Event.what.contains('"approval":'),  # of the decision, or of what a later step left
)


_DONE = sa.select(Task.element).where(
    Task.case_id == _of_case,
    Task.outcome == Outcome.COMPLETED,
    Task.kind.not_in([*DECIDING, "read_receipt"]),
)


def sealed_names(session: Session, task: Task, done: Iterable[str]) -> list[str]:
    """Name the data a decision rests on: all there is, but what only steps to come are asked for,
    and the answers of decisions, each of which is sealed by itself."""
    case, before = task.case, set(done)
    steps = compiled(case.version).description.steps
    typed: dict[str, set[str]] = {"before": set(), "later": set(), "decided": set()}
    for element, step in steps.items():
        if step.form is None:
            continue
        fields = form(session, case.version, step.form).fields
        when = "decided" if step.kind in DECIDING else "before" if element in before else "later"
        typed[when] |= {one.name for one in fields if not one.read_only}
    left_out = (typed["later"] - typed["before"]) | typed["decided"]
    return sorted(case.data.keys() - left_out)


def done_before(session: Session, task: Task) -> list[str]:
    """Name the steps that people have done in the case, but reviews and what is only read."""
    session.flush()
    found = session.connection().execute(_DONE, {"case_id": task.case_id}).scalars()
    return sorted(set(found))


def seal_of(one: Approval) -> str:
    """Hash a decision with all that it says and rests on."""
    sealed = {
        "content": one.content,
        "outcome": one.outcome,
        "why": one.why,
        "step": one.element,
        "steps": one.steps,
        "who": one.by_id,
        "acting_for": one.for_id,
        "when": one.at,
    }
    return content_hash(canonical_text(sealed))


def of_case(session: Session, case: Case) -> list[Approval]:
    """List what was decided in a case, the latest first, with what it rests on."""
    wanted = sa.select(Approval).where(Approval.case_id == case.id).order_by(Approval.id.desc())
    people = joinedload(Approval.by), joinedload(Approval.acted_for), joinedload(Approval.task)
    return list(session.scalars(wanted.options(undefer(Approval.content), *people)))


def in_force(session: Session, case: Case) -> list[Approval]:
    """List the approvals of a case that nothing has taken the place of."""
    return list(session.scalars(_IN_FORCE, {"case_id": case.id}))


# Built once: every movement of a case in which somebody decides asks for it.
_IN_FORCE = (
    sa.select(Approval)
    .where(
        Approval.case_id == _of_case,
        Approval.is_approving,
        Approval.overtaken_at.is_(None),
    )
    .options(undefer(Approval.content))
    .order_by(Approval.id)
)


def last_round(approvals: Iterable[Approval], task: Task) -> Approval | None:
    """Of all that was decided in a case, find what was decided at this step the time before."""
    earlier = (one for one in approvals if one.task_id < task.id and one.element == task.element)
    return next((one for one in earlier if one.task.item == task.item), None)


def case_before(session: Session, case: Case) -> Case | None:
    """Find the last case of the process and the unit before this one: of the same occasion in an
    earlier year, as the same quarter, or else the one right before in time."""
    is_same = sa.and_(Case.occasion == case.occasion, Case.year < case.year)
    wanted = sa.select(Case).where(
        Case.process_id == case.process_id,
        Case.unit_id == case.unit_id,
        sa.tuple_(Case.year, Case.opened_at)
        < sa.tuple_(sa.literal(case.year), sa.literal(case.opened_at, Case.opened_at.type)),
        Case.state != CaseState.CANCELLED,
        Case.secrecy.in_(case.secrecy.may_know),
    )
    order = (Case.year.desc(), Case.opened_at.desc(), Case.id.desc())
    return session.scalars(wanted.order_by(sa.case((is_same, 0), else_=1), *order).limit(1)).first()


def differences(
    session: Session, case: Case, approvals: Sequence[Approval], *, deep: bool = False
) -> dict[int, list[Difference]]:
    """Compare what was approved in a case with what stands now, read anew from the database, and
    each decision with the record; `deep` reads the bytes of the files too."""
    if not approvals:
        return {}
    now: Parts = {"files": {}}
    if any(map(is_watched, approvals)):
        now = content(session, case, case.data, case.data, anew=True)
    if deep:
        now["files"] = {name: _of_bytes(session, held) for name, held in now["files"].items()}
    told = session.connection().execute(_TOLD, {"case_id": case.id}).scalars()
    record = "".join(text for text in told if text)
    return {
        one.id: list(_differences(one, now)) if _is_told(one, record) else [Difference("seal", "")]
        for one in approvals
    }


def is_watched(one: Approval) -> bool:
    """Tell whether a decision approves, and nothing has taken its place."""
    return one.is_approving and one.overtaken_at is None


def _is_told(one: Approval, record: str) -> bool:
    hashes = (one.hash, *one.since.values())
    return seal_of(one) == one.hash and all(each in record for each in hashes)


def _differences(one: Approval, now: Parts) -> Iterator[Difference]:
    for part, named in one.content.items() if is_watched(one) else ():
        for name, old in named.items():
            new = now[part].get(name)
            if new != old and not (part == "data" and is_kept(one, name, new)):
                yield Difference(part, name, old, new)


def is_kept(one: Approval, name: str, value: object) -> bool:
    """Tell whether data is as it was approved, or as a step after that has left it."""
    kept = one.since.get(name) or hash_of(one.content["data"].get(name))
    return hash_of(value) == kept


def hash_of(value: object) -> str:
    """Hash one value of a case."""
    return content_hash(canonical_text(value))


def _of_bytes(session: Session, sha256: str) -> str:
    found = hashlib.sha256()
    n = 0
    while (data := chunk(session, sha256, n)) is not None:
        found.update(data)
        n += 1
    return found.hexdigest()


def ways_back(session: Session, task: Task) -> list[str]:
    """Name the steps done before a review that it may be sent back to, the latest first: those of
    its own scope from which the diagram leads back to it."""
    description = compiled(task.case.version).description
    if task.item is not None:
        return []
    wanted = (
        sa.select(Task.element)
        .where(Task.case_id == task.case_id, Task.outcome == Outcome.COMPLETED)
        .order_by(Task.id.desc())
    )
    done = dict.fromkeys(session.scalars(wanted))
    return [one for one in done if leads_back(description, one, task.element)]


def leads_back(description: Description, element: str, to: str) -> bool:
    """Tell whether the flow from a step comes to another with nothing left to wait for.

    A join waits for all its ways: each of them must come from the step as well.
    """
    ways = {part.element: {target for target, _, _ in part.flows} for part in description.parts}
    kinds = {part.element: part.kind for part in description.parts}
    seen: set[str] = set()
    ahead = set(ways.get(element, ()))
    while ahead:
        at = ahead.pop()
        if at not in seen and at != to:
            seen.add(at)
            ahead |= ways.get(at, set())
    reached = {target for one in (element, *seen) for target in ways[one]}
    joins = [at for at in seen if kinds[at] in ("parallelGateway", "inclusiveGateway")]
    waits = any(
        at in ways[one] for at in joins for one in ways if one not in seen and one != element
    )
    return element != to and to in reached and not waits
