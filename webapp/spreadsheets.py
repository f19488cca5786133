"""Lists to take away as CSV or XLSX, in which nothing that somebody wrote is ever a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO

import xlsxwriter
from flask import Response
from werkzeug.exceptions import NotFound

Row = Sequence[str]

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(name: str, kind: str, header: Row, rows: Iterable[Row]) -> Response:
    """Answer with a list as a file of this kind."""
    if kind == "csv":
        content, mimetype = as_csv(header, rows), CSV
    elif kind == "xlsx":
        content, mimetype = as_xlsx(header, rows), XLSX
    else:
        raise NotFound
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def as_csv(header: Row, rows: Iterable[Row]) -> bytes:
    """Write a list as a Swedish spreadsheet opens it by a double click."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(header: Row, rows: Iterable[Row]) -> bytes:
    """Write a list as a workbook of one sheet, every cell a text."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for column, cell in enumerate(header):
            sheet.write_string(0, column, cell, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        sheet.autofit()
    return out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
