"""A report as a file: for people as DOCX and PDF, for other systems as XLSX, CSV and JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp.spreadsheets import CSV, XLSX, as_book, as_csv
from workflows.canonical import canonical_text
from workflows.documents.as_docx import as_docx
from workflows.documents.as_pdf import as_pdf
from workflows.documents.receiving import TYPES
from workflows.follow_up.report import Report, as_data
from workflows.follow_up.report_lines import SHIPPED, Mapped, columns, lines, mapping
from workflows.follow_up.report_paper import paper
from workflows.follow_up.report_words import sheets
from workflows.language import Language, translator

KINDS = {
    "docx": TYPES["docx"],
    "pdf": TYPES["pdf"],
    "xlsx": XLSX,
    "csv": CSV,
    "json": "application/json",
}
OWN_MAPPING = "report_mapping.json"  # in the data folder


@dataclass(frozen=True, slots=True)
class Told:
    """A report with what goes around it in a file; files speak the language of the archive."""

    report: Report
    draft: str = ""  # of the paragraph, where nobody has written one
    seal: str = ""  # the hash it was sealed by
    compared: Sequence[tuple[str, Report]] = ()


def mapping_in(folder: Path) -> Mapped:
    """The mapping of this installation, or else the shipped one."""
    own = folder / OWN_MAPPING
    return mapping(own if own.exists() else SHIPPED)


def written(told: Told, kind: str, mapped: Callable[[], Mapped]) -> bytes:
    """Write the file; `mapped` is asked for where a file needs it."""
    report = told.report
    if kind == "json":
        return canonical_text(as_data(report) | {"sealed": told.seal or None}).encode()
    if kind == "csv":
        by = mapped()
        rows = [columns(line, by) for line in lines(report, by, draft=told.draft)]
        return as_csv([head for head, _ in by.columns], rows, delimiter=by.delimiter)
    if kind == "xlsx":
        return as_book((one.title, one.head, one.rows) for one in sheets(report, Language.SV))
    words = {"page": translator(Language.SV).gettext("Page"), "author": report.name}
    document = paper(report, Language.SV, draft=told.draft, seal=told.seal, compared=told.compared)
    return (as_docx if kind == "docx" else as_pdf)(document, words, at=report.at)
