"""`check-diagram`, as a process owner uses it: what is wrong, where, and how to mend it."""

import json
import zipfile

import pytest

from tests.engine.drawing import boundary, diagram, timer
from webapp import cli

BROKEN = diagram(
    "start:s user:a end:e",
    "s a; a e; b e",
    more=boundary("b", "a", timer('"5 minutes"')),
).replace(b'id="a"', b'id="a" name="Skriv"')


@pytest.fixture
def check(tmp_path, capsys):
    """Run the command on some bytes; exit code, what it printed."""

    def run(content, *words):
        path = tmp_path / "diagram.bpmn"
        path.write_bytes(content)
        code = cli.main(["check-diagram", str(path), *words])
        return code, capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("language", "what", "mend"),
    [
        ("sv", "är ingen tid", "Skriv en fristregel"),
        ("en", "is no time", "Write a deadline rule"),
    ],
)
def test_a_problem_is_told_with_its_place_and_how_to_mend_it(check, language, what, mend):
    code, said = check(BROKEN, "--language", language)
    assert code == 1
    first = next(line for line in said.splitlines() if "timer_invalid" in line)
    assert first.split()[1:] == [{"sv": "rad", "en": "line"}[language], "9", "b", "[timer_invalid]"]
    assert what in said
    assert mend in said
    assert "“Skriv”" in said  # the name of the element, where it has one


def test_the_same_as_json(check):
    code, said = check(BROKEN, "--json")
    (found,) = json.loads(said).values()
    wrong = next(one for one in found if one["severity"] == "error")
    assert code == 1
    assert (wrong["code"], wrong["element"], wrong["line"]) == ("timer_invalid", "b", 9)
    assert wrong["message"]
    assert wrong["mend"]


def bad_files(folder):
    """What people and programs hand in instead of a diagram."""
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        archive.writestr("diagram.bpmn", BROKEN)
    return {
        "a ZIP": (folder / "z.zip").read_bytes(),
        "an empty file": b"",
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "half a diagram": BROKEN[:200],
        "twenty megabytes": b"<a>" + b" " * 20_000_000 + b"</a>",
        "a hundred thousand elements": b"<a>" + b"<b/>" * 100_000 + b"</a>",
        "UTF-16 without a mark": BROKEN.decode().encode("utf-16-le"),
        "a bomb": b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    }


def test_what_is_no_diagram_is_one_clear_problem(check, tmp_path):
    for what, content in bad_files(tmp_path).items():
        code, said = check(content, "--json")
        (found,) = json.loads(said).values()
        assert (code, len(found)) == (1, 1), what
        assert found[0]["line"], what


def test_a_file_that_is_not_there_is_used_wrongly(tmp_path, capsys):
    assert cli.main(["check-diagram", str(tmp_path / "nowhere.bpmn")]) == 2
    assert cli.main(["check-diagram", str(tmp_path)]) == 2
    assert "nowhere.bpmn" in capsys.readouterr().err


def test_a_diagram_by_itself_may_name_what_only_its_process_would_have(check):
    source = diagram("start:s user:a[arshjul:form=p/a,arshjul:role=boss]", "s a")
    assert check(source)[0] == 0
    assert "unknown_form" in check(source)[1]
