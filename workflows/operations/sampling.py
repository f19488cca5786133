"""Drawing a sample, saying what came of what is in it, and letting others read it.

What an auditor notes is theirs and no part of the record, which tells only that they did.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.auditing.models import Sample, SampleItem, Verdict
from workflows.errors import Invalid
from workflows.history.rows import record
from workflows.organisation.actor import Actor
from workflows.permissions import Deed, require
from workflows.queries import samples as questions
from workflows.queries.samples import Wanted

MOST, LONGEST, LONGEST_NOTE = 500, 100, 4000


def draw(session: Session, wanted: Wanted, *, by: Actor, now: datetime) -> Sample:
    """Draw a sample of what the actor may see.

    :raises Forbidden: if the actor draws no samples
    :raises Invalid: if it is too large, its seed is missing, or there is nothing to draw
    """
    require(by, Deed.DRAW_SAMPLE, None)
    if not 1 <= wanted.size <= MOST:
        raise Invalid("sample_size", most=MOST)
    if not 1 <= len(wanted.seed) <= LONGEST or wanted.moment > now:
        raise Invalid("sample_seed")
    drawn = questions.draw(session, wanted, by=by)
    if not drawn.things:
        raise Invalid("sample_empty")
    sample = Sample(
        title=wanted.title.strip()[:LONGEST],
        by_id=by.id,
        drawn_at=now,
        of=wanted.of,
        per=wanted.per,
        unit_id=wanted.unit_id,
        process_id=wanted.process_id,
        year=wanted.year,
        size=wanted.size,
        seed=wanted.seed,
        moment=wanted.moment,
        population=drawn.population,
        digest=drawn.digest,
    )
    session.add(sample)
    session.flush()
    session.add_all(
        SampleItem(
            sample_id=sample.id,
            n=n,
            thing_id=one.thing_id,
            case_id=one.case_id,
            stratum=one.stratum,
            note="",
        )
        for n, one in enumerate(drawn.things, start=1)
    )
    what = {
        "sample": sample.id, "of": sample.of, "per": sample.per, "seed": sample.seed,
        "moment": sample.moment, "size": len(drawn.things), "population": drawn.population,
        "digest": drawn.digest,
    }  # fmt: skip
    record(session, "sample_drawn", by=by, now=now, unit_id=sample.unit_id, what=what)
    return sample


def judge(
    session: Session,
    sample: Sample,
    n: int,
    verdict: Verdict | None,
    note: str,
    *,
    by: Actor,
    now: datetime,
) -> SampleItem:
    """Say what came of one thing in a sample; without a verdict it is not judged.

    :raises Forbidden: if the sample is another's
    :raises Invalid: if the note is too long, or there is no such thing in it
    """
    require(by, Deed.KEEP_SAMPLE, sample)
    item = next((one for one in sample.items if one.n == n), None)
    if item is None or len(note) > LONGEST_NOTE:
        raise Invalid("sample_note", most=LONGEST_NOTE)
    item.verdict, item.note = verdict, note.strip()
    item.judged_at = now if verdict else None
    record(session, "sample_judged", by=by, now=now, what={"sample": sample.id, "number": n})
    return item


def share(session: Session, sample: Sample, *, share: bool, by: Actor, now: datetime) -> None:
    """Let others who draw samples read one, notes and all, or keep it to oneself again.

    :raises Forbidden: if the sample is another's
    """
    require(by, Deed.KEEP_SAMPLE, sample)
    sample.shared_at = now if share else None
    kind = "sample_shared" if share else "sample_kept"
    record(session, kind, by=by, now=now, what={"sample": sample.id})
