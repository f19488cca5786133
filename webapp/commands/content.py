"""Looking at processes and deadlines without any database."""

import argparse
import json
from pathlib import Path
from typing import Any

from webapp.commands import FOUND_SOMETHING, GOOD, USED_WRONGLY
from webapp.settings import Settings
from workflows.calendar.explaining import explain as explained
from workflows.calendar.names import mistake_said
from workflows.calendar.tokens import BadRule
from workflows.engine import Problem, check_diagram
from workflows.language import Language


def explain(options: argparse.Namespace, _settings: Settings) -> int:
    """Say when a deadline rule falls, and why."""
    try:
        answer = explained(options.rule, options.year)
    except BadRule as bad:
        print(mistake_said(bad.mistake, Language(options.language)))
        return USED_WRONGLY
    if options.json:
        print(json.dumps(answer, ensure_ascii=False, default=str))
    else:
        print(answer["text"][options.language])
    return GOOD


def check_diagrams(options: argparse.Namespace, _settings: Settings) -> int:
    """Say what keeps a diagram from running, element by element."""
    found = {str(path): _problems(path) for path in options.files}
    if options.json:
        told = {path: [_data(problem) for problem in found[path]] for path in found}
        print(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for path, problems in found.items():
            print(f"{path}: {len(problems)} problems" if problems else f"{path}: good")
            for problem in problems:
                print(f"  {problem.severity}: {_where(problem)}: {problem.code} {problem.params}")
    is_bad = any(problem.severity == "error" for each in found.values() for problem in each)
    return FOUND_SOMETHING if is_bad else GOOD


def _problems(path: Path) -> list[Problem]:
    others = {other.name: other.read_bytes() for other in path.parent.glob("*.dmn")}
    return check_diagram(path.read_bytes(), decisions=others)


def _data(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "element": problem.element,
        "name": problem.name,
        "line": problem.line,
        "params": dict(problem.params),
    }


def _where(problem: Problem) -> str:
    line = f"line {problem.line}, " if problem.line else ""
    return f"{line}{problem.element or 'the diagram'}"
