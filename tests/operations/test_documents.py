"""Documents and the library: drawn up, written once, seen by those who may."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.cast import NOON, SYSTEM
from tests.chains import broken
from tests.documents.sources import DATA, HIDDEN
from tests.operations.test_files import text
from tests.operations.town import action, package
from tests.processes.walking import PACKAGES
from workflows.documents import rows
from workflows.documents.kinds import DOCUMENTS
from workflows.documents.library_texts import shipped
from workflows.documents.models import Document, File
from workflows.documents.paper import from_data, texts
from workflows.errors import Forbidden, Invalid, NotFound
from workflows.history.models import Event
from workflows.operations import cases, documents, library, publishing
from workflows.processes.rows import find
from workflows.queries import documents as questions
from workflows.registers import definition, proposing
from workflows.registers import rows as registers
from workflows.registers.models import Entry, Marking


def begun(session, city, key="rsa_annual"):
    publishing.publish(session, PACKAGES[key], by=SYSTEM, now=NOON)
    case = cases.start(session, find(session, key), city.units["FARSTA"], 2027, by=SYSTEM, now=NOON)
    case.data = {**case.data, **DATA[key]}
    session.flush()
    return case


@pytest.fixture
def case(session, city):
    return begun(session, city)


@pytest.fixture
def alva(city):
    return city.actor("Alva")


def said(document):
    return "\n".join(texts(from_data(document.says)))


def kinds_of(session, case):
    wanted = sa.select(Event.kind).where(Event.case_id == case.id).order_by(Event.n)
    return [kind for kind in session.scalars(wanted) if kind.startswith("document")]


def test_a_document_is_made_anew_only_when_it_says_something_new(session, case, alva):
    first = documents.make(session, case, "statement", by=alva, now=NOON)
    again = documents.make(session, case, "statement", by=alva, now=NOON + timedelta(days=1))
    assert again is first
    case.data = {**case.data, "report_summary": "Något annat."}
    second = documents.make(session, case, "statement", by=alva, now=NOON)
    assert (first.version, second.version) == (1, 2)
    assert (first.title, first.dnr) == ("Tjänsteutlåtande, Årlig RSA 2027", "FAR 2027/12")
    assert first.hash != second.hash
    assert "Något annat." not in said(first)
    assert kinds_of(session, case) == ["document_made"] * 2


def test_its_files_are_written_once_with_their_hash_and_stay_as_they_are(session, case, alva):
    made = documents.make(session, case, "rsa_report", by=alva, now=NOON)
    written = documents.write(made, case)
    for _ in range(2):
        kept = documents.store(session, made.id, written, now=NOON)
    assert kinds_of(session, case) == ["document_made", "document_written"]
    pdf = session.get_one(File, kept.pdf_id)
    assert pdf.name == f"{case.key}-rsa-report-1.pdf"
    assert rows.whole(session, pdf).startswith(b"%PDF")
    assert rows.of_case(session, case.id) == []  # what we make is not what people attach
    assert documents.write(made, case)["pdf"].sha256 == pdf.sha256
    session.commit()
    assert broken(session) == []


def test_who_may_not_and_what_does_not_suit_is_refused(session, city, case, alva):
    for name in ("Cleo", "Frida", "Jon"):
        with pytest.raises(Forbidden):
            documents.make(session, case, "statement", by=city.actor(name), now=NOON)
    with pytest.raises(Invalid, match="no_such_document"):
        documents.make(session, case, "sua_cover", by=alva, now=NOON)
    made = documents.make(session, case, "statement", by=alva, now=NOON)
    with pytest.raises(NotFound):
        questions.document(session, made.id, by=city.actor("Cleo"))
    secret = begun(session, city, "sua")
    cover = documents.make(session, secret, "sua_cover", by=city.actor("Hedda"), now=NOON)
    for name in ("Alva", "Disa", "Frida"):
        with pytest.raises(NotFound):
            questions.document(session, cover.id, by=city.actor(name))


def test_what_a_register_knows_of_a_row_decides_whether_it_is_told(session, case, alva):
    case.data = {**case.data, "risks": [{"title": "Blixten slår ner", "category": "nature"}]}
    extract = documents.make(session, case, "open_extract", by=alva, now=NOON)
    assert "Blixten" not in said(extract)
    made = proposing.propose(
        session,
        definition("risk"),
        registers.of_case(case, "p1_risk"),
        case.data["risks"],
        now=NOON,
    )
    session.get_one(Entry, made[0].entry.id).secrecy = Marking.OPEN
    opened = documents.make(session, case, "open_extract", by=alva, now=NOON)
    assert "Blixten slår ner" in said(opened)
    session.get_one(Entry, made[0].entry.id).secrecy = Marking.DEFENCE
    case.data = {**case.data, "marking": ["open"]}
    assert "Blixten" not in said(documents.make(session, case, "open_extract", by=alva, now=NOON))


def test_a_diagram_has_a_document_made_of_what_the_case_knows_then(session, city):
    asking = package(
        "maker", "start:s service:a end:e", "s a; a e",
        {"a": action("make_document", kind="'action_plan'")},
    )  # fmt: skip
    publishing.publish(session, asking, by=SYSTEM, now=NOON)
    made = cases.start(
        session, find(session, "maker"), city.units["FARSTA"], 2027, by=SYSTEM, now=NOON
    )
    document = session.scalars(sa.select(Document)).one()
    assert (document.kind, document.case_id, document.by_id) == ("action_plan", made.id, None)
    assert kinds_of(session, made) == ["document_made"]


def test_no_open_document_tells_of_what_is_hidden(session, case, alva):
    for kind in ("statement", "open_extract"):
        document = documents.make(session, case, kind, by=alva, now=NOON)
        assert document.marking == "open"
        assert HIDDEN not in said(document)
        for file in documents.write(document, case).values():
            assert HIDDEN.encode() not in b"".join(file.chunks)
    whole = documents.make(session, case, "rsa_report", by=alva, now=NOON)
    assert HIDDEN in said(whole)
    assert whole.marking == "18_13"


def test_the_library_keeps_versions_and_who_has_read_which(session, city):
    ours = len(DOCUMENTS) + len(shipped())
    assert len(library.take_in(session, shipped(), by=SYSTEM, now=NOON)) == ours
    assert library.take_in(session, shipped(), by=SYSTEM, now=NOON) == []
    disa, alva, today = city.actor("Disa"), city.actor("Alva"), date(2027, 3, 2)
    wanted = library.Wanted("RSA-anvisning", "Stadsledningskontoret", "Krisberedskap", today)
    with pytest.raises(Forbidden):
        library.add(session, wanted, text(), by=alva, now=NOON)
    with pytest.raises(Invalid, match="template_incomplete"):
        library.add(session, library.Wanted("", "x", "y", today), text(), by=disa, now=NOON)
    first = library.add(session, wanted, text(), by=disa, now=NOON)
    for _ in range(2):
        library.read(session, first, by=alva, now=NOON)
    later = library.Wanted("rsa-anvisning", "SLK", "Krisberedskap", today + timedelta(days=30))
    second = library.add(session, later, text("Ny"), by=disa, now=NOON)
    found = {shelf.template.id: shelf for shelf in questions.shelves(session, by=alva, today=today)}
    assert len(found) == ours + 1
    assert found[first.id].coming == (second,)
    assert (found[first.id].is_read, found[first.id].readers) == (True, 1)
    after = questions.shelves(session, by=alva, today=today + timedelta(days=30))
    now_valid = next(shelf for shelf in after if shelf.template.id == second.id)
    assert (now_valid.older, now_valid.is_read, second.version) == ((first,), False, 2)
    told = list(session.scalars(sa.select(Event.kind).where(Event.case_id.is_(None))))
    assert told.count("template_read") == 1
    assert told.count("template_added") == ours + 2
