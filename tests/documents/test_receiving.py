import hashlib
from io import BytesIO

import pytest

from tests.documents.samples import REFUSED, TAKEN
from workflows.documents.receiving import LARGEST, MEGABYTE, TYPES, clean_name, receive
from workflows.errors import Invalid


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_what_its_first_bytes_say(name):
    found = receive(name, BytesIO(TAKEN[name]))
    assert found.media_type == TYPES[name.rpartition(".")[2].lower()]
    assert found.sha256 == hashlib.sha256(TAKEN[name]).hexdigest()
    assert b"".join(found.chunks) == TAKEN[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_carry_a_program_or_is_not_what_it_says_is_refused_by_name(name):
    content, code = REFUSED[name]
    with pytest.raises(Invalid) as refusal:
        receive(name, BytesIO(content))
    assert refusal.value.code == code


class Endless:
    """A file that goes on for as long as one reads."""

    def __init__(self, size):
        self.left = size

    def read(self, size):
        given = min(size, self.left)
        self.left -= given
        return b"a" * given


def test_fifty_megabytes_are_taken_and_one_byte_more_is_not():
    whole = receive("stor.txt", Endless(LARGEST))
    assert whole.size == LARGEST
    assert {len(each) for each in whole.chunks} == {MEGABYTE}
    stream = Endless(LARGEST + 10 * MEGABYTE)
    with pytest.raises(Invalid) as refusal:
        receive("stor.txt", stream)
    assert refusal.value.code == "file_too_large"
    assert stream.left >= 9 * MEGABYTE  # no more was read than shows it


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\eva\\Årlig plan.docx", "Årlig plan.docx"),
        ('a"b<c>:d|e?*.pdf', "a_b_c__d_e__.pdf"),
        ("rad\r\nSet-Cookie: x.pdf", "radSet-Cookie_ x.pdf"),
        ("faktura\u202efdp.exe.pdf", "fakturafdp.exe.pdf"),
        ("\0\x1b[2Jplan.pdf", "[2Jplan.pdf"),
        ("A\u030a.pdf", "Å.pdf"),
        (".pdf", "pdf"),
        ("", "fil"),
        ("..", "fil"),
        ("x" * 400 + ".pdf", "x" * 146 + ".pdf"),
        ("🔥 plan.pdf", "🔥 plan.pdf"),
    ],
)
def test_a_name_keeps_what_is_a_name(sent, kept):
    assert clean_name(sent) == kept
