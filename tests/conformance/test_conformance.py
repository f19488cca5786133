"""No diagram may run otherwise than the standard says without anybody noticing."""

import json

import pytest

from tests.conformance.__main__ import main
from tests.conformance.suites import SHARED, betsy, count, judged, probes, public
from workflows.errors import Invalid
from workflows.processes import exchange
from workflows.processes.checking import check_draft


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


@pytest.mark.needs_shared
def test_whatever_lies_there_is_taken_in_or_refused_with_its_place():
    unplaced = {}
    for path in sorted(path for path in SHARED.rglob("*") if path.is_file()):
        try:
            package, _ = exchange.read(path.name, path.read_bytes())
            found = check_draft(package).problems
        except Invalid as refused:
            found = refused.problems
            assert found
        if any(not (one.line or one.file or one.element) for one in found):
            unplaced[path.name] = found
    assert unplaced == {}
