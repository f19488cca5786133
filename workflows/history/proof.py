"""Whether a record holds: the hashes of events, the tree over all chains, and the seals upon it.

This file needs nothing of Årshjul, only Python and `cryptography`, so that it can be read and run
by somebody who trusts neither the database nor the program that made it. It is the offline
verifier, and therefore one file, however long: a copy lies in every evidence package as `verify.py`
and checks the folder it lies in.

    python3 verify.py [FOLDER] [--anchor seals.jsonl] [--json]     0 holds, 1 does not, 2 no package

A package holds these files; each `.jsonl` has one JSON object to a line, in UTF-8.

events.jsonl    The events, chain after chain, each chain whole from number 1 and in order, with the
                keys of `Link`. `what` is a text that holds JSON, exactly as stored, for those bytes
                are hashed. In it `because` says why a date is that date: the rule and what followed
                from it in turn (o opened, f a field, m a milestone, s a span, t the time of day, i
                an instant), each with the days since the one before and its values. Where what an
                event tells is not given (it is secret, or was purged) `what`, `why` and `salt` are
                null: that it happened still holds.
                    digest = SHA-256(salt || {"what":...,"why":...})
                    hash   = SHA-256(the hash before || the header as canonical JSON)
                The header is chain, n, at, actor_id, acting_for_id, kind, case_id, unit_id, step,
                digest, and address_family where it is not null; keys sorted, no spaces, text NFC.
                What comes before number 1 is 32 bytes of zero. Hashes and salts are hexadecimal.
proofs.jsonl    For each chain where it stood when a seal was set, with the keys of `Proof`: `path`
                lists what the leaf is hashed with on its way up to the root of that seal, each as
                [is it to the left, hash]. leaf = SHA-256(00 || {"chain","hash","n"}), node =
                SHA-256(01 || left || right); an odd one out goes up as it is. The leaves are in the
                order of the chains' names. What came after the seal is counted, not proved.
seals.jsonl     Every seal from number 1 on, with the keys of `Seal`: each names the hash of the one
                before and is signed (Ed25519) by `key`, or by the `next_key` of an earlier seal.
manifest.json   {"files": {"path in the package": "SHA-256 of the file"}}; whatever lies in the
                folder and is neither named there nor the manifest itself is told of.

A package whose seals are its own proves only that it holds together. Hold seals against it that you
were given earlier, by mail or from `seals.jsonl` of the installation: `--anchor`.
"""

import argparse
import hashlib
import json
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from json.encoder import encode_basestring  # what a text is in JSON, without all that is around it
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

START = "0" * 64
LEAF, NODE = b"\0", b"\1"
PURGED = "content_purged"  # the event that says of which others what they told was weeded out
MAY_LAG = timedelta(hours=1)  # what was begun before a seal may be written down after it

SAID = {
    "events_missing": "events are missing from number {n} on",
    "event_inserted": "event {n} was put in, or stands in another order",
    "event_changed": "event {n} was changed, or those before it",
    "content_changed": "what event {n} tells was changed",
    "history_rewritten": "the history up to event {n} was written anew",
    "content_missing": "what event {n} told is gone, and nothing says that it was weeded out",
    "event_backdated": "event {n} says it is older than the seal before it: a clock was set back",
    "chain_missing": "the whole history is missing",
    "head_wrong": "it does not end where it says it ends: something is missing from number {n} on",
    "proof_wrong": "where it stood at event {n} is not what the seal was set upon",
    "proof_missing": "no seal proves it",
    "seal_missing": "seal {n} is missing",
    "seal_forged": "seal {n} is not signed by the key it should be",
    "seal_replaced": "seal {n} is another than the one held outside",
    "seal_backwards": "seal {n} was set at an earlier time than the one before",
    "leaves_changed": "what seal {n} was set upon was changed",
    "approval_changed": "what approval {n} was given for was changed, not by the application",
    "approval_forged": "approval {n} is another than the record tells of",
    "anchor_forged": "seal {n} in the file held outside is not signed by its key",
    "file_changed": "is not what the manifest says",
    "file_missing": "is named in the manifest and is not there",
    "file_unknown": "is there and the manifest does not name it",
}


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
    address_family: str | None = None  # of the request: ipv4, ipv6, local; None for the clock


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where one chain stood when a seal was set: its last event and that event's hash."""

    seal: int
    chain: str
    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf belongs to the tree whose root a seal has signed."""

    seal: int
    chain: str
    n: int
    hash: str
    path: Sequence[tuple[bool, str]]


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
    family = f'"address_family":"{link.address_family}",' if link.address_family else ""
    header = (
        f'{{"acting_for_id":{_number(link.acting_for_id)},"actor_id":{_number(link.actor_id)},'
        f'{family}"at":"{link.at}","case_id":{_number(link.case_id)},"chain":"{link.chain}",'
        f'"digest":"{link.digest}","kind":"{link.kind}","n":{link.n},'
        f'"step":{_text(link.step)},"unit_id":{_number(link.unit_id)}}}'
    )
    return hashlib.sha256(bytes.fromhex(previous) + header.encode()).hexdigest()


def digest(salt: str, what: str, why: str | None) -> str:
    """Hash what an event tells; `what` is hashed as stored, never parsed and written anew."""
    told = f'{{"what":{what},"why":{_text(why)}}}'
    return hashlib.sha256(bytes.fromhex(salt) + told.encode()).hexdigest()


def faults_of(
    links: Iterable[Link],
    leaves: Mapping[str, Sequence[Leaf]],
    seals: Sequence[Seal] = (),
    *,
    may_withhold: bool = False,
) -> Iterator[Fault]:
    """Walk chain after chain, each in order, and name what does not hold.

    In each chain the first break is named: what comes after rests on it; and the first event that
    says it happened before a seal that was there already, as when somebody sets the clock back.
    What an event tells is gone only where another says that it was weeded out, or who made a
    package `may_withhold` it.
    """
    not_before = {seal.n: _text_of(_moment(seal.at) - MAY_LAG) for seal in seals}
    for chain, events in groupby(links, attrgetter("chain")):
        sealed = {leaf.n: leaf for leaf in leaves.get(chain, ())}
        n, previous, is_whole = 0, START, True
        seal, floor, is_late = 0, "", False
        purged: list[int] = []
        told: list[tuple[int, int]] = []
        for link in events:
            leaf = sealed.pop(link.n, None) if sealed else None
            if is_whole and (fault := _fault(link, n, previous, leaf)):
                yield fault
                is_whole = False
            if link.at < floor and not is_late:
                yield Fault("event_backdated", chain, link.n, seal)
                is_late = True
            if leaf is not None:
                seal, floor = leaf.seal, not_before.get(leaf.seal, "")
            n, previous = link.n, link.hash
            if link.salt is None:
                purged += [] if may_withhold else [n]
            elif link.kind == PURGED and link.what:
                told += json.loads(link.what)["numbers"]
        if purged and (unsaid := [m for m in purged if not any(a <= m <= b for a, b in told)]):
            yield Fault("content_missing", chain, unsaid[0])
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
    is_purged = (link.what, link.why, link.salt) == (None, None, None)
    if not is_purged and link.digest != digest(link.salt or "", link.what or "", link.why):
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
        level = _above(level)
    return level[0].hex()


def paths_to(leaves: Sequence[bytes], wanted: Iterable[int]) -> list[list[tuple[bool, str]]]:
    """Say what each of some leaves is hashed with on its way to the root, and whether that is to
    the left."""
    level, places = list(leaves), list(wanted)
    paths: list[list[tuple[bool, str]]] = [[] for _ in places]
    while len(level) > 1:
        for path, index in zip(paths, places, strict=True):
            if (other := index ^ 1) < len(level):
                path.append((other < index, level[other].hex()))
        level, places = _above(level), [index // 2 for index in places]
    return paths


def _above(level: list[bytes]) -> list[bytes]:
    pairs = [
        hashlib.sha256(NODE + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
    ]
    return pairs + level[len(level) & ~1 :]


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
    key, previous, at = seals[0].key if seals else "", START, ""
    for expected, seal in enumerate(seals, start=1):
        if seal.n != expected or seal.previous != previous:
            yield Fault("seal_missing", n=expected, seal=seal.n)
        if seal.key != key or not _is_signed(seal):
            yield Fault("seal_forged", n=seal.n, seal=seal.n)
        elif seal.at < at:  # canonical text sorts as time does
            yield Fault("seal_backwards", n=seal.n, seal=seal.n)
        for leaf in moved.get(seal.n, ()):
            heads[leaf.chain] = leaf_hash(leaf.chain, leaf.n, leaf.hash)
        if leaves is not None and root_of([heads[chain] for chain in sorted(heads)]) != seal.root:
            yield Fault("leaves_changed", n=seal.n, seal=seal.n)
        key, previous, at = seal.next_key or key, seal.hash, seal.at


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


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def _text_of(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds") + "Z"


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _text(value: str | None) -> str:
    if value is None:
        return "null"
    return encode_basestring(value if value.isascii() else unicodedata.normalize("NFC", value))


# --- an evidence package --------------------------------------------------------------------


def check_package(folder: Path, held_outside: Sequence[Seal] = ()) -> dict[str, Any]:
    """Check a folder: gives its faults, and what it was checked against.

    :raises ValueError: if a file of the package cannot be read
    :raises OSError: likewise
    """
    seals = read_seals((folder / "seals.jsonl").read_text("utf-8"))
    proofs = [Proof(**row) for row in _rows(folder / "proofs.jsonl")]
    links = [Link(**row) for row in _rows(folder / "events.jsonl")]
    faults = [*_file_faults(folder), *seal_faults(seals, None), *anchor_faults(seals, held_outside)]
    roots = {seal.n: seal.root for seal in seals}
    leaves: dict[str, list[Leaf]] = {}
    for proof in proofs:
        if climbed(leaf_hash(proof.chain, proof.n, proof.hash), proof.path) == roots.get(
            proof.seal
        ):
            leaf = Leaf(proof.seal, proof.chain, proof.n, proof.hash)
            leaves.setdefault(proof.chain, []).append(leaf)
        else:
            faults.append(Fault("proof_wrong", proof.chain, proof.n, proof.seal))
    faults += faults_of(links, leaves, seals, may_withhold=True)
    there = {link.chain for link in links}
    faults += [Fault("proof_missing", chain) for chain in sorted(there - leaves.keys())]
    faults += [
        Fault("chain_missing", chain, 1, leaves[chain][-1].seal)
        for chain in sorted(leaves.keys() - there)
    ]
    ends = {chain: max(leaf.n for leaf in some) for chain, some in leaves.items()}
    return {
        "faults": faults,
        "events": len(links),
        "chains": len(there),
        "withheld": sum(link.salt is None for link in links),
        "unsealed": sum(link.n > ends.get(link.chain, 0) for link in links),
        "seals": len(seals),
        "anchors": len(held_outside),
    }


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]


def _file_faults(folder: Path) -> Iterator[Fault]:
    said = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    there = {
        one.relative_to(folder).as_posix()
        for one in folder.rglob("*")
        if one.is_file() and "__pycache__" not in one.parts
    }
    for name in sorted(said.keys() | there - {"manifest.json"}):
        if name not in there:
            yield Fault("file_missing", name)
        elif name not in said:
            yield Fault("file_unknown", name)
        elif hashlib.sha256((folder / name).read_bytes()).hexdigest() != said[name]:
            yield Fault("file_changed", name)


def said(fault: Fault) -> str:
    """Tell of a fault in a line."""
    where = f"{fault.chain}: " if fault.chain else ""
    proof = f" (seal {fault.seal} proves it)" if fault.seal and fault.chain else ""
    return f"{where}{SAID[fault.code].format(n=fault.n)}{proof}"


def main() -> int:
    """Check the package this file lies in, or the one that is named."""
    parser = argparse.ArgumentParser(description="Check an evidence package of Årshjul.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    parser.add_argument("--anchor", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        kept = [seal for file in options.anchor for seal in read_seals(file.read_text("utf-8"))]
        found = check_package(options.folder, kept)
    except (OSError, ValueError, TypeError, KeyError) as error:
        _tell(f"This is no evidence package, or a file of it cannot be read: {error}")
        return 2
    is_whole = not found["faults"]
    if options.json:
        found["faults"] = [asdict(one) for one in found["faults"]]
        _tell(json.dumps(found, indent=2))
    else:
        own = f"checked against the package's own {found['seals']} seals"
        outside = f" and {found['anchors']} held outside" if kept else "; --anchor FILE for more"
        _tell(
            *(said(one) for one in found["faults"]),
            f"{found['events']} events in {found['chains']} chains, {found['withheld']} without "
            f"what they tell, {found['unsealed']} newer than the seal that proves them",
            own + outside,
            "everything holds" if is_whole else "something is wrong",
        )
    return 0 if is_whole else 1


def _tell(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
