"""Holding the record against itself, link by link, the way an outsider would."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.history.models import Chain, Event
from workflows.history.rows import START, digest_of, hash_of

HEADER = (
    "chain", "n", "at", "actor_id", "acting_for_id", "kind", "case_id", "unit_id", "step", "digest",
    "address_family",
)  # fmt: skip


def broken(session: Session) -> list[str]:
    """Name every link that does not hold; an empty list is a whole record."""
    found = []
    heads = {chain.name: (chain.n, chain.hash) for chain in session.scalars(sa.select(Chain))}
    last: dict[str, tuple[int, str]] = {}
    for event in session.scalars(sa.select(Event).order_by(Event.chain, Event.n)):
        n, previous = last.get(event.chain, (0, START))
        header = {name: getattr(event, name) for name in HEADER}
        is_whole = (
            event.n == n + 1
            and event.hash == hash_of(previous, header)
            and event.digest == digest_of(event.salt or "", event.what or "", event.why)
        )
        if not is_whole:
            found.append(f"{event.chain} {event.n}")
        last[event.chain] = (event.n, event.hash)
    found += [name for name, head in heads.items() if last.get(name, (0, START)) != head]
    return found
