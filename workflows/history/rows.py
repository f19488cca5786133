"""Adding an event to its chain; called by verbs, in the transaction of the change it tells of."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflows.canonical import canonical_text
from workflows.database import ADDRESS_FAMILY, Base, add_unless_there
from workflows.history.contents import content_text
from workflows.history.kinds import KINDS
from workflows.history.models import CITY, Chain, case_chain, chain_of
from workflows.statements import run

Head = tuple[int, str]  # the number and the hash of the last link
Link = tuple[dict[str, object], str, str | None]  # a header, what it tells, and why

START = "0" * 64
AT_ONCE = 2000


class Author(Protocol):
    """Whoever did it: a person, a deputy for one, or the system."""

    @property
    def id(self) -> int | None: ...
    @property
    def acting_for_id(self) -> int | None: ...


HEADS = "heads"  # in `Session.info`: the heads this session has seen, by chain
_chain = Base.metadata.tables["chain"]
_head = sa.select(Chain.n, Chain.hash).where(Chain.name == sa.bindparam("chain")).with_for_update()
_add = sa.insert(Base.metadata.tables["event"])
_move = (
    sa.update(_chain)
    .where(_chain.c.name == sa.bindparam("chain"))
    .values(n=sa.bindparam("to_n"), hash=sa.bindparam("to_hash"))
)
# Moves a head that stands where it was last seen; else somebody has been there since.
_move_seen = _move.where(
    _chain.c.n == sa.bindparam("at_n"), _chain.c.hash == sa.bindparam("at_hash")
)


def record(
    session: Session,
    kind: str,
    *,
    by: Author,
    now: datetime,
    case_id: int | None = None,
    unit_id: int | None = None,
    step: str | None = None,
    what: Mapping[str, object] | None = None,
    why: str | None = None,
    then: str | None = None,
) -> None:
    """Write down that `by` did something; `what` is canonical data, `why` a person's words.

    `then` is the kind of what that led to at once, when there is nothing more to say of it.
    """
    if unknown := {kind, then} - KINDS.keys() - {None}:
        raise KeyError(f"{unknown} are no kinds of events")
    session.flush()
    chain = chain_of(case_id)
    about = {"case_id": case_id or None, "unit_id": unit_id}
    header = _header(session, kind, by=by, now=now) | about | {"step": step}
    links = [(header, content_text(what or {}), why)]
    if then is not None:
        followed = _header(session, then, by=by, now=now) | about | {"step": None}
        links.append((followed, content_text({}), None))
    heads: dict[str, Head] = session.info.setdefault(HEADS, {})
    if (seen := heads.get(chain)) and (head := _append(session, chain, seen, links)):
        heads[chain] = head
        return
    locked = _lock_head(session, chain)
    if (head := _append(session, chain, locked, links)) is None:
        raise RuntimeError(f"the chain {chain} moved while it was locked")
    heads[chain] = head


def _append(session: Session, chain: str, head: Head, links: Sequence[Link]) -> Head | None:
    """Add links to a chain that stands at `head`; None, and nothing done, if it stands elsewhere.

    So where a case was read with its chain, no look at the chain is needed before writing to it.
    """
    rows: list[dict[str, object]] = []
    n, hash_ = head
    for header, content, why in links:
        n += 1
        rows.append(_linked(chain, hash_, header | {"n": n}, content, why))
        hash_ = str(rows[-1]["hash"])
    to = {"chain": chain, "to_n": n, "to_hash": hash_}
    if not run(session, _move_seen, to | {"at_n": head[0], "at_hash": head[1]}).rowcount:
        return None
    run(session, _add, rows[0] if len(rows) == 1 else rows)
    return n, hash_


def know_head(session: Session, case_id: int, n: int, hash_: str) -> None:
    """Remember where the chain of a case stands, read with the case; moving it checks that."""
    session.info.setdefault(HEADS, {})[case_chain(case_id)] = n, hash_


def record_each(
    session: Session,
    kind: str,
    told: Mapping[int, tuple[int, Mapping[str, object]]],
    *,
    by: Author,
    now: datetime,
    why: str | None = None,
) -> None:
    """Write one event to each of many cases at once: the unit and the `what` by the case's id.

    The caller holds the cases, so that no one else adds to their chains meanwhile.
    """
    if kind not in KINDS:
        raise KeyError(f"{kind} is not a kind of event")
    session.flush()
    connection = session.connection()
    case_ids = sorted(told)
    for begin in range(0, len(case_ids), AT_ONCE):
        some = case_ids[begin : begin + AT_ONCE]
        wanted = sa.select(Chain).where(Chain.name.in_([case_chain(one) for one in some]))
        heads = {
            head.name: (head.n, head.hash) for head in connection.execute(wanted.with_for_update())
        }
        rows = []
        for case_id in some:
            chain = case_chain(case_id)
            n, previous = heads.get(chain) or _lock_head(session, chain)
            unit_id, what = told[case_id]
            header = _header(session, kind, by=by, now=now) | {
                "n": n + 1,
                "case_id": case_id,
                "unit_id": unit_id,
                "step": None,
            }
            rows.append(_linked(chain, previous, header, content_text(what), why))
        connection.execute(_add, rows)
        moved = [
            {"chain": case_chain(case_id), "to_n": row["n"], "to_hash": row["hash"]}
            for case_id, row in zip(some, rows, strict=True)
        ]
        connection.execute(_move, moved)


def _header(session: Session, kind: str, *, by: Author, now: datetime) -> dict[str, object]:
    return {
        "at": now,
        "actor_id": by.id,
        "acting_for_id": by.acting_for_id,
        "address_family": session.info.get(ADDRESS_FAMILY),
        "kind": kind,
    }


def _linked(
    chain: str, previous: str, header: dict[str, object], content: str, why: str | None
) -> dict[str, object]:
    """Make the row: the header hashed onto what came before, with the content beside it."""
    salt = secrets.token_hex(16)
    row = header | {"digest": digest_of(salt, content, why)}
    row["hash"] = hash_of(previous, row | {"chain": chain})
    return row | {"what": content, "why": why, "salt": salt}


def record_run(
    session: Session,
    told: Sequence[tuple[str, int | None, Mapping[str, object]]],
    *,
    by: Author,
    now: datetime,
) -> None:
    """Write many events to the chain of the city at once: the kind, the unit and the `what`."""
    if unknown := {kind for kind, *_ in told} - KINDS.keys():
        raise KeyError(f"{unknown} are no kinds of events")
    if not told:
        return
    session.flush()
    connection = session.connection()
    n, previous = _lock_head(session, CITY)
    rows = []
    for number, (kind, unit_id, what) in enumerate(told, start=n + 1):
        header = _header(session, kind, by=by, now=now) | {
            "n": number,
            "case_id": None,
            "unit_id": unit_id,
            "step": None,
        }
        rows.append(_linked(CITY, previous, header, content_text(what), None))
        previous = str(rows[-1]["hash"])
    connection.execute(_add, rows)
    connection.execute(_move, {"chain": CITY, "to_n": n + len(rows), "to_hash": previous})


def digest_of(salt: str, content: str, why: str | None) -> str:
    """Hash what an event tells; `content` is hashed as stored, never parsed and written anew."""
    told = f'{{"what":{content},"why":{canonical_text(why)}}}'
    return hashlib.sha256(bytes.fromhex(salt) + told.encode()).hexdigest()


def hash_of(previous: str, header: Mapping[str, object]) -> str:
    """Hash the header of an event onto the event before it.

    Where no request was made there is no `address_family`, as in events from before it was kept.
    """
    told = dict(header)
    if told.get("address_family") is None:
        told.pop("address_family", None)
    return hashlib.sha256(bytes.fromhex(previous) + canonical_text(told).encode()).hexdigest()


def _lock_head(session: Session, chain: str) -> Head:
    connection = session.connection()
    head = connection.execute(_head, {"chain": chain}).one_or_none()
    if head is None:
        add_unless_there(session, Chain, name=chain, n=0, hash=START)
        head = connection.execute(_head, {"chain": chain}).one()
    return head.n, head.hash
