"""Lists to take away as CSV or XLSX, in which nothing that somebody wrote is ever a formula."""

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO, StringIO

import xlsxwriter
from flask import Response
from werkzeug.exceptions import NotFound
from xlsxwriter.utility import xl_range_abs

from workflows.forms.posted import MOST_ROWS
from workflows.forms.sheets import Table

Row = Sequence[str]

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
FORBIDDEN, LONGEST_NAME = re.compile(r"[\[\]:*?/\\']"), 31  # of the name of a sheet
OUT_OF_SIGHT = 60  # further right than anything that is read back
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


def as_csv(header: Row, rows: Iterable[Row], *, delimiter: str = ";") -> bytes:
    """Write a list as a Swedish spreadsheet opens it by a double click."""
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(header: Row, rows: Iterable[Row]) -> bytes:
    """Write a list as a workbook of one sheet, every cell a text."""
    return as_book([("", header, rows)])


def as_book(sheets: Iterable[tuple[str, Row, Iterable[Row]]]) -> bytes:
    """Write lists as a workbook with a sheet for each, every cell a text."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, taken = book.add_format({"bold": True}), set[str]()
        for place, (title, header, rows) in enumerate(sheets, start=1):
            name = FORBIDDEN.sub(" ", title)[:LONGEST_NAME].strip("' ")
            if name.casefold() in taken:
                name = f"{name[: LONGEST_NAME - 4]} {place}"
            taken.add(name.casefold())
            sheet = book.add_worksheet(name or None)
            sheet.freeze_panes(1, 0)
            for column, cell in enumerate(header):
                sheet.write_string(0, column, cell, bold)
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
            sheet.autofit()
    return out.getvalue()


def as_form_sheet(table: Table) -> bytes:
    """Write a list of a form as a workbook of one sheet, where choices are made from a list.

    What may be chosen stands far to the right, out of sight: a list within the cell itself may be
    no longer than 255 characters.
    """
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(FORBIDDEN.sub(" ", table.title)[:LONGEST_NAME])
        sheet.freeze_panes(1, 1)
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for column, (head, choices) in enumerate(zip(table.heads, table.options, strict=True)):
            sheet.write_string(0, column, head, book.add_format({"bold": True}))
            is_number = any(isinstance(row[column], Decimal) for row in table.rows)
            sheet.set_column(column, column, 24, None if is_number else text)
            if choices:
                there = OUT_OF_SIGHT + column
                sheet.write_column(0, there, choices, text)
                span = xl_range_abs(0, there, len(choices) - 1, there)
                asked = {"validate": "list", "source": f"={span}", "error_type": "warning"}
                sheet.data_validation(1, column, MOST_ROWS, column, asked)
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, column, cell)
                elif cell != "":
                    sheet.write_string(number, column, str(cell), text)
        sheet.set_column(
            OUT_OF_SIGHT, OUT_OF_SIGHT + len(table.heads), None, None, {"hidden": True}
        )
    return out.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
