"""The seals that were set, and where each chain stood that had moved since the seal before."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.canonical import instant_text
from workflows.database import Base
from workflows.history.models import Chain
from workflows.history.proof import START, Leaf, Proof, Seal, leaf_hash, paths_to, root_of


class StoredSeal(Base):
    """A seal as it was signed."""

    __tablename__ = "seal"

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    chains: Mapped[int]
    events: Mapped[int]
    root: Mapped[str]
    previous: Mapped[str]
    key: Mapped[str]
    next_key: Mapped[str | None]
    signature: Mapped[str]

    def told(self) -> Seal:
        """Return it as the verifier reads it."""
        return Seal(
            n=self.n,
            at=instant_text(self.at),
            chains=self.chains,
            events=self.events,
            root=self.root,
            previous=self.previous,
            key=self.key,
            next_key=self.next_key,
            signature=self.signature,
        )


class StoredLeaf(Base):
    """Where a chain stood when a seal was set."""

    __tablename__ = "seal_leaf"

    chain: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    seal: Mapped[int] = mapped_column(ForeignKey("seal.n"), index=True)
    hash: Mapped[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The record at one moment: what a seal would be of."""

    last: Seal | None
    moved: tuple[tuple[str, int, str], ...]  # the chains that have moved since the last seal
    chains: int
    events: int
    root: str


def standing(session: Session) -> Standing:
    """Look at where every chain stands; one statement, so that it is one moment."""
    heads = session.execute(
        sa.select(Chain.name, Chain.n, Chain.hash, StoredLeaf.seal)
        .outerjoin(StoredLeaf, sa.and_(StoredLeaf.chain == Chain.name, StoredLeaf.n == Chain.n))
        .where(Chain.n > 0)
    ).all()
    heads = sorted(heads)  # by name as Python sorts, which every machine does alike
    return Standing(
        last=last_seal(session),
        moved=tuple((name, n, head) for name, n, head, seal in heads if seal is None),
        chains=len(heads),
        events=sum(n for _, n, _, _ in heads),
        root=root_of([leaf_hash(name, n, head) for name, n, head, _ in heads]),
    )


def signed(found: Standing, key: Ed25519PrivateKey, *, next_key: str | None, now: datetime) -> Seal:
    """Make the seal of what was found."""
    told = Seal(
        n=found.last.n + 1 if found.last else 1,
        at=instant_text(now),
        chains=found.chains,
        events=found.events,
        root=found.root,
        previous=found.last.hash if found.last else START,
        key=public(key),
        next_key=next_key,
        signature="",
    )
    return replace(told, signature=key.sign(told.signed).hex())


def store(session: Session, seal: Seal, found: Standing, *, now: datetime) -> None:
    """Keep a seal, and where the chains stood that had moved."""
    values = {name: getattr(seal, name) for name in Seal.__slots__} | {"at": now}
    session.execute(sa.insert(StoredSeal), values)
    if found.moved:
        leaves = [
            {"seal": seal.n, "chain": chain, "n": n, "hash": head} for chain, n, head in found.moved
        ]
        session.execute(sa.insert(StoredLeaf), leaves)


def public(key: Ed25519PrivateKey) -> str:
    """Return the public half of a key, as seals name it."""
    return key.public_key().public_bytes_raw().hex()


def last_seal(session: Session) -> Seal | None:
    """Return the seal that was set last."""
    row = session.scalars(sa.select(StoredSeal).order_by(StoredSeal.n.desc()).limit(1)).first()
    return row.told() if row else None


def last_set_at(session: Session) -> datetime | None:
    """Say when the last seal was set."""
    return session.scalar(sa.select(StoredSeal.at).order_by(StoredSeal.n.desc()).limit(1))


def seals(session: Session) -> list[Seal]:
    """Return every seal in order."""
    return [row.told() for row in session.scalars(sa.select(StoredSeal).order_by(StoredSeal.n))]


def proofs(session: Session, chains: Collection[str]) -> list[Proof]:
    """Prove where chains stood when the last seal was set; those begun since have no proof."""
    last = session.scalar(sa.select(sa.func.max(StoredSeal.n))) or 0
    newest = sa.select(StoredLeaf.chain, sa.func.max(StoredLeaf.n).label("n"))
    at = newest.group_by(StoredLeaf.chain).subquery()
    rows = session.execute(
        sa.select(StoredLeaf.chain, StoredLeaf.n, StoredLeaf.hash).join(
            at, sa.and_(at.c.chain == StoredLeaf.chain, at.c.n == StoredLeaf.n)
        )
    ).all()
    stood = sorted((chain, n, head) for chain, n, head in rows)
    wanted = set(chains)
    places = [place for place, (chain, _, _) in enumerate(stood) if chain in wanted]
    paths = paths_to([leaf_hash(*one) for one in stood], places)
    return [
        Proof(last or 0, *stood[place], path) for place, path in zip(places, paths, strict=True)
    ]


def leaves(session: Session) -> Iterator[Leaf]:
    """Give where chains stood, in the order of the seals."""
    rows = session.execute(
        sa.select(StoredLeaf.seal, StoredLeaf.chain, StoredLeaf.n, StoredLeaf.hash).order_by(
            StoredLeaf.seal
        )
    )
    for row in rows:
        yield Leaf(*row)
