"""Checking the whole record against itself, its seals, and seals that were held outside."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.database import Database
from workflows.history.models import CHAIN, Chain, case_chain
from workflows.history.proof import (
    Fault,
    Leaf,
    Link,
    Seal,
    anchor_faults,
    faults_of,
    seal_faults,
)
from workflows.history.seals import leaves, seals
from workflows.queries import approvals
from workflows.tasks.approvals import Approval

AT_ONCE = 5_000
# How each database says a moment in the very text that is hashed; SQLite keeps it so, but for two
# letters.
MOMENT = {
    "sqlite": "replace(at, ' ', 'T') || 'Z'",
    "postgresql": """to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS.US"Z"')""",
}
COLUMNS = ", ".join({"at": "{at}", "chain": CHAIN}.get(name, name) for name in Link._fields)


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what did not hold."""

    faults: tuple[Fault, ...]
    events: int
    chains: int
    purged: int  # what they told is gone; that they happened still holds
    unsealed: int  # added after the last seal: nothing outside the database vouches for them yet
    last: Seal | None
    anchors: int  # how many seals held outside it was checked against
    approvals: int = 0  # decisions in force that were compared with what they were sealed to
    broken: int = 0  # those of them that no longer hold, which was seen and told when it happened


def verify(
    database: Database,
    *,
    held_outside: Sequence[Seal] = (),
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check every event, chain and seal as they stand at one moment."""
    with database.reading() as session:
        if not database.is_sqlite:  # SQLite reads from a snapshot anyhow
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return _report(session, held_outside, progress or (lambda _seen: None))


def _report(
    session: Session, held_outside: Sequence[Seal], progress: Callable[[int], None]
) -> Report:
    set_seals, every_leaf = seals(session), list(leaves(session))
    by_chain: dict[str, list[Leaf]] = {}
    for leaf in every_leaf:
        by_chain.setdefault(leaf.chain, []).append(leaf)
    walked = _Walked(session, progress)
    faults = [*faults_of(walked.links(), by_chain, set_seals)]
    faults += _head_faults(session, walked.ends, by_chain, _broken(faults))
    faults += seal_faults(set_seals, every_leaf)
    faults += anchor_faults(set_seals, held_outside)
    in_force, broken, wrong = _approvals(session)
    faults += wrong
    sealed = {chain: max(leaf.n for leaf in some) for chain, some in by_chain.items()}
    return Report(
        faults=tuple(faults),
        events=walked.events,
        chains=len(walked.ends),
        purged=walked.purged,
        unsealed=sum(max(n - sealed.get(chain, 0), 0) for chain, (n, _) in walked.ends.items()),
        last=set_seals[-1] if set_seals else None,
        anchors=len(held_outside),
        approvals=in_force,
        broken=broken,
    )


def _broken(faults: Sequence[Fault]) -> set[str]:
    """The chains whose end says nothing more, for they are broken before it."""
    return {fault.chain for fault in faults if fault.code != "event_backdated"}


def _approvals(session: Session) -> tuple[int, int, list[Fault]]:
    """Compare what was approved with what stands now, down to the bytes of the files: how many
    approvals are in force, how many were seen to be broken, and what nobody has told of yet."""
    of_cases = sa.select(Approval.case_id).distinct().order_by(Approval.case_id)
    count = broken = 0
    faults: list[Fault] = []
    for case_id in session.scalars(of_cases).all():
        case = session.get_one(Case, case_id)
        found = approvals.of_case(session, case)
        differing = approvals.differences(session, case, found, deep=True)
        for one in found:
            count += approvals.is_watched(one)
            broken += approvals.is_watched(one) and one.broken_at is not None
            parts = {each.part for each in differing[one.id]}
            if "seal" in parts:
                faults.append(Fault("approval_forged", case_chain(case_id), one.id, None))
            elif parts and one.broken_at is None:
                faults.append(Fault("approval_changed", case_chain(case_id), one.id, None))
        session.expunge_all()  # there may be many
    return count, broken, faults


class _Walked:
    """Every event once, and what was seen on the way."""

    def __init__(self, session: Session, progress: Callable[[int], None]) -> None:
        self.session, self.progress = session, progress
        self.events = self.purged = 0
        self.ends: dict[str, tuple[int, str]] = {}

    def links(self) -> Iterator[Link]:
        """Read columns, not objects: that is most of the time a check takes."""
        connection = self.session.connection()
        columns = COLUMNS.format(at=MOMENT[connection.dialect.name])
        rows = connection.execute(
            sa.text(f"SELECT {columns} FROM event ORDER BY case_id, n"),
            execution_options={"yield_per": AT_ONCE},
        )
        for some in rows.partitions(AT_ONCE):
            for *head, salt, digest, own, family in some:
                said = (salt and salt.hex(), digest.hex(), own.hex())
                link = Link._make((*head, *said, family))
                self.ends[link.chain] = (link.n, link.hash)
                self.purged += salt is None
                yield link
            self.events += len(some)
            self.progress(self.events)


def _head_faults(
    session: Session,
    ends: dict[str, tuple[int, str]],
    by_chain: dict[str, list[Leaf]],
    known: set[str],
) -> Iterator[Fault]:
    """Compare where each chain ends with where it says it ends, and with where it was sealed."""
    said = session.execute(sa.select(Chain.name, Chain.n, Chain.hash).where(Chain.n > 0))
    heads = {name: (n, head) for name, n, head in said}
    for chain in sorted((heads.keys() | ends.keys() | by_chain.keys()) - known):
        last = by_chain.get(chain, [])[-1:]
        seal = last[0].seal if last else None
        if chain not in ends:
            yield Fault("chain_missing", chain, 1, seal)
        elif heads.get(chain) != ends[chain]:
            yield Fault("head_wrong", chain, ends[chain][0] + 1, seal)
