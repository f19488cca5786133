"""No diagram may run otherwise than the standard says without anybody noticing."""

import json

import pytest

from tests.conformance.__main__ import main
from tests.conformance.suites import betsy, count, judged, probes, public


def wrong(verdicts: dict[str, str]) -> list[str]:
    return sorted(name for name, verdict in verdicts.items() if verdict == "wrong")


def test_no_probe_is_silently_wrong():
    verdicts = probes()
    assert len(verdicts) == 96
    assert wrong(verdicts) == []


@pytest.mark.needs_shared
def test_betsy_is_right_in_at_least_36_of_40_and_never_wrong():
    verdicts = betsy()
    assert wrong(verdicts) == []
    assert count(verdicts)["right"] >= 36


@pytest.mark.needs_shared
def test_no_public_diagram_crashes_and_stock_agrees_on_what_runs():
    assert wrong(public()) == []


def test_a_diagram_that_crashes_the_engine_counts_as_wrong(capsys):
    def crash(_what):
        raise KeyError("x")

    assert judged(crash, "a.bpmn") == "wrong"
    assert "KeyError" in capsys.readouterr().err


def test_the_command_counts_every_suite_as_json(capsys):
    assert main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["probes"] == count(probes())
    assert list(told) == ["probes", "betsy", "public"]
    assert told["probes"].keys() == {"right", "refused", "incident", "wrong", "files"}
