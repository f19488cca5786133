"""What a sample is drawn of, how, and the samples that somebody may see.

The draw needs no luck: each thing has a number that follows from the seed, and the smallest are
drawn. So the same seed draws the same of what there was at the same moment, today and in ten years.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from workflows.auditing.models import Of, Per, Sample, SampleItem
from workflows.canonical import canonical_text, content_hash
from workflows.cases.models import Case
from workflows.errors import NotFound
from workflows.organisation.actor import Actor
from workflows.organisation.models import Unit
from workflows.permissions import Deed, may, require
from workflows.processes.models import Process
from workflows.queries.sight import visible_cases
from workflows.tasks.approvals import Approval

STRATA: dict[Per, sa.SQLColumnExpression[Any]] = {
    Per.ALL: sa.literal(""),
    Per.UNIT: Unit.code,
    Per.PROCESS: Process.key,
    Per.YEAR: sa.cast(Case.year, sa.Text),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sample is drawn of; nothing said of unit, process and year is all of them."""

    of: Of
    per: Per
    size: int
    seed: str
    moment: datetime
    title: str = ""
    unit_id: int | None = None
    process_id: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing that was drawn: itself, its case, and the part of the whole it stands for."""

    thing_id: int
    case_id: int
    stratum: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What was drawn, in the order of the draw, and out of how many."""

    things: tuple[Drawn, ...]
    population: int

    @property
    def digest(self) -> str:
        """A hash of what was drawn, for the record."""
        return content_hash(canonical_text([one.thing_id for one in self.things]))


def draw(session: Session, wanted: Wanted | Sample, *, by: Actor) -> Draw:
    """Draw of what there was at the moment, as far as the actor may see it."""
    is_case = wanted.of is Of.CASES
    thing = Case.id if is_case else Approval.id
    of_them = sa.select(thing, Case.id, STRATA[wanted.per]).join(Case.unit).join(Case.process)
    if not is_case:
        of_them = of_them.join(Approval, Approval.case_id == Case.id)
    of_them = of_them.where(
        visible_cases(by),
        (Case.opened_at if is_case else Approval.at) <= wanted.moment,
    )
    if wanted.of is Of.APPROVALS:
        of_them = of_them.where(Approval.is_approving)
    for column, value in (
        (Case.unit_id, wanted.unit_id),
        (Case.process_id, wanted.process_id),
        (Case.year, wanted.year),
    ):
        if value is not None:
            of_them = of_them.where(column == value)
    strata: dict[str, list[Drawn]] = {}
    for one in session.execute(of_them):
        strata.setdefault(one[2], []).append(Drawn(*one))
    counts = {stratum: len(things) for stratum, things in strata.items()}
    share = shares(counts, wanted.size)

    def number(one: Drawn) -> str:
        return hashlib.sha256(f"{wanted.seed}:{wanted.of}:{one.thing_id}".encode()).hexdigest()

    drawn = [one for name in share for one in sorted(strata[name], key=number)[: share[name]]]
    return Draw(tuple(sorted(drawn, key=number)), sum(counts.values()))


def shares(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """Say how many to draw of each part: as large a share of it as of the whole, rounded so that
    they add up, and so that those who lose most by rounding down are rounded up first.
    """
    size, total = min(size, sum(counts.values())), sum(counts.values()) or 1
    given = {name: size * count // total for name, count in counts.items()}
    most_left = sorted(counts, key=lambda name: (-(size * counts[name] % total), name))
    for name in most_left[: size - sum(given.values())]:
        given[name] += 1
    return given


def is_same(session: Session, sample: Sample, *, by: Actor) -> bool:
    """Tell whether the seed draws the same today as it did; not if somebody has lost sight of it,
    or if what was decided in a case was weeded out."""
    return draw(session, sample, by=by).digest == sample.digest


def of(session: Session, *, by: Actor) -> list[tuple[Sample, int, int]]:
    """List the samples that are the actor's or shared, the latest first: how many things are in
    each, and of how many somebody has said what came of it.

    :raises Forbidden: if the actor draws no samples
    """
    require(by, Deed.DRAW_SAMPLE, None)
    count, judged = sa.func.count(SampleItem.id), sa.func.count(SampleItem.judged_at)
    wanted = (
        sa.select(Sample, count, judged)
        .outerjoin(SampleItem, SampleItem.sample_id == Sample.id)
        .where(sa.or_(Sample.by_id == by.id, Sample.shared_at.is_not(None)))
        .group_by(Sample.id)
        .order_by(Sample.id.desc())
        .options(joinedload(Sample.by), joinedload(Sample.unit), joinedload(Sample.process))
    )
    return [(one, all_, done) for one, all_, done in session.execute(wanted)]


def find(session: Session, sample_id: int, *, by: Actor) -> Sample:
    """Find a sample, with what was drawn.

    :raises NotFound: if there is none, or it is another's own
    """
    sample = session.get(Sample, sample_id)
    if sample is None:
        raise NotFound
    require(by, Deed.SEE_SAMPLE, sample)
    return sample


def seen(session: Session, sample: Sample, *, by: Actor) -> list[tuple[SampleItem, int | None]]:
    """List what was drawn, with the task each decision was made in; what the reader may not see
    of a shared sample is left out."""
    decided: dict[int, int] = {}
    if sample.of is not Of.CASES:
        ids = [one.thing_id for one in sample.items]
        decided = _tasks(session, ids)
    wanted = (
        sa.select(SampleItem)
        .where(SampleItem.sample_id == sample.id)
        .options(joinedload(SampleItem.case).joinedload(Case.unit))
        .order_by(SampleItem.n)
    )
    return [
        (one, decided.get(one.thing_id) if sample.of is not Of.CASES else None)
        for one in session.scalars(wanted)
        if may(by, Deed.SEE_CASE, one.case)
    ]


def _tasks(session: Session, ids: Iterable[int]) -> dict[int, int]:
    wanted = sa.select(Approval.id, Approval.task_id).where(Approval.id.in_(list(ids)))
    return dict(session.execute(wanted).all())
