"""Saying of each shipped process, in one line, what there is and whether anything is wrong."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from webapp.commands import FOUND_SOMETHING, GOOD
from webapp.commands.content import line_of
from webapp.settings import Settings
from workflows.language import Language
from workflows.processes.packages import shipped
from workflows.processes.reviewing import Review, review
from workflows.upkeep.schema import ROOT


def check_processes(options: argparse.Namespace, _settings: Settings) -> int:
    """Check every shipped process: steps, flows, forms, dates in a year, and what is wrong.

    `python3 dev.py check-processes` walks them first, and says how many flows that covered.
    """
    walked = None if options.walked is None else _walked(options.walked)
    reviews = [review(package, options.year) for package in shipped(ROOT)]
    missed = {one.key: sorted(one.flows - walked) for one in reviews} if walked is not None else {}
    if options.json:
        told = [_data(one, walked, missed) for one in reviews]
        print(json.dumps(told, ensure_ascii=False))
    else:
        for one in reviews:
            print(_line(one, walked))
            for problem in one.problems:
                print(line_of(problem, Language.EN))
            if missed.get(one.key):
                print(f"  no test takes: {', '.join(missed[one.key])}")
    is_bad = any(one.problems for one in reviews) or any(missed.values())
    return FOUND_SOMETHING if is_bad else GOOD


def _walked(folder: Path) -> frozenset[str]:
    """The flows that the tests took; each of their processes left a file."""
    return frozenset(
        flow for path in sorted(folder.glob("*.json")) for flow in json.loads(path.read_bytes())
    )


def _line(one: Review, walked: frozenset[str] | None) -> str:
    flows = f"{len(one.flows)}"
    if walked is not None:
        taken = len(one.flows & walked)
        flows = f"{taken} of {flows} ({100 * taken // max(len(one.flows), 1)} %)"
    return (
        f"{one.key:<21}steps {one.steps:<4}flows {flows:<18}forms {one.forms:<4}"
        f"deadlines {one.dated} of {one.deadlines:<4}problems {len(one.problems)}"
    )


def _data(
    one: Review, walked: frozenset[str] | None, missed: Mapping[str, list[str]]
) -> dict[str, Any]:
    problems = [
        {"code": each.code, "element": each.element, "params": dict(each.params)}
        for each in one.problems
    ]
    told: dict[str, Any] = {
        "process": one.key, "steps": one.steps, "flows": len(one.flows), "forms": one.forms,
        "deadlines": one.deadlines, "dated": one.dated, "problems": problems,
    }  # fmt: skip
    if walked is not None:
        told |= {"covered": len(one.flows & walked), "not_covered": missed[one.key]}
    return told
