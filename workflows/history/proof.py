"""Whether a record holds: the hashes of events, the tree over all chains, and the seals upon it.

This file needs nothing of Årshjul, only Python and `cryptography`, so that it can be read and run
by somebody who trusts neither the database nor the program that made it.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

START = "0" * 64
LEAF, NODE = b"\0", b"\1"


class Link(NamedTuple):  # many are made: a tuple is made in half the time
    """One event as it is stored; `at` is the canonical text of its moment."""

    chain: str
    n: int
    at: str
    actor_id: int | None
    acting_for_id: int | None
    kind: str
    case_id: int | None
    unit_id: int | None
    step: str | None
    what: str | None
    why: str | None
    salt: str | None  # gone, with what it told, when the content was purged
    digest: str
    hash: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where one chain stood when a seal was set: its last event and that event's hash."""

    seal: int
    chain: str
    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed statement that the record stood so at that moment."""

    n: int
    at: str
    chains: int
    events: int
    root: str  # of the tree over where every chain stood
    previous: str  # the hash of the seal before
    key: str  # the public half of what it is signed with
    next_key: str | None  # from here on another key signs
    signature: str

    @property
    def signed(self) -> bytes:
        """What the signature is of."""
        told = asdict(self)
        del told["signature"]
        return _json(told).encode()

    @property
    def hash(self) -> str:
        """What the next seal names as the one before it."""
        return hashlib.sha256(self.signed + bytes.fromhex(self.signature)).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was: where, and the seal that proves it, if one does."""

    code: str
    chain: str = ""
    n: int = 0
    seal: int | None = None


# --- events ---------------------------------------------------------------------------------


def event_hash(previous: str, link: Link) -> str:
    """Hash the header of an event onto the event before it."""
    header = (
        f'{{"acting_for_id":{_number(link.acting_for_id)},"actor_id":{_number(link.actor_id)},'
        f'"at":"{link.at}","case_id":{_number(link.case_id)},"chain":"{link.chain}",'
        f'"digest":"{link.digest}","kind":"{link.kind}","n":{link.n},'
        f'"step":{_text(link.step)},"unit_id":{_number(link.unit_id)}}}'
    )
    return hashlib.sha256(bytes.fromhex(previous) + header.encode()).hexdigest()


def digest(salt: str, what: str, why: str | None) -> str:
    """Hash what an event tells; `what` is hashed as stored, never parsed and written anew."""
    told = f'{{"what":{what},"why":{_text(why)}}}'
    return hashlib.sha256(bytes.fromhex(salt) + told.encode()).hexdigest()


def faults_of(links: Iterable[Link], leaves: Mapping[str, Sequence[Leaf]]) -> Iterator[Fault]:
    """Walk chain after chain, each in order, and name what does not hold.

    In each chain the first break is named: what comes after rests on it.
    """
    for chain, events in groupby(links, attrgetter("chain")):
        sealed = {leaf.n: leaf for leaf in leaves.get(chain, ())}
        n, previous, is_whole = 0, START, True
        for link in events:
            leaf = sealed.pop(link.n, None)
            if is_whole and (fault := _fault(link, n, previous, leaf)):
                yield fault
                is_whole = False
            n, previous = link.n, link.hash
        if is_whole and sealed:
            gone = max(sealed.values(), key=lambda leaf: leaf.n)
            yield Fault("events_missing", chain, n + 1, gone.seal)


def _fault(link: Link, n: int, previous: str, leaf: Leaf | None) -> Fault | None:
    seal = leaf.seal if leaf else None
    if link.n > n + 1:
        return Fault("events_missing", link.chain, n + 1, seal)
    if link.n <= n:
        return Fault("event_inserted", link.chain, link.n, seal)
    if link.hash != event_hash(previous, link):
        return Fault("event_changed", link.chain, link.n, seal)
    if link.salt is not None and link.digest != digest(link.salt, link.what or "", link.why):
        return Fault("content_changed", link.chain, link.n, seal)
    if leaf and leaf.hash != link.hash:  # all was hashed anew, but the seal remembers
        return Fault("history_rewritten", link.chain, link.n, seal)
    return None


# --- the tree -------------------------------------------------------------------------------


def leaf_hash(chain: str, n: int, head: str) -> bytes:
    """Hash where a chain stands."""
    told = _json({"chain": chain, "hash": head, "n": n})
    return hashlib.sha256(LEAF + told.encode()).digest()


def root_of(leaves: Sequence[bytes]) -> str:
    """Hash pairs, and pairs of pairs, up to one; an odd one out goes up as it is."""
    level = list(leaves) or [hashlib.sha256(LEAF).digest()]
    while len(level) > 1:
        pairs = [
            hashlib.sha256(NODE + level[i] + level[i + 1]).digest()
            for i in range(0, len(level) - 1, 2)
        ]
        level = pairs + level[len(level) & ~1 :]
    return level[0].hex()


def path_to(leaves: Sequence[bytes], index: int) -> list[tuple[bool, str]]:
    """Say what a leaf is hashed with on its way to the root, and whether that is to the left."""
    level, path = list(leaves), []
    while len(level) > 1:
        other = index ^ 1
        if other < len(level):
            path.append((other < index, level[other].hex()))
        pairs = [
            hashlib.sha256(NODE + level[i] + level[i + 1]).digest()
            for i in range(0, len(level) - 1, 2)
        ]
        level, index = pairs + level[len(level) & ~1 :], index // 2
    return path


def climbed(leaf: bytes, path: Iterable[tuple[bool, str]]) -> str:
    """Hash a leaf up its path; the root it belongs to, if both are true."""
    for is_left, other in path:
        beside = bytes.fromhex(other)
        leaf = hashlib.sha256(NODE + (beside + leaf if is_left else leaf + beside)).digest()
    return leaf.hex()


# --- seals ----------------------------------------------------------------------------------


def seal_faults(seals: Sequence[Seal], leaves: Iterable[Leaf] | None) -> Iterator[Fault]:
    """Name seals that are not signed as they should be, do not follow each other or, when it is
    known where each chain stood, are not of what they say.
    """
    heads: dict[str, bytes] = {}
    moved = {n: list(some) for n, some in groupby(leaves or (), attrgetter("seal"))}
    key, previous = seals[0].key if seals else "", START
    for expected, seal in enumerate(seals, start=1):
        if seal.n != expected or seal.previous != previous:
            yield Fault("seal_missing", n=expected, seal=seal.n)
        if seal.key != key or not _is_signed(seal):
            yield Fault("seal_forged", n=seal.n, seal=seal.n)
        for leaf in moved.get(seal.n, ()):
            heads[leaf.chain] = leaf_hash(leaf.chain, leaf.n, leaf.hash)
        if leaves is not None and root_of([heads[chain] for chain in sorted(heads)]) != seal.root:
            yield Fault("leaves_changed", n=seal.n, seal=seal.n)
        key, previous = seal.next_key or key, seal.hash


def anchor_faults(seals: Sequence[Seal], held_outside: Iterable[Seal]) -> Iterator[Fault]:
    """Name what the record's own seals do not share with those that were kept outside."""
    own = {seal.n: seal for seal in seals}
    for kept in held_outside:
        if not _is_signed(kept):
            yield Fault("anchor_forged", n=kept.n, seal=kept.n)
        elif kept.n not in own:
            yield Fault("seal_missing", n=kept.n, seal=kept.n)  # as when a backup was put back
        elif own[kept.n] != kept:
            yield Fault("seal_replaced", n=kept.n, seal=kept.n)


def read_seals(text: str) -> list[Seal]:
    """Read seals as they are written to a file: one to a line.

    :raises ValueError: if a line is no seal
    """
    try:
        return [Seal(**json.loads(line)) for line in text.splitlines() if line.strip()]
    except TypeError as error:
        raise ValueError("not a seal") from error


def written(seal: Seal) -> str:
    """Write a seal as one line."""
    return _json(asdict(seal))


def _is_signed(seal: Seal) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal.key))
        key.verify(bytes.fromhex(seal.signature), seal.signed)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- text -----------------------------------------------------------------------------------


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _text(value: str | None) -> str:
    return "null" if value is None else _json(unicodedata.normalize("NFC", value))
