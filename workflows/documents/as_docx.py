"""A document as Word, with real styles, headings and tables; the same bytes each time."""

import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Cm, Pt

from workflows.documents.paper import (
    Block,
    Bullets,
    Heading,
    Inline,
    Paper,
    Paragraph,
    Table,
    cleaned,
)
from workflows.language.rich import Span

LONGEST = 255  # a property of a document
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # what a zip can say at the earliest


def as_docx(paper: Paper, words: Mapping[str, str], *, at: datetime) -> bytes:
    """Write the document; `words` are those of the frame: `page` and `author`."""
    paper = cleaned(paper)
    made: Any = docx.Document()
    _set_up(made, paper, words, at)
    made.add_paragraph(paper.title, style="Title")
    for label, value in paper.about:
        told = made.add_paragraph(style="No Spacing")
        told.add_run(f"{label}: ").bold = True
        told.add_run(value)
    for block in paper.blocks:
        _add(made, block)
    out = BytesIO()
    made.save(out)
    return _without_times(out)


def _set_up(made: Any, paper: Paper, words: Mapping[str, str], at: datetime) -> None:
    known = made.core_properties
    known.title, known.author, known.language = paper.title[:LONGEST], words["author"], "sv-SE"
    known.comments, known.last_modified_by, known.revision = "", words["author"], 1
    known.created = known.modified = at.replace(tzinfo=None)
    language = OxmlElement("w:lang")
    for each in ("val", "eastAsia"):
        language.set(qn(f"w:{each}"), "sv-SE")
    defaults = made.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault"))
    properties = defaults.find(qn("w:rPr"))
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(language)
    made.styles["Normal"].font.size = Pt(11)
    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.header.paragraphs[0].text = f"{paper.title}\t\t{paper.marking}"
    foot = page.footer.paragraphs[0]
    foot.add_run(f"{paper.footer}\t\t{words['page']} ")
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    foot._p.append(number)


def _add(made: Any, block: Block) -> None:
    match block:
        case Heading():
            made.add_heading(block.text, level=block.level)
        case Paragraph():
            _write(made.add_paragraph(), block.runs)
        case Bullets():
            style = made.styles["List Number" if block.numbered else "List Bullet"]
            number = _counting_anew(made, style) if block.numbered else None
            for item in block.items:
                line = made.add_paragraph(style=style)
                if number is not None:
                    line._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
                _write(line, item)
        case Table() if block.rows:
            _table(made, block)


def _counting_anew(made: Any, style: Any) -> int:
    """Begin a numbered list at one: lists of one style count on from each other."""
    numbering = made.part.numbering_part.numbering_definitions._numbering
    own = style.element.pPr.numPr.numId.val
    kind = numbering.num_having_numId(own).abstractNumId.val
    number = numbering.add_num(kind)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(number.numId)


def _table(made: Any, block: Table) -> None:
    grid = made.add_table(rows=0, cols=len(block.head), style="Table Grid")
    width = grid.columns[0].width.twips
    said = [_row(block.head, width, "<w:trPr><w:tblHeader/></w:trPr>", "<w:rPr><w:b/></w:rPr>")]
    said += [_row(row, width) for row in block.rows]
    # All at once: a long table built cell by cell takes twenty seconds.
    grid._tbl.extend(list(parse_xml(f"<w:tbl {nsdecls('w')}>{''.join(said)}</w:tbl>")))
    made.add_paragraph()


def _row(cells: Iterable[str], width: int, row: str = "", run: str = "") -> str:
    return f"<w:tr>{row}{''.join(_cell(cell, width, run) for cell in cells)}</w:tr>"


def _cell(text: str, width: int, run: str) -> str:
    lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return (
        f'<w:tc><w:tcPr><w:tcW w:type="dxa" w:w="{width}"/></w:tcPr>'
        f"<w:p><w:r>{run}{'<w:br/>'.join(lines)}</w:r></w:p></w:tc>"
    )


def _write(into: Any, runs: Inline) -> None:
    for run in runs:
        if run.href:
            _link(into, run)
        else:
            into.add_run(run.text).bold = run.bold or None


def _link(into: Any, run: Span) -> None:
    target = into.part.relate_to(
        run.href,
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), target)
    shown = into.add_run(run.text)
    shown.underline = True
    link.append(shown._r)
    into._p.append(link)


def _without_times(made: BytesIO) -> bytes:
    """Pack the parts anew under one old day, so that equal documents are equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(made) as packed, zipfile.ZipFile(out, "w") as anew:
        for each in sorted(
            packed.namelist(), key=lambda name: (name != "[Content_Types].xml", name)
        ):
            part = zipfile.ZipInfo(each, LONG_AGO)
            part.compress_type = zipfile.ZIP_DEFLATED
            anew.writestr(part, packed.read(each))
    return out.getvalue()
