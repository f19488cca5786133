"""Attacks upon the record: each is found, named, and proved by the last seal it cannot forge."""

import dataclasses
import json
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOON, SYSTEM
from workflows.canonical import content_hash, instant_text
from workflows.database import Database
from workflows.errors import Conflict
from workflows.history import proof
from workflows.history.guards import STAYS, lifted
from workflows.history.models import Chain, Event
from workflows.history.proof import Link, Seal, climbed, event_hash, paths_to, read_seals, root_of
from workflows.history.rows import digest_of, hash_of, record
from workflows.history.seals import StoredLeaf, StoredSeal, seals, standing
from workflows.history.seals import proofs as proofs_of
from workflows.operations import sealing
from workflows.upkeep.restoring import restore
from workflows.upkeep.saving import backup
from workflows.upkeep.verifying import verify

KEY = Ed25519PrivateKey.generate()


def told(database, *case_ids, times=3):
    with database.writing() as session, session.begin():
        for _ in range(times):
            for case_id in case_ids:
                record(
                    session, "task_claimed", by=SYSTEM, now=NOON, case_id=case_id, unit_id=1,
                    step="gå_igenom", what={"step_id": "s"}, why="för att",
                )  # fmt: skip
        record(session, "signed_in", by=SYSTEM, now=NOON)


def sealed(database, key=KEY):
    with database.reading() as session:
        found = standing(session)
    with database.writing() as session, session.begin():
        return sealing.seal(session, found, key, by=SYSTEM, now=NOON)


def change(database, *statements):
    """Do what an intruder can who owns the database: its own guards are no hindrance."""
    with database.writing() as session, session.begin(), lifted(session.connection()):
        for statement in statements:
            session.execute(statement)


def at(chain, n):
    return sa.and_(Event.chain == chain, Event.n == n)


def rehash(database, chain):
    """Make the chain hold again by itself."""
    with database.writing() as session, session.begin(), lifted(session.connection()):
        previous, n = proof.START, 0
        for n, event in enumerate(
            session.scalars(sa.select(Event).where(Event.chain == chain).order_by(Event.n)), 1
        ):
            event.n = n
            event.digest = digest_of(event.salt, event.what, event.why)
            names = ("chain", "n", "at", "actor_id", "acting_for_id", "kind", "case_id", "unit_id")
            header = {
                name: getattr(event, name) for name in (*names, "step", "digest", "address_family")
            }
            event.hash = previous = hash_of(previous, header)
        session.execute(sa.update(Chain).where(Chain.name == chain).values(n=n, hash=previous))
        session.flush()


@pytest.fixture
def record_of(database):
    """Three cases with three events each, and a seal upon them."""
    told(database, 1, 2, 3)
    sealed(database)
    return database


def codes(database, **given):
    return [(fault.code, fault.chain, fault.n) for fault in verify(database, **given).faults]


def test_a_whole_record_holds_and_what_is_new_is_counted_as_unsealed(record_of):
    told(record_of, 2, times=2)
    report = verify(record_of)
    assert report.faults == ()
    assert (report.events, report.chains, report.unsealed, report.anchors) == (13, 4, 3, 0)


@pytest.mark.parametrize(
    "attack",
    [
        sa.update(Event).where(Event.chain == "case:2").values(why="annat"),
        sa.update(Event).where(at("case:2", 2)).values(what=None, why=None, salt=None),
        sa.update(Event).values(hash="0" * 64),
        sa.delete(Event).where(at("case:2", 3)),
        sa.update(StoredSeal).values(root="0" * 64),
        sa.delete(StoredLeaf),
    ],
)
def test_the_database_itself_lets_nobody_change_what_happened(record_of, attack):
    with pytest.raises(sa.exc.DBAPIError, match=STAYS), record_of.writing() as session:
        session.execute(attack)
    assert codes(record_of) == []


def test_the_guards_are_back_when_they_were_lifted_and_let_only_a_purge_by(record_of):
    change(record_of)
    purge = sa.update(Event).where(at("case:2", 1)).values(what=None, why=None, salt=None)
    with record_of.writing() as session, session.begin():
        record(
            session, "content_purged", by=SYSTEM, now=NOON, case_id=2, what={"numbers": [(1, 1)]}
        )
        for more in ({"hash": "0" * 64}, {"n": 9}, {"actor_id": 7}):
            with pytest.raises(sa.exc.DBAPIError, match=STAYS), session.begin_nested():
                session.execute(purge.values(**more))
        session.execute(purge)
    assert codes(record_of) == []


def test_an_empty_record_holds(database):
    assert verify(database).faults == ()


def changed(number, **values):
    return sa.update(Event).where(at("case:2", number)).values(**values)


def put_in(**values):
    """Put an event of another case in, as it stands there but for these values."""
    names = [one.name for one in Event.__table__.columns if one.name != "id"]
    row = sa.select(*(Event.__table__.c[name] for name in names)).where(at("case:1", 2)).subquery()
    told = [sa.literal(values[name]) if name in values else row.c[name] for name in names]
    return sa.insert(Event).from_select(names, sa.select(*told))


CASE = sa.delete(Event).where(Event.case_id == 2), sa.delete(Chain).where(Chain.name == "case:2")
IN_TURN = (1, 9), (2, 1), (9, 2)
SWAP = [sa.update(Event).where(Event.case_id == a).values(case_id=b) for a, b in IN_TURN]
# Each attack upon three cases of three events with a seal upon them, and all that is found: the
# fault, the chain, the number, and the seal that proves it where the chain alone does not.
ATTACKS = {
    "edit": ([changed(2, what="{}")], [("content_changed", "case:2", 2, None)]),
    "edit a reason": ([changed(2, why="annat")], [("content_changed", "case:2", 2, None)]),
    "edit who": ([changed(2, actor_id=7)], [("event_changed", "case:2", 2, None)]),
    "edit the kind": ([changed(2, kind="nudged")], [("event_changed", "case:2", 2, None)]),
    "delete": ([sa.delete(Event).where(at("case:2", 2))], [("events_missing", "case:2", 2, 1)]),
    "insert": ([put_in(case_id=2, n=4)], [("event_changed", "case:2", 4, None)]),
    "reorder": ([changed(1, n=99), changed(2, n=1), changed(99, n=2)],
                [("event_changed", "case:2", 1, None)]),
    "truncate the tail": ([sa.delete(Event).where(at("case:2", 3))],
                          [("events_missing", "case:2", 3, 1)]),
    "delete a whole case": (CASE, [("chain_missing", "case:2", 1, 1)]),
    "delete a whole case and what the seal knew of it":
        ((*CASE, sa.delete(StoredLeaf).where(StoredLeaf.chain == "case:2")),
         [("leaves_changed", "", 1, 1)]),
    "swap two cases": (SWAP, [("event_changed", f"case:{one}", 1, None) for one in (1, 2)]),
    "change a seal": ([sa.update(StoredSeal).values(root="0" * 64)],
                      [("seal_forged", "", 1, 1), ("leaves_changed", "", 1, 1)]),
    "change when a seal was set": ([sa.update(StoredSeal).values(at=NOON.replace(year=2001))],
                                   [("seal_forged", "", 1, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found_and_nothing_else_is_blamed(record_of, name):
    attack, found = ATTACKS[name]
    change(record_of, *attack)
    report = verify(record_of)
    assert [(one.code, one.chain, one.n, one.seal) for one in report.faults] == found
    assert (report.last.n, report.anchors) == (1, 0)  # checked against its own one seal


# Whoever can hash all of a chain anew is found by the seal, which cannot be signed anew.
REWRITTEN = {
    "edit": ([changed(1, what="{}")], ("history_rewritten", "case:2", 3, 1)),
    "delete": ([sa.delete(Event).where(at("case:2", 2))], ("events_missing", "case:2", 3, 1)),
    "insert": ([changed(3, n=9), put_in(case_id=2, n=3)], ("history_rewritten", "case:2", 3, 1)),
    "reorder": ([changed(1, n=9), changed(2, n=1), changed(9, n=2)],
                ("history_rewritten", "case:2", 3, 1)),
    "truncate the tail": ([sa.delete(Event).where(at("case:2", 3))],
                          ("events_missing", "case:2", 3, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_chain_hashed_anew_after_an_attack_is_found_by_the_seal(record_of, name):
    attack, found = REWRITTEN[name]
    change(record_of, *attack)
    rehash(record_of, "case:2")
    assert [(one.code, one.chain, one.n, one.seal) for one in verify(record_of).faults] == [found]


def test_a_tail_cut_off_after_the_last_seal_is_found_by_its_head(record_of):
    told(record_of, 2, times=1)
    change(record_of, sa.delete(Event).where(at("case:2", 4)))
    assert codes(record_of) == [("head_wrong", "case:2", 4)]


def test_a_seal_taken_away_is_found_by_the_next(record_of):
    told(record_of, 2)
    sealed(record_of)
    change(
        record_of,
        sa.delete(StoredLeaf).where(StoredLeaf.seal == 1),
        sa.delete(StoredSeal).where(StoredSeal.n == 1),
    )
    assert ("seal_missing", "", 1) in codes(record_of)


def test_an_old_backup_put_back_is_found_only_by_a_seal_held_outside(record_of, tmp_path):
    backup(record_of, tmp_path, tmp_path / "old.zip")
    told(record_of, 2)
    kept = sealed(record_of)
    restore(record_of, tmp_path, tmp_path / "old.zip", replace=True)
    assert codes(record_of) == []
    report = verify(record_of, held_outside=[kept])
    assert [(one.code, one.n, one.seal) for one in report.faults] == [("seal_missing", 2, 2)]
    assert (report.last.n, report.anchors) == (1, 1)  # checked against one held outside


def test_a_record_sealed_anew_with_another_key_is_found_only_by_a_seal_held_outside(record_of):
    with record_of.reading() as session:
        (kept,) = seals(session)
    change(record_of, sa.delete(StoredLeaf), sa.delete(StoredSeal))
    sealed(record_of, Ed25519PrivateKey.generate())
    assert codes(record_of) == []
    assert codes(record_of, held_outside=[kept]) == [("seal_replaced", "", 1)]


def test_a_forged_seal_held_outside_proves_nothing(record_of):
    with record_of.reading() as session:
        (kept,) = seals(session)
    forged = dataclasses.replace(kept, events=1)
    assert codes(record_of, held_outside=[forged]) == [("anchor_forged", "", 1)]


def test_what_was_purged_still_holds_and_is_counted(record_of):
    change(
        record_of, sa.update(Event).where(at("case:2", 2)).values(what=None, why=None, salt=None)
    )
    assert codes(record_of) == [("content_missing", "case:2", 2)]  # nobody has said so
    with record_of.writing() as session, session.begin():
        what = {"numbers": [(2, 2)]}
        record(session, "content_purged", by=SYSTEM, now=NOON, case_id=2, what=what)
    report = verify(record_of)
    assert (report.faults, report.purged) == ((), 1)
    change(record_of, sa.update(Event).where(at("case:2", 2)).values(what="{}"))
    assert codes(record_of) == [("content_changed", "case:2", 2)]  # no other words in its place


# --- what is taken away ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def packed(empty_sqlite, tmp_path_factory):
    """A folder with two of the cases, as the evidence package holds them, and the verifier; and a
    seal that was set after it was made. Where the record lay makes no difference to a package."""
    folder = tmp_path_factory.mktemp("package")
    copied = folder.with_suffix(".sqlite3")
    shutil.copyfile(empty_sqlite, copied)
    database = Database(f"sqlite:///{copied}")
    told(database, 1, 2, 3)
    sealed(database)
    told(database, 2, times=1)
    with database.reading() as session:
        rows = session.scalars(
            sa.select(Event).where(Event.case_id.in_([1, 2])).order_by(Event.case_id, Event.n)
        ).all()
        links = [
            {name: getattr(one, name) for name in Link._fields} | {"at": instant_text(one.at)}
            for one in rows
        ]
        kept = [dataclasses.asdict(one) for one in seals(session)]
        proofs = [dataclasses.asdict(one) for one in proofs_of(session, ["case:1", "case:2"])]
    for name, lines in (("events", links), ("seals", kept), ("proofs", proofs)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    shutil.copy(proof.__file__, folder / "verify.py")
    set_down(folder)
    later = sealed(database)
    database.close()
    return folder, later


@pytest.fixture
def package(packed, tmp_path):
    return shutil.copytree(packed[0], tmp_path / "package")


def set_down(folder):
    """Write the manifest anew, as somebody would who changed a file."""
    files = {
        one.name: content_hash(one.read_bytes())
        for one in folder.iterdir()
        if one.is_file() and one.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps({"files": files}), "utf-8")


def test_a_package_proves_itself_with_nothing_of_ours_about(package):
    answer = subprocess.run(
        [sys.executable, "-I", package / "verify.py"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout
    assert "7 events in 2 chains, 0 without what they tell, 1 newer" in answer.stdout
    assert "everything holds" in answer.stdout


def attacked(package, attack, held_outside=()):
    """Change what the files of a package hold, and the manifest to fit; gives what is found."""
    files = {name: package / f"{name}.jsonl" for name in ("events", "proofs", "seals")}
    held = {
        name: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        for name, file in files.items()
    }
    attack(**held)
    for name, file in files.items():
        file.write_text("".join(json.dumps(line) + "\n" for line in held[name]), "utf-8")
    set_down(package)
    report = proof.check_package(package, held_outside)
    assert (report["seals"], report["anchors"]) == (len(held["seals"]), len(held_outside))
    return [(one.code, one.chain, one.n, one.seal) for one in report["faults"]]


def hashed_anew(events):
    """Make the chains hold again by themselves."""
    previous = proof.START
    for row in events:
        previous = proof.START if row["n"] == 1 else previous
        row["digest"] = proof.digest(row["salt"], row["what"], row["why"])
        row["hash"] = previous = event_hash(previous, Link(**row))


def in_turn(*deeds):
    return lambda **held: [deed(**held) for deed in deeds]


def anew(events, **_):
    hashed_anew(events)


def without_first(events, **_):
    del events[:3]


def swap(events, **_):
    for row in events:
        row["case_id"] = 3 - row["case_id"]
        row["chain"] = f"case:{row['case_id']}"
    events[:] = events[3:] + events[:3]


def earlier_clock(events, **_):
    events[-1]["at"] = instant_text(NOON - timedelta(days=1))
    hashed_anew(events)


# The same attacks upon a package: case 1 with three events, case 2 with three and one more since
# the seal, and the one seal of the record.
ON_PACKAGE = {
    "edit": (lambda events, **_: events[0].update(why="annat"),
             [("content_changed", "case:1", 1, None)]),
    "edit who": (lambda events, **_: events[0].update(address_family="ipv4"),
                 [("event_changed", "case:1", 1, None)]),
    "edit, all hashed anew": (in_turn(lambda events, **_: events[0].update(why="annat"), anew),
                              [("history_rewritten", "case:1", 3, 1)]),
    "delete": (lambda events, **_: events.pop(1), [("events_missing", "case:1", 2, 1)]),
    "insert": (lambda events, **_: events.insert(2, events[1] | {"n": 2}),
               [("event_inserted", "case:1", 2, None)]),
    "reorder": (lambda events, **_: events.insert(0, events.pop(1)),
                [("events_missing", "case:1", 1, None)]),
    "truncate the tail": (lambda events, **_: events.pop(2), [("events_missing", "case:1", 3, 1)]),
    "delete a whole case": (without_first, [("chain_missing", "case:1", 1, 1)]),
    "delete a whole case and its proof":
        (in_turn(without_first, lambda proofs, **_: proofs.pop(0)),
         []),  # a package need not hold every case; its left-out.json and the record say which
    "delete a proof": (lambda proofs, **_: proofs.pop(0), [("proof_missing", "case:1", 0, None)]),
    "change a proof": (lambda proofs, **_: proofs[0].update(hash="0" * 64),
                       [("proof_wrong", "case:1", 3, 1), ("proof_missing", "case:1", 0, None)]),
    "swap two cases": (swap, [("event_changed", "case:1", 1, None),
                              ("event_changed", "case:2", 1, None)]),
    "change a seal": (lambda seals, **_: seals[0].update(events=1), [("seal_forged", "", 1, 1)]),
    "change the clock": (earlier_clock, [("event_backdated", "case:2", 4, 1)]),
}  # fmt: skip


@pytest.mark.parametrize("name", ON_PACKAGE)
def test_an_attack_upon_a_package_is_found_and_nothing_else_is_blamed(package, name):
    attack, found = ON_PACKAGE[name]
    assert attacked(package, attack) == found


def test_a_package_of_an_old_backup_is_found_by_a_seal_held_outside(packed, package):
    nothing = in_turn()
    assert attacked(package, nothing) == []
    assert attacked(package, nothing, [packed[1]]) == [("seal_missing", "", 2, 2)]


def test_what_is_not_told_in_a_package_still_holds_and_is_counted(package):
    withheld = {"what": None, "why": None, "salt": None}
    assert attacked(package, lambda events, **_: [one.update(withheld) for one in events]) == []
    assert proof.check_package(package)["withheld"] == 7


def test_files_of_a_package_are_those_of_its_manifest(package):
    (package / "more.txt").write_text("x")
    (package / "seals.jsonl").write_text("")
    found = {(one.code, one.chain) for one in proof.check_package(package)["faults"]}
    assert {("file_unknown", "more.txt"), ("file_changed", "seals.jsonl")} <= found


def test_a_clock_set_back_is_found_by_the_seal_before_and_hides_nothing(record_of):
    with record_of.writing() as session, session.begin():
        for days in (1, 2):
            record(session, "task_claimed", by=SYSTEM, now=NOON - timedelta(days), case_id=2)
    assert codes(record_of) == [("event_backdated", "case:2", 4)]
    change(record_of, sa.delete(Event).where(at("case:2", 5)))
    assert ("head_wrong", "case:2", 5) in codes(record_of)


def test_a_seal_older_than_the_one_before_is_found(record_of):
    told(record_of, 2)
    with record_of.reading() as session:
        found = standing(session)
    with record_of.writing() as session, session.begin():
        sealing.seal(session, found, KEY, by=SYSTEM, now=NOON - timedelta(days=1))
    assert codes(record_of) == [("seal_backwards", "", 2)]


def test_nothing_new_needs_no_new_seal(record_of):
    assert sealed(record_of).n == 1


def test_another_key_takes_over_only_when_the_old_one_signs_that_it_does(record_of):
    other = Ed25519PrivateKey.generate()
    told(record_of, 1)
    with pytest.raises(Conflict, match="seal_key_wrong"):
        sealed(record_of, other)
    with record_of.reading() as session:
        found = standing(session)
    with record_of.writing() as session, session.begin():
        sealing.rotate(session, found, KEY, next_key=other, by=SYSTEM, now=NOON)
    told(record_of, 1)
    with pytest.raises(Conflict, match="seal_key_wrong"):
        sealed(record_of, KEY)
    assert sealed(record_of, other).n == 3
    assert verify(record_of).faults == ()


def test_of_two_who_seal_at_once_one_is_told_to_look_again(record_of):
    told(record_of, 1)
    with record_of.reading() as session:
        found = standing(session)
    sealed(record_of)
    with pytest.raises(Conflict, match="seal_overtaken"), record_of.writing() as session:
        sealing.seal(session, found, KEY, by=SYSTEM, now=NOON)


def test_a_seal_is_the_same_after_it_was_written_to_a_file(record_of):
    with record_of.reading() as session:
        (kept,) = seals(session)
    assert read_seals(proof.written(kept) + "\n\n") == [kept]
    with pytest.raises(ValueError, match="not a seal"):
        read_seals('{"n": 1}')


texts = st.text(max_size=20)


families = st.sampled_from([None, "ipv4", "ipv6", "local"])
numbers = st.none() | st.integers(1, 2**62)


@given(step=st.none() | texts, why=st.none() | texts, actor_id=numbers, family=families)
def test_the_verifier_hashes_as_the_record_does(step, why, actor_id, family):
    what, salt = '{"a":1}', "ab" * 16
    link = Link("case:1", 1, "2027-01-01T00:00:00.000000Z", actor_id, None, "task_claimed", 1, None,
                step, what, why, salt, digest_of(salt, what, why), "", family)  # fmt: skip
    header = {
        name: getattr(link, name)
        for name in Link._fields
        if name not in ("what", "why", "salt", "hash")
    }
    assert proof.digest(salt, what, why) == link.digest
    assert event_hash(proof.START, link) == hash_of(proof.START, header)


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_every_leaf_climbs_to_the_root_and_no_other_does(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    (path,) = paths_to(leaves, [index])
    assert climbed(leaves[index], path) == root_of(leaves)
    assert climbed(bytes(32), path) != root_of(leaves) or leaves[index] == bytes(32)


def test_a_seal_signs_all_it_says():
    seal = Seal(1, "x", 1, 1, "r", "p", "k", None, "")
    for field in dataclasses.fields(Seal):
        if field.name != "signature":
            assert dataclasses.replace(seal, **{field.name: "other"}).signed != seal.signed
