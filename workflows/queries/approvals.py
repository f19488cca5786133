"""What an approval was given for, what of that differs now, and where a review may send back to."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from workflows.canonical import canonical_text, content_hash
from workflows.cases.models import Case
from workflows.documents.models import Document
from workflows.documents.rows import chunk
from workflows.documents.rows import of_case as files_of
from workflows.engine import Description
from workflows.history.models import Event, case_chain
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
    files = {one.name: one.sha256 for one in reversed(files_of(session, case.id))}
    documents = sa.select(Document.kind, Document.version, Document.hash).where(
        Document.case_id == case.id
    )
    of_version = _of_version(session, case.version_id) if anew else None
    return {
        "data": {name: data[name] for name in sorted(names) if name in data},
        "files": files,
        "documents": {f"{kind} {n}": hash_ for kind, n, hash_ in session.execute(documents)},
        **(
            of_version
            or _versions.get(kept_as(case.version), lambda: _of_version(session, case.version_id))
        ),
    }


def _of_version(session: Session, version_id: int) -> Parts:
    source = session.scalar(sa.select(Version.source).where(Version.id == version_id)) or b""
    parts = sa.select(VersionPart.kind, VersionPart.name, VersionPart.content).where(
        VersionPart.version_id == version_id
    )
    found: Parts = {"diagram": {"": content_hash(source)}, "tables": {}, "forms": {}}
    for kind, name, written in session.execute(parts):
        found["tables" if kind is PartKind.TABLE else "forms"][name] = content_hash(written)
    return found


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
    wanted = sa.select(Task.element).where(
        Task.case_id == task.case_id,
        Task.outcome == Outcome.COMPLETED,
        Task.kind.not_in([*DECIDING, "read_receipt"]),
    )
    return sorted(set(session.scalars(wanted)))


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
    """List what was decided in a case, the latest first."""
    wanted = sa.select(Approval).where(Approval.case_id == case.id)
    people = joinedload(Approval.by), joinedload(Approval.acted_for), joinedload(Approval.task)
    return list(session.scalars(wanted.options(*people).order_by(Approval.id.desc())))


def in_force(session: Session, case: Case) -> list[Approval]:
    """List the approvals of a case that nothing has taken the place of."""
    wanted = sa.select(Approval).where(
        Approval.case_id == case.id, Approval.is_approving, Approval.overtaken_at.is_(None)
    )
    return list(session.scalars(wanted.options(undefer(Approval.content)).order_by(Approval.id)))


def last_round(session: Session, task: Task) -> Approval | None:
    """Find what was decided at the same step the time before."""
    wanted = sa.select(Approval).where(
        Approval.case_id == task.case_id,
        Approval.element == task.element,
        Approval.task_id != task.id,
        Approval.task_id < task.id,
    )
    found = session.scalars(wanted.options(joinedload(Approval.task)).order_by(Approval.id.desc()))
    return next((one for one in found if one.task.item == task.item), None)


def is_forged(session: Session, one: Approval) -> bool:
    """Tell whether the decision itself is another than the record says."""
    told = sa.select(Event.id).where(Event.chain == case_chain(one.case_id))
    hashes = (one.hash, *one.since.values())
    return seal_of(one) != one.hash or any(
        session.scalar(told.where(Event.what.contains(each)).limit(1)) is None for each in hashes
    )


def differences(
    session: Session, one: Approval, case: Case, *, deep: bool = False
) -> list[Difference]:
    """Compare what was approved with what stands now, read anew from the database; `deep` reads
    the bytes of the files too."""
    if is_forged(session, one):
        return [Difference("seal", "")]
    now = content(session, case, case.data, one.content["data"], anew=True)
    if deep:
        now["files"] = {name: _of_bytes(session, held) for name, held in now["files"].items()}
    found = (
        Difference(part, name, old, now[part].get(name))
        for part, named in one.content.items()
        for name, old in named.items()
    )
    return [
        each
        for each in found
        if each.old != each.new and not (each.part == "data" and is_kept(one, each.name, each.new))
    ]


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
