"""The evidence package: what is in it, that it proves itself, and that nothing slips out."""

import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests import packages
from tests.cast import NOON, SYSTEM
from webapp.evidence_file import safe
from workflows.documents.models import File
from workflows.documents.receiving import made
from workflows.documents.rows import keep
from workflows.history.models import Event
from workflows.history.proof import check_package
from workflows.history.seals import standing
from workflows.operations import cases, comments, files, publishing, sealing
from workflows.processes.models import Secrecy
from workflows.processes.rows import find

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NASTY = "Kök/å: <plan>?.pdf"


@pytest.fixture(autouse=True)
def found(session, city):
    """A letter in Farsta with two files, one of them removed, and a secret one; all sealed."""
    publishing.publish(session, packages.letter(), by=SYSTEM, now=NOON)
    publishing.publish(session, packages.letter("sec", key="hidden"), by=SYSTEM, now=NOON)
    farsta = city.units["FARSTA"]
    case, hidden = (
        cases.start(session, find(session, key), farsta, 2027, by=SYSTEM, now=NOON)
        for key in ("letter", "hidden")
    )
    for name, text in ((NASTY, b"%PDF-1.4 plan"), ("bort.pdf", b"%PDF-1.4 bort")):
        keep(
            session, made(name, "application/pdf", text), secrecy=Secrecy.INTERNAL,
            by_id=city.people["Alva"].id, now=NOON, case_id=case.id,
        )  # fmt: skip
    gone = session.scalars(sa.select(File).where(File.name == "bort.pdf")).one()
    files.remove(session, gone, "Fel fil", by=city.actor("Alva"), now=NOON)
    comments.add(session, case, "Jag är tveksam", element=None, by=city.actor("Alva"), now=NOON)
    seal(session)
    session.commit()
    return case, hidden


def seal(session):
    sealing.seal(session, standing(session), KEY, by=SYSTEM, now=NOON + timedelta(hours=1))


def taken(client, *cases_wanted):
    asked = {"case": [case.id for case in cases_wanted]}
    with client.get("/evidence/package.zip", query_string=asked) as answer:
        assert answer.status_code == 200, answer.text
        return zipfile.ZipFile(BytesIO(answer.data))


def verified(folder):
    ran = [sys.executable, "-I", folder / "verify.py"]
    return subprocess.run(ran, capture_output=True, text=True, check=False)


def test_it_proves_itself_in_an_empty_folder_and_a_changed_byte_anywhere_is_found(
    client_for, found, tmp_path
):
    package, folder = taken(client_for("Frida"), found[0]), tmp_path / "taken"
    package.extractall(folder)
    answer = verified(folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "everything holds" in answer.stdout
    whole = [name for name in package.namelist() if name != "verify.py"]
    for n, name in enumerate(whole):
        file = folder / name
        before = file.read_bytes()
        place = (n * 7919) % len(before)
        file.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
        assert in_process(folder), name
        file.write_bytes(before)
    assert not in_process(folder)


def in_process(folder):
    """Check as the shipped file does, but without starting Python for each: is anything wrong?"""
    try:
        return bool(check_package(folder)["faults"])
    except (OSError, ValueError, TypeError, KeyError):
        return True


def test_it_holds_all_of_the_case_and_says_what_is_left_out(client_for, found, session):
    package = taken(client_for("Frida"), *found)
    names = set(package.namelist())
    folder = f"cases/{found[0].key}"
    assert {f"{folder}/{one}" for one in ("case.html", "case.pdf", "data.json")} <= names
    (attached,) = [name for name in names if "/files/" in name]
    assert attached.endswith("Kök_å_ _plan__.pdf")
    assert package.read(attached) == b"%PDF-1.4 plan"
    page = package.read(f"{folder}/case.html").decode()
    assert "Skriv brevet" in page
    assert "&lt;plan&gt;" in page
    assert "Jag är tveksam" in page
    data = json.loads(package.read(f"{folder}/data.json"))
    assert [one["text"] for one in data["comments"]] == ["Jag är tveksam"]
    assert package.read(f"{folder}/case.pdf").startswith(b"%PDF")
    left_out = json.loads(package.read("left-out.json"))
    assert [one.get("file") or one["case"] for one in left_out] == [found[1].id, "bort.pdf"]
    assert found[1].key not in "".join(package.read(one).decode("latin-1") for one in names)
    readme = package.read("README.txt").decode()
    assert "BEVISPAKET FRÅN ÅRSHJUL" in readme
    assert "EVIDENCE FROM ÅRSHJUL" in readme
    session.rollback()
    made_of = session.scalars(sa.select(Event.what).where(Event.kind == "exported")).one()
    assert json.loads(made_of)["cases"] == [found[0].key]


def test_a_secret_case_goes_only_to_those_who_may_see_it_and_their_reading_is_told(
    client_for, found, session
):
    assert client_for("Frida").get(f"/evidence/package.zip?case={found[1].id}").status_code == 404
    package = taken(client_for("Hedda"), found[1])
    assert f"cases/{found[1].key}/case.html" in package.namelist()
    session.rollback()
    kinds = session.scalars(sa.select(Event.kind).where(Event.case_id == found[1].id))
    assert "secret_read" in set(kinds)


def test_what_no_seal_proves_yet_is_told_and_so_is_too_much(client_for, session, city):
    new = cases.start(
        session, find(session, "letter"), city.units["BROMMA"], 2027, by=SYSTEM, now=NOON
    )
    session.commit()
    client = client_for("Frida")
    answer = client.get(f"/evidence/package.zip?case={new.id}")
    assert (answer.status_code, new.key in answer.text) == (409, True)
    many = client.get("/evidence/package.zip", query_string={"case": list(range(1, 600))})
    assert many.status_code == 409
    assert client.get("/evidence/package.zip?case=x").status_code == 400


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("RSA-ÅRSTA-2027-1", "RSA-ÅRSTA-2027-1"),
        ("a\u030a/../b.pdf", "å_.._b.pdf"),
        ("...", "_"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_is_one_that_every_system_can_have(name, file):
    assert safe(name) == file
