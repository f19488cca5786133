"""Documents and the library over HTTP: a button, a first look that writes, a package, a trace."""

import zipfile
from io import BytesIO

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.operations.test_documents import begun
from workflows.documents.kinds import BOARD_PACKAGE
from workflows.documents.models import Document
from workflows.history.models import Event
from workflows.operations import documents as verbs
from workflows.operations import library


@pytest.fixture
def case(session, city):
    made = begun(session, city)
    session.commit()
    return made


def _kinds(database):
    with database.reading() as session:
        return list(session.scalars(sa.select(Event.kind).order_by(Event.id)))


def test_a_button_makes_a_document_and_the_first_look_writes_it(database, case, client_for):
    alva, path = client_for("Alva"), f"/cases/{case.id}"
    assert "Skapa dokument" in alva.get(path).text
    assert alva.post(f"{path}/documents", {"kind": "statement"}).status_code == 302
    page = alva.get(path).text
    assert "Tjänsteutlåtande" in page
    with database.reading() as session:
        made = session.scalars(sa.select(Document.id)).one()
    for _ in range(2):
        taken = alva.get(f"/documents/{made}.pdf")
        assert taken.status_code == 200
        assert taken.data.startswith(b"%PDF")
        assert "attachment" in taken.headers["Content-Disposition"]
    assert alva.get(f"/documents/{made}.docx").data.startswith(b"PK")
    assert alva.get(f"/documents/{made}.exe").status_code == 404
    assert client_for("Cleo").get(f"/documents/{made}.pdf").status_code == 404
    assert alva.post(f"{path}/documents", {"kind": "sua_cover"}).status_code == 422
    assert client_for("Frida").post(f"{path}/documents", {"kind": "statement"}).status_code == 403
    assert _kinds(database).count("document_written") == 1


def test_the_package_for_the_board_holds_all_four_in_both_forms(case, client_for):
    alva, path = client_for("Alva"), f"/cases/{case.id}/board-package"
    assert alva.get(f"{path}.zip").status_code == 404
    answer = alva.post(path)
    packed = zipfile.ZipFile(BytesIO(alva.get(answer.location).data))
    assert len(packed.namelist()) == 2 * len(BOARD_PACKAGE)
    assert packed.testzip() is None


def test_a_look_at_a_secret_document_leaves_a_trace(database, session, city, client_for):
    secret = begun(session, city, "sua")
    cover = verbs.make(session, secret, "sua_cover", by=city.actor("Hedda"), now=NOON)
    session.commit()
    assert client_for("Disa").get(f"/documents/{cover.id}.pdf").status_code == 404
    assert "secret_read" not in _kinds(database)
    assert client_for("Hedda").get(f"/documents/{cover.id}.pdf").status_code == 200
    assert "secret_read" in _kinds(database)


def test_the_library_lists_takes_in_and_remembers_who_has_read(session, database, client_for):
    library.take_in(session, (), by=SYSTEM, now=NOON)
    session.commit()
    alva, disa = client_for("Alva"), client_for("Disa")
    assert "Lägg in en fil" not in alva.get("/library/").text
    file = {"file": (BytesIO(b"%PDF-1.7"), "anvisning.pdf")}
    sent = {"name": "RSA-anvisning", "owner": "SLK", "area": "Krisberedskap"}
    assert alva.post("/library/", sent | file).status_code == 403
    file = {"file": (BytesIO(b"%PDF-1.7"), "anvisning.pdf")}
    assert disa.post("/library/", sent | file).status_code == 302
    page = alva.get("/library/").text
    assert "RSA-anvisning" in page
    assert page.count("Jag har läst den") == 1  # what is made from a case is nothing to read
    number = page.split('/reading"')[0].rpartition("/")[2]
    assert alva.post(f"/library/{number}/reading").status_code == 302
    assert alva.get("/library/").text.count("Jag har läst den") == 0
    link = page.split('href="/files/')[1].split('"')[0]
    assert alva.get(f"/files/{link}").data == b"%PDF-1.7"
