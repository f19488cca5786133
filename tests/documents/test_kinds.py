"""Every kind of document, made of what its processes know, opened and read back."""

import re
from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from pypdf import PdfReader

from tests.documents.sources import DATA, HIDDEN, source
from workflows.documents.as_docx import as_docx
from workflows.documents.as_pdf import as_pdf
from workflows.documents.kinds import DOCUMENTS, drawn_up
from workflows.documents.paper import (
    Bullets,
    Heading,
    Paper,
    Table,
    as_data,
    from_data,
    from_rich,
    texts,
)
from workflows.documents.source import Source
from workflows.language.rich import Span
from workflows.processes.actions import DOCUMENTS as NAMES

AT = datetime(2027, 10, 1, 12, tzinfo=UTC)
WORDS = {"page": "Sida", "author": "Farsta"}
MADE = [(kind, process) for kind, told in DOCUMENTS.items() for process in told.processes]


def paper_of(kind, process, **more):
    told = DOCUMENTS[kind]
    return drawn_up(told, source(process, is_open=told.is_open, **more))


def plain(text):
    return re.sub(r"\s+", "", text)


def read_docx(content):
    made = docx.Document(BytesIO(content))
    parts = [each.text for each in made.paragraphs]
    parts += [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return made, plain("".join(parts))


def read_pdf(content):
    made = PdfReader(BytesIO(content))
    return made, plain("".join(page.extract_text() for page in made.pages))


def test_the_action_and_the_kinds_go_by_the_same_names():
    assert tuple(DOCUMENTS) == NAMES


@pytest.mark.parametrize(("name", "process"), MADE)
def test_a_document_says_the_same_in_word_and_in_pdf(name, process):
    paper = paper_of(name, process)
    assert len(paper.blocks) > 1
    said = [plain(line) for each in texts(paper) for line in each.splitlines()]
    word, word_text = read_docx(as_docx(paper, WORDS, at=AT))
    pdf, pdf_text = read_pdf(as_pdf(paper, WORDS, at=AT))
    for text in said:
        assert text in word_text
        assert text.replace("-", "") in pdf_text.replace("-", "")  # a word may be parted
    assert paper.marking in word.sections[0].header.paragraphs[0].text
    assert plain(paper.marking) in pdf_text
    assert word.core_properties.title == pdf.metadata.title == paper.title
    assert word.core_properties.language == "sv-SE"
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "sv"
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    headings = [each.text for each in word.paragraphs if each.style.name.startswith("Heading")]
    assert headings == [each.text for each in paper.blocks if isinstance(each, Heading)]


def test_the_same_document_is_the_same_bytes_and_comes_back_from_storage():
    paper = paper_of("rsa_report", "rsa_annual")
    assert from_data(as_data(paper)) == paper
    for write in (as_docx, as_pdf):
        assert write(paper, WORDS, at=AT) == write(paper, WORDS, at=AT)


@pytest.mark.parametrize("name", [kind for kind, told in DOCUMENTS.items() if told.is_open])
def test_the_text_of_a_row_that_is_not_open_stands_in_no_open_document(name):
    for process in DOCUMENTS[name].processes:
        told = "\n".join(texts(paper_of(name, process)))
        for hidden in (HIDDEN, "Hemligt", "Obedömd risk", "Bara för oss"):
            assert hidden not in told
        if process == "rsa_annual":
            assert "El borta i två dygn" in told
            assert "färre än 5" in told


def test_a_text_that_names_a_hidden_row_is_left_out_where_it_stands():
    summary = f"Allt väl.\n\nUtom att {HIDDEN.upper()}.\n\n- el\n- {HIDDEN}"
    told = list(texts(paper_of("statement", "rsa_annual", report_summary=summary)))
    assert "Allt väl." in told
    assert "Skaffa aggregat" not in told  # its row names the hidden one
    assert told.count("[Utelämnat: texten nämner något som inte är öppet.]") == 2


def test_what_was_found_open_as_a_whole_is_open_row_by_row_unless_marked():
    told = "\n".join(texts(paper_of("open_extract", "rsa_annual", marking=["open"])))
    assert "Obedömd risk" in told
    assert HIDDEN not in told


def test_more_than_a_few_hidden_rows_are_counted():
    rows = [{"title": f"Risk nummer {n}", "category": "it"} for n in range(7)]
    told = list(texts(paper_of("open_extract", "rsa_annual", risks=rows)))
    assert any(text.endswith("öppet: 7.") for text in told)


def test_the_marking_says_how_far_the_secrecy_is_assessed():
    assert paper_of("rsa_report", "rsa_annual").marking.startswith("Kan omfattas av sekretess: OSL")
    assert paper_of("rsa_report", "rsa_annual", marking=None).marking == "Sekretess inte bedömd"
    assert paper_of("rsa_report", "rsa_annual", marking=["open"]).marking == "Öppen"
    assert paper_of("statement", "rsa_annual").marking == "Öppen"


def test_a_cover_holds_steps_and_numbers_and_no_content():
    told = "\n".join(texts(paper_of("sua_cover", "sua")))
    assert "FAR 2027/77" in told
    assert "Hemliga" not in told
    assert "Upphandling A" not in told


class Asked(dict):
    """Case data that remembers what was asked for."""

    def __init__(self):
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return default


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_asks_only_for_what_a_form_of_its_processes_knows(name):
    known = set()
    for process in DOCUMENTS[name].processes:
        known |= {one.name for form in source(process).forms for one in form.fields}
    asked = Asked()
    like = source(DOCUMENTS[name].processes[0])
    empty = Source(like.name, "", "", like.forms, asked, like.facts, {}, is_open=False)
    list(DOCUMENTS[name].describe(empty))
    assert asked.names - {""} <= known
    assert set().union(*map(DATA.get, DOCUMENTS[name].processes)) & asked.names


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x") $a$ *b* @c \\ "q" {} []',
        "🔥 中文 \ue000",
        "שלום \u202e",
        "\t\x00\x0b a",
        "x" * 8000,
    ],
)
def test_no_text_breaks_a_document(text):
    cell = Table(("A", text[:50]), ((text[:200], "b"),))
    paper = Paper(text[:100], ((text[:9], text[:9]),), text[:20], (
        Heading(text[:50]), *from_rich(text), Bullets(((Span(text),),)), cell,
    ))  # fmt: skip
    assert read_docx(as_docx(paper, WORDS, at=AT))[1]
    assert len(read_pdf(as_pdf(paper, WORDS, at=AT))[0].pages) >= 1
