"""Small files of every kind we take, and of those we do not."""

import zipfile
from io import BytesIO

OFFICE = "application/vnd.openxmlformats-officedocument"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def zipped(parts):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def office(kind, **more):
    told = f'<Types><Override ContentType="{OFFICE}.{kind}.main+xml"/></Types>'
    return zipped({"[Content_Types].xml": told} | more)


TAKEN = {
    "plan.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "karta.png": PNG,
    "bild.JPG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "plan.docx": office("wordprocessingml.document"),
    "lista.xlsx": office("spreadsheetml.sheet"),
    "visning.pptx": office("presentationml.presentation"),
    "plan.odt": zipped({"mimetype": "application/vnd.oasis.opendocument.text"}),
    "lista.ods": zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
    "minne.txt": "Åsa ringde 08.30 – allt väl.\r\n".encode(),
    "lista.csv": "namn;antal\r\nÅsa;3\r\n".encode("cp1252"),
}
MACROS = {
    "[Content_Types].xml": '<Override ContentType="application/vnd.ms-word.document.macroEnabled"/>'
}
REFUSED = {
    "plan.docm": (zipped(MACROS), "file_has_macros"),
    "plan.docx": (zipped(MACROS), "file_has_macros"),
    "gömd.docx": (
        office("wordprocessingml.document", **{"word/vbaProject.bin": "x"}),
        "file_has_macros",
    ),
    "gömd.xlsx": (
        office("spreadsheetml.sheet", **{"xl/macrosheets/sheet1.xml": "x"}),
        "file_has_macros",
    ),
    "gömd.odt": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "Basic/a.xml": "x"}),
        "file_has_macros",
    ),
    "sida.html": (b"<!DOCTYPE html><script>alert(1)</script>", "file_is_page"),
    "sida.txt": (b"\xef\xbb\xbf \n<SVG onload=alert(1)>", "file_is_page"),
    "bild.svg": (b'<?xml version="1.0"?><svg/>', "file_is_page"),
    "bild.png": (b"<svg/>", "file_is_page"),
    "program.exe": (b"MZ\x90\x00\x03", "file_is_program"),
    "skript.txt": (b"#!/bin/sh\nrm -rf /\n", "file_is_program"),
    "gammal.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_is_old_office"),
    "mapp.zip": (zipped({"a.txt": "a"}), "file_is_archive"),
    "mapp.7z": (b"7z\xbc\xaf\x27\x1c\0", "file_is_archive"),
    "okänd.bin": (b"\x01\x02\x03", "file_unknown"),
    "plan.pdf": (PNG, "file_misnamed"),
    "namnlös": (b"text", "file_misnamed"),
    "trasig.docx": (b"PK\x03\x04 half", "file_unknown"),
    "skript.bat": (b"del *.*", "file_misnamed"),
    "tom.txt": (b"", "file_empty"),
}
