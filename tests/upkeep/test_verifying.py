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
from workflows.errors import Conflict
from workflows.history import proof
from workflows.history.guards import STAYS, lifted
from workflows.history.models import Chain, Event
from workflows.history.proof import Link, Seal, climbed, event_hash, paths_to, read_seals, root_of
from workflows.history.rows import digest_of, hash_of, record
from workflows.history.seals import StoredLeaf, StoredSeal, seals, standing
from workflows.history.seals import proofs as proofs_of
from workflows.operations import sealing
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


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        (sa.update(Event).where(at("case:2", 2)).values(what="{}"), "content_changed"),
        (sa.update(Event).where(at("case:2", 2)).values(why="annat"), "content_changed"),
        (sa.update(Event).where(at("case:2", 2)).values(actor_id=7), "event_changed"),
        (sa.update(Event).where(at("case:2", 2)).values(kind="task_released"), "event_changed"),
        (sa.delete(Event).where(at("case:2", 2)), "events_missing"),
    ],
)
def test_an_event_changed_or_gone_is_named(record_of, attack, found):
    change(record_of, attack)
    ((code, chain, n),) = codes(record_of)
    assert (code, chain, n) == (found, "case:2", 2)


def test_a_tail_cut_off_is_found_even_when_the_head_is_set_to_fit(record_of):
    change(record_of, sa.delete(Event).where(at("case:2", 3)))
    rehash(record_of, "case:2")
    (fault,) = verify(record_of).faults
    assert (fault.code, fault.chain, fault.n, fault.seal) == ("events_missing", "case:2", 3, 1)


def test_a_tail_cut_off_after_the_last_seal_is_found_by_its_head(record_of):
    told(record_of, 2, times=1)
    change(record_of, sa.delete(Event).where(at("case:2", 4)))
    assert codes(record_of) == [("head_wrong", "case:2", 4)]


def test_a_history_written_anew_is_found_by_the_seal(record_of):
    change(record_of, sa.update(Event).where(at("case:2", 1)).values(what='{"step_id":"x"}'))
    rehash(record_of, "case:2")
    (fault,) = verify(record_of).faults
    assert (fault.code, fault.chain, fault.n, fault.seal) == ("history_rewritten", "case:2", 3, 1)


def test_an_event_put_in_or_two_that_changed_places_are_found(record_of):
    change(
        record_of,
        sa.update(Event).where(at("case:2", 1)).values(n=99),
        sa.update(Event).where(at("case:2", 2)).values(n=1),
        sa.update(Event).where(at("case:2", 99)).values(n=2),
    )
    assert codes(record_of) == [("event_changed", "case:2", 1)]


def test_two_cases_that_changed_names_are_found(record_of):
    told(record_of, 4, times=1)
    change(
        record_of,
        sa.insert(Chain).values(name="case:x", n=3, hash="0" * 64),
        sa.update(Event).where(Event.chain == "case:1").values(chain="case:x"),
        sa.update(Event).where(Event.chain == "case:2").values(chain="case:1"),
        sa.update(Event).where(Event.chain == "case:x").values(chain="case:2"),
        sa.delete(Chain).where(Chain.name == "case:x"),
    )
    assert [(code, chain) for code, chain, _ in codes(record_of)] == [
        ("event_changed", "case:1"),
        ("event_changed", "case:2"),
    ]


def test_a_whole_case_taken_away_is_found(record_of):
    gone = (
        sa.delete(Event).where(Event.chain == "case:2"),
        sa.delete(Chain).where(Chain.name == "case:2"),
    )
    change(record_of, *gone)
    assert codes(record_of) == [("chain_missing", "case:2", 1)]


def test_a_whole_case_taken_away_with_what_the_seal_knew_of_it_is_found(record_of):
    change(
        record_of,
        sa.delete(Event).where(Event.chain == "case:2"),
        sa.delete(Chain).where(Chain.name == "case:2"),
        sa.delete(StoredLeaf).where(StoredLeaf.chain == "case:2"),
    )
    assert codes(record_of) == [("leaves_changed", "", 1)]


@pytest.mark.parametrize("values", [{"root": "0" * 64}, {"at": NOON.replace(year=2001)}])
def test_a_seal_that_was_changed_is_found(record_of, values):
    change(record_of, sa.update(StoredSeal).values(**values))
    assert ("seal_forged", "", 1) in codes(record_of)


def test_a_seal_taken_away_is_found_by_the_next(record_of):
    told(record_of, 2)
    sealed(record_of)
    change(
        record_of,
        sa.delete(StoredLeaf).where(StoredLeaf.seal == 1),
        sa.delete(StoredSeal).where(StoredSeal.n == 1),
    )
    assert ("seal_missing", "", 1) in codes(record_of)


def test_an_old_backup_put_back_is_found_only_by_a_seal_held_outside(record_of):
    told(record_of, 2)
    kept = sealed(record_of)
    change(
        record_of,
        sa.delete(StoredLeaf).where(StoredLeaf.seal == 2),
        sa.delete(StoredSeal).where(StoredSeal.n == 2),
        sa.delete(Event).where(Event.chain == "case:2", Event.n > 3),
    )
    rehash(record_of, "case:2")
    assert codes(record_of) == []
    assert codes(record_of, held_outside=[kept]) == [("seal_missing", "", 2)]


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


@pytest.fixture
def package(record_of, tmp_path):
    """A folder with two of the cases, as the evidence package holds them, and the verifier."""
    told(record_of, 2, times=1)
    wanted = ("case:1", "case:2")
    with record_of.reading() as session:
        rows = session.scalars(
            sa.select(Event).where(Event.chain.in_(wanted)).order_by(Event.chain, Event.n)
        ).all()
        links = [
            {name: getattr(one, name) for name in Link._fields} | {"at": instant_text(one.at)}
            for one in rows
        ]
        kept = [dataclasses.asdict(one) for one in seals(session)]
        proofs = [dataclasses.asdict(one) for one in proofs_of(session, wanted)]
    for name, lines in (("events", links), ("seals", kept), ("proofs", proofs)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    shutil.copy(proof.__file__, tmp_path / "verify.py")
    set_down(tmp_path)
    return tmp_path


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


def lines_of(package, name, change):
    file = package / f"{name}.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    file.write_text("".join(json.dumps(line) + "\n" for line in change(lines)), "utf-8")
    set_down(package)
    return [(one.code, one.chain, one.n) for one in proof.check_package(package)["faults"]]


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("events", lambda all_: [all_[0] | {"why": "annat"}, *all_[1:]], "content_changed"),
        ("events", lambda all_: [all_[0] | {"address_family": "ipv4"}, *all_[1:]], "event_changed"),
        ("events", lambda all_: [all_[0], *all_[2:]], "events_missing"),
        ("events", lambda all_: all_[:1] + all_[3:], "events_missing"),
        ("events", lambda all_: all_[3:], "chain_missing"),
        ("proofs", lambda all_: [all_[0] | {"hash": "0" * 64}, *all_[1:]], "proof_wrong"),
        ("proofs", lambda all_: all_[1:], "proof_missing"),
    ],
)
def test_a_package_that_was_changed_does_not_hold(package, name, change, found):
    codes_found = lines_of(package, name, change)
    assert (found, "case:1") in [(code, chain) for code, chain, _ in codes_found]


def test_what_is_not_told_in_a_package_still_holds_and_is_counted(package):
    withheld = {"what": None, "why": None, "salt": None}
    assert lines_of(package, "events", lambda all_: [one | withheld for one in all_]) == []
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
