"""Files over HTTP: with a form and beside it, and all that a name or a content may try."""

import socketserver
import struct
import threading
from dataclasses import replace
from io import BytesIO

import pytest
import sqlalchemy as sa

from tests.cast import NOON
from tests.documents.samples import REFUSED, TAKEN
from tests.operations.test_files import begun, text
from workflows.documents.models import File
from workflows.documents.receiving import LARGEST
from workflows.operations import files
from workflows.tasks.models import Draft, Task

PDF = TAKEN["plan.pdf"]


@pytest.fixture
def task(session, city):
    begun(session, city)
    found = session.scalars(sa.select(Task)).one()
    session.commit()
    return found


def _answer(content=PDF, name="plan.pdf", **more):
    return {"paper": (BytesIO(content), name), "command": "one", "seen": "0"} | more


def _path(task, deed):
    return f"/tasks/{task.id}/{deed}"


def test_a_file_comes_with_the_form_and_is_there_to_take_away(database, task, client_for):
    alva = client_for("Alva")
    page = alva.get(f"/tasks/{task.id}").text
    assert 'enctype="multipart/form-data"' in page
    answer = alva.post(_path(task, "completion"), _answer())
    assert answer.status_code == 302
    with database.reading() as session:
        file = session.scalars(sa.select(File)).one()
    for name, status in (("Alva", 200), ("Bo", 200), ("Disa", 200), ("Jon", 404), ("Cleo", 404)):
        taken = client_for(name).get(f"/files/{file.id}")
        assert taken.status_code == status
        if status == 200:
            assert taken.data == PDF
            assert taken.headers["Content-Disposition"] == "attachment; filename=plan.pdf"
            assert taken.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in taken.headers["Content-Security-Policy"]
            assert taken.content_length == len(PDF)
    shown = alva.get(f"/tasks/{task.id}").text
    assert f'<a href="/files/{file.id}">plan.pdf</a>' in shown
    assert "bifogade filen plan.pdf" in alva.get(f"/cases/{task.case_id}").text


def _draft(database):
    with database.reading() as session:
        return session.scalars(sa.select(Draft.answers)).one()


def test_a_draft_keeps_its_files_until_they_are_unticked(database, task, client_for):
    alva = client_for("Alva")
    json = {"Accept": "application/json"}
    rows = {"parts": "0", "parts-0-name": "A", "parts-0-scan": (BytesIO(PDF), "a.pdf")}
    saved = alva.post(_path(task, "draft"), _answer(**rows), headers=json)
    assert saved.json["files"] == ["paper", "parts-0-scan"]
    page = alva.get(f"/tasks/{task.id}").text
    assert page.count('type="checkbox"') == 2
    draft = _draft(database)
    again = {"seen": "1", "parts": "0", "parts-0-scan": draft["parts"][0]["scan"]}
    assert alva.post(_path(task, "draft"), again, headers=json).json["revision"] == 2
    kept = _draft(database)
    assert "paper" not in kept
    assert kept["parts"][0]["scan"] == draft["parts"][0]["scan"]


def test_a_file_that_is_not_taken_loses_nothing_of_what_was_typed(database, task, client_for):
    alva = client_for("Alva")
    content, _ = REFUSED["gömd.docx"]
    for deed in ("completion", "draft"):
        refused = alva.post(_path(task, deed), _answer(content, "gömd.docx", text="Viktigt"))
        assert refused.status_code == 422
        assert "Viktigt" in refused.text
        assert "makron" in refused.text
        assert 'href="#f-paper"' in refused.text
    told = alva.post(
        _path(task, "draft"),
        _answer(content, "gömd.docx", seen="1"),
        headers={"Accept": "application/json"},
    )
    assert "makron" in told.json["refused"]["paper"]
    with database.reading() as session:
        assert session.scalars(sa.select(File)).all() == []


def test_a_file_is_added_to_a_case_and_removed_with_a_reason(database, task, client_for):
    alva, case = client_for("Alva"), f"/cases/{task.case_id}"
    for place in (f"{case}/files", _path(task, "files")):
        sent = alva.post(place, {"file": (BytesIO("å;ä".encode()), "mapp/ny lista.csv")})
        assert sent.status_code == 302
    page = alva.get(case).text
    assert "ny lista.csv" in page
    assert "version 2" in page
    with database.reading() as session:
        file = session.scalars(sa.select(File).order_by(File.id)).first()
    assert alva.post(f"/files/{file.id}/removal").status_code == 422
    assert alva.post(f"/files/{file.id}/removal", {"why": "Fel fil"}).status_code == 302
    assert alva.get(f"/files/{file.id}").status_code == 404
    assert "tog bort filen ny lista.csv" in alva.get(case).text
    assert alva.post(f"{case}/files", {"file": (BytesIO(b"MZ"), "a.exe")}).status_code == 422
    assert alva.post(f"{case}/files").status_code == 422


def test_no_name_reaches_the_headers_as_anything_but_a_name(session, city, task, client_for):
    name = 'rad\r\nSet-Cookie: x="y"; \u202efdp.Å.txt'
    file = files.attach(session, task.case, text(name=name), by=city.actor("Alva"), now=NOON)
    session.commit()
    taken = client_for("Alva").get(f"/files/{file.id}")
    assert "Set-Cookie" not in taken.headers
    assert taken.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "\u202e" not in file.name


def test_more_than_can_come_is_refused_before_it_is_read(task, client_for):
    alva = client_for("Alva")
    refused = alva.post(
        _path(task, "files"),
        {"file": (BytesIO(b"a"), "a.txt")},
        environ_overrides={"CONTENT_LENGTH": str(LARGEST * 2)},
    )
    assert refused.status_code == 413
    assert "stort" in refused.text


FULL = """
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER fills BEFORE INSERT ON chunk FOR EACH ROW EXECUTE FUNCTION fill();
"""


@pytest.fixture
def full_disk(database, task):
    """The database can hold next to nothing more."""
    if not database.is_sqlite:
        with database.writing() as session, session.begin():
            session.execute(sa.text(FULL))
        yield
        return
    with database.reading() as session:
        pages = session.scalar(sa.text("PRAGMA page_count"))

    def limit(connection):
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")

    sa.event.listen(database.engine, "begin", limit)
    yield
    sa.event.remove(database.engine, "begin", limit)


def test_a_full_disk_is_told_of_and_nothing_is_half_saved(database, task, client_for, full_disk):
    big = {"file": (BytesIO(b"a" * 400_000), "stor.txt")}
    refused = client_for("Alva").post(_path(task, "files"), big)
    assert refused.status_code == 507
    assert "disk är full" in refused.text
    with database.reading() as session:
        assert session.scalars(sa.select(File)).all() == []


class Scanner(socketserver.StreamRequestHandler):
    """Speaks as ClamAV does, and finds what says VIRUS."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        found = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            found += self.rfile.read(size)
        self.wfile.write(b"stream: Eicar FOUND\0" if b"VIRUS" in found else b"stream: OK\0")


def test_where_there_is_a_virus_scanner_nothing_passes_without_it(app, task, client_for, tmp_path):
    place = tmp_path / "clamd"
    app.settings = replace(app.settings, clamav=place)
    alva = client_for("Alva")

    def sent(content):
        return alva.post(_path(task, "files"), {"file": (BytesIO(content), "a.txt")})

    assert "svarar inte" in sent(b"Hej").text
    with socketserver.ThreadingUnixStreamServer(str(place), Scanner) as scanner:
        threading.Thread(target=scanner.serve_forever, daemon=True).start()
        assert sent(b"Hej").status_code == 302
        infected = sent(b"Hej VIRUS")
        scanner.shutdown()
    assert infected.status_code == 422
    assert "virus" in infected.text
