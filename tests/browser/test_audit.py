"""Ten questions an audit asks, answered in the interface alone, by the demo city and what happened
there before the auditor came: an analysis sent back, an event with a report, a guarded purchase.
"""

import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from webapp import sealing
from webapp.settings import read
from workflows.cases.models import Case
from workflows.database import Database
from workflows.demo import story
from workflows.demo.playing import Player
from workflows.operations import publishing
from workflows.organisation.actor import Actor
from workflows.processes.rows import find
from workflows.tasks.models import Task

BEGAN, SYSTEM = datetime(2026, 10, 1, 9, tzinfo=UTC), Actor.system("install")
GUARD = "sakerhetsskydd"
RSA, EVENT, PURCHASE = "RSA-NORRA-2026-1", "HANDELSE-SISAB-2026-1", "SUA-SISAB-2026-1"
CASES = (
    ("rsa_annual", "NORRA", "", BEGAN),
    ("event_evaluation", "SISAB", story.PAY, BEGAN + timedelta(days=4)),
    ("sua", "SISAB", "Inköp 14", BEGAN + timedelta(days=5)),
)


@pytest.fixture(scope="module")
def audited(server):
    """The address of each case; the city has been sealed since."""
    database = Database(f"sqlite:///{server.data / 'arshjul.sqlite3'}")
    player = Player(27, datetime(2027, 11, 20, tzinfo=UTC), [])
    with database.writing() as session, session.begin():
        publishing.switch_on(session, find(session, "sua"), by=SYSTEM, now=BEGAN)
    for key, unit, occasion, now in CASES:
        with database.writing() as session, session.begin():
            story.start(key, unit, "security_coordinator", occasion, session, now)
            case_id = session.scalar(sa.select(sa.func.max(Case.id)))
        wanted = sa.select(Task.id).where(Task.case_id == case_id, Task.closed_at.is_(None))
        with database.writing() as session:
            while (task_id := session.scalar(wanted.order_by(Task.id).limit(1))) is not None:
                now += timedelta(hours=7)
                player.do(session, task_id, now)
                session.commit()
    sealing.set_seal(database, read({}, data=server.data), by=SYSTEM)
    with database.reading() as session:
        found = session.execute(sa.select(Case.key, Case.id)).all()
    database.close()
    assert player.stuck == {}
    return {key: f"/cases/{case_id}" for key, case_id in found}


@pytest.fixture(params=["sv", "en"])
def auditor(visit, audited, request):
    """Somebody who audits in one of the languages, with nothing but the pages before them."""
    return visit(request.param)


@pytest.fixture
def guard(visit, auditor):
    """Whoever guards what is secret, asked by the auditor to look."""
    return visit(auditor.language)


def look(visitor, path, who="revisor"):
    page = visitor.see(path, f"{who}@demo.test")
    return page, page.locator("main").inner_text()


def found(text, *words):
    return [one for one in words if one not in text] == []


def test_an_audit_finds_its_answers(auditor, guard, audited):
    """Each block is a question; what is asked for stands on a page one comes to by its links."""
    is_sv = auditor.language == "sv"
    rsa, event = audited[RSA], audited[EVENT]

    # 1. Who approved the analysis, and could they?
    page, text = look(auditor, rsa)
    assert "Sven Åkerlund" in text
    page.get_by_role("link", name="Så såg det ut" if is_sv else "How it stood").first.click()
    _, text = look(auditor, "/then/roles?at=2026-10-06T08:00")
    assert found(text, "Sven Åkerlund", "Förvaltningschef" if is_sv else "Director")

    # 2. What did it say before the board sent it back?
    then = rsa.replace("/cases", "/then/cases")
    _, before = look(auditor, f"{then}?at=2026-10-05T12:00")
    _, after = look(auditor, f"{then}?at=2026-10-05T15:00")
    assert "Ärendet återremitteras" not in before
    assert "Ärendet återremitteras" in after

    # 3. Was the report that is due in 72 hours sent in time?
    page, text = look(auditor, event)
    line = text[text.index("72 h") :][:200]
    assert ("i tid" if is_sv else "in time") in line

    # 4. Who could read the guarded purchase in October, and 5. who did read it?
    page, text = look(auditor, f"/then/roles?at=2026-10-20&case={PURCHASE}")
    assert "Helena Brandt" not in text.split("Roller" if is_sv else "Roles")[0]  # not an auditor's
    page, text = look(guard, f"/then/roles?at=2026-10-20&case={PURCHASE}", GUARD)
    assert found(text, "Helena Brandt", "1 person")
    look(guard, audited[PURCHASE], GUARD)
    page, text = look(guard, "/history/?event=secret_read", GUARD)
    assert found(text, "Helena Brandt (demo)", PURCHASE)


def test_an_audit_tries_takes_away_and_proves(auditor, audited, tmp_path):
    is_sv = auditor.language == "sv"
    # 6. Did anybody decide on what they had prepared, and 7. did a report come late?
    page, text = look(auditor, "/history/checks/")
    rows = {row.inner_text().split("\t")[0]: row.inner_text() for row in page.locator("tr").all()}
    late = "Rapporter som lagen" if is_sv else "Reports that law"
    assert [name for name in rows if name.startswith(late)], list(rows)
    page.locator("tbody a").first.click()
    assert page.locator("main h1").count() == 1

    # 8. A sample that anybody can draw again.
    page, _ = look(auditor, "/history/samples/")
    page.get_by_label("Hur många" if is_sv else "How many").fill("3")
    page.get_by_label("Frö" if is_sv else "Seed").fill("revision 7")
    page.get_by_role("button", name="Dra" if is_sv else "Draw", exact=True).click()
    text = page.locator("main").inner_text()
    assert found(text, "revision 7")
    assert page.locator("main tbody tr").count() == 3

    # 9. How long does a step take?
    page, text = look(auditor, "/history/flows/")
    page.get_by_role("link", name="Beredskapskoll" if is_sv else "Preparedness").first.click()
    assert "median" in page.locator("main").inner_text().lower()

    # 10. Has anybody touched it since? A package to take away, that proves itself.
    page, _ = look(auditor, audited[RSA])
    with page.expect_download() as download:
        page.get_by_role("link", name="Bevispaket" if is_sv else "Evidence package").click()
    with zipfile.ZipFile(download.value.path()) as package:
        package.extractall(tmp_path)
    ran = [sys.executable, "-I", tmp_path / "verify.py"]
    answer = subprocess.run(ran, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
