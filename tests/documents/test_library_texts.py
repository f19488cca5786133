"""The texts we ship for the library: whole, in Word, and in plain Swedish."""

from io import BytesIO

import docx
import pytest

from workflows.documents.library_texts import SHELF, shipped

WANTED = {  # what the city's programme names, besides the documents that are made from cases
    "rsa_instruction", "rsa_workbook", "screening_form", "continuity_plan", "crisis_plan",
    "exercise_order", "exercise_scenario", "observer_protocol", "assessment_cover",
    "control_protocol", "situation_picture", "styrel_delivery", "event_log",
}  # fmt: skip


def test_every_text_that_is_wanted_is_there():
    assert {text.code for text in shipped()} == WANTED
    assert len({text.name_sv for text in shipped()} | {text.name_en for text in shipped()}) == 26


@pytest.mark.parametrize("text", shipped(), ids=lambda text: text.code)
def test_what_is_written_in_a_text_stands_in_its_file(text):
    made = docx.Document(BytesIO(b"".join(text.file.chunks)))
    said = "\n".join(one.text for one in made.paragraphs)
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    assert made.core_properties.title == text.name_sv
    for line in (SHELF / f"{text.code}.md").read_text().partition("\n\n")[2].splitlines():
        for part in line.strip("|").split("|") if line.startswith("|") else [line]:
            plain = part.replace("**", "").lstrip("#-0123456789. ").strip()
            assert plain in said or plain in cells
    for table in made.tables:  # each column has a name, for whoever hears the page read
        assert all(cell.text for cell in table.rows[0].cells)
