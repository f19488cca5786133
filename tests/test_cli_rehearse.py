"""`try-diagram` and `rehearse`, as a process owner uses them before anything is published."""

import json
from pathlib import Path

import pytest

from tests.engine.drawing import diagram, event
from webapp import cli

ROOT = Path(__file__).parents[1]
REVIEW = ROOT / "bpmn/yearly_review/yearly_review.bpmn"
WAITS = diagram(
    "start:s catch:c end:e", "s c; c e", {"c": event("message", "m")},
    beside='<message id="m" name="news"/>',
)  # fmt: skip


@pytest.fixture
def arshjul(tmp_path, capsys):
    """Run a command without any data folder; exit code, what it printed."""

    def run(*words):
        code = cli.main([*map(str, words), "--data", str(tmp_path / "none")])
        return code, capsys.readouterr().out

    return run


def test_a_diagram_is_tried_step_by_step(arshjul):
    code, said = arshjul("try-diagram", REVIEW, "--year", "2027", "--unit", "SISAB")
    assert code == 0
    assert said.startswith("BEREDSKAPSKOLL-SISAB-2027-1 Q1 · Beredskapskoll · fre 8 jan 2027\n")
    assert "Gå igenom beredskapen: förfaller fre 5 feb 2027, 20 arbetsdagar efter" in said
    assert said.count("Slutar ") == 4


def test_answers_can_be_preferred_and_the_same_comes_as_json(arshjul, tmp_path):
    answers = tmp_path / "answers.json"
    answers.write_text('{"p11_check": {"items.status": "changed"}}')
    code, said = arshjul("try-diagram", REVIEW, "--year", "2027", "--answers", answers, "--json")
    told = json.loads(said)
    assert (code, told["findings"]) == (0, [])
    assert {step["element"] for step in told["cases"][0]["steps"]} == {"p11_check", "p11_approve"}


def test_a_case_that_rests_for_ever_fails_the_trial(arshjul, tmp_path):
    (tmp_path / "waits.bpmn").write_bytes(WAITS)
    code, said = arshjul("try-diagram", tmp_path / "waits.bpmn", "--year", "2027")
    assert code == 1
    assert "Slutar inte." in said
    assert "Kommer aldrig till slut" in said


def test_what_cannot_be_tried_says_why(arshjul, tmp_path):
    (tmp_path / "broken.bpmn").write_bytes(WAITS.replace(b"s c; c e", b"").replace(b"</", b"<"))
    assert arshjul("try-diagram", tmp_path / "broken.bpmn", "--year", "2027")[0] == 1
    assert arshjul("try-diagram", tmp_path / "nowhere.bpmn", "--year", "2027")[0] == 2
    assert arshjul("try-diagram", REVIEW, "--year", "2027", "--unit", "NOWHERE")[0] == 1


def test_a_year_is_rehearsed_with_the_organisation_of_the_demo(arshjul):
    code, said = arshjul("rehearse", "2027", "--unit", "FARSTA", "--json")
    told = json.loads(said)
    assert code == (0 if told["is_good"] else 1)
    assert told["units"] == ["FARSTA"]
    review = next(one for one in told["counts"] if one["process"] == "yearly_review")
    assert (review["cases"], review["stuck"]) == (4, 0)
    assert {week["unit"] for week in told["weeks"]} >= {"FARSTA"}
    code, said = arshjul("rehearse", "2027", "--unit", "FARSTA", "--most", "0")
    assert code == 1
    assert "För mycket på en vecka" in said
    assert "█" in said
