"""Checking processes, without any database, and publishing them."""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from webapp import clock
from webapp.commands import FOUND_SOMETHING, GOOD, USED_WRONGLY
from webapp.commands.people import COMMAND
from webapp.settings import Settings
from workflows.database import LOCAL, opened
from workflows.engine import Problem
from workflows.language import N_, Language, Sentence, counted
from workflows.operations import publishing as verbs
from workflows.processes.checking import check
from workflows.processes.packages import Package, beside
from workflows.processes.telling import problem_told

OF_PUBLISHING = ("unknown_form", "unknown_role", "step_without_role")
SEVERITIES = {"error": N_("error"), "warning": N_("warning")}


def check_diagrams(options: argparse.Namespace, _settings: Settings) -> int:
    """Say what keeps a diagram from running, where it stands and how to mend it."""
    language = Language(options.language)
    found = {}
    for path in options.files:
        try:
            found[str(path)] = _problems(beside(path))
        except OSError as fault:
            print(f"{path}: {fault.strerror}", file=sys.stderr)
            return USED_WRONGLY
    if options.json:
        told = {path: [_data(one, language) for one in found[path]] for path in found}
        print(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for path, problems in found.items():
            print(f"{path}: {_counted(problems, language)}")
            for problem in problems:
                print(line_of(problem, language))
    is_bad = any(problem.severity == "error" for each in found.values() for problem in each)
    return FOUND_SOMETHING if is_bad else GOOD


def publish(options: argparse.Namespace, settings: Settings) -> int:
    """Check a process with all that lies beside it, and let new cases run it."""
    language = Language(options.language)
    try:
        packages = [beside(path) for path in _diagrams(options.path)]
    except OSError as fault:
        print(f"{options.path}: {fault.strerror}", file=sys.stderr)
        return USED_WRONGLY
    if not packages:
        print(f"{options.path}: no .bpmn file", file=sys.stderr)
        return USED_WRONGLY
    checked = [(package, check(package)) for package in packages]
    for package, found in checked:
        print(f"{package.key}: {_counted(list(found.problems), language)}")
        for problem in found.problems:
            print(line_of(problem, language))
    if any(found.errors for _, found in checked):
        return FOUND_SOMETHING
    with opened(settings.database_url, family=LOCAL) as database:
        for package in packages:
            with database.writing() as session, session.begin():
                made = verbs.publish(session, package, by=COMMAND, now=clock.now())
                said = {"process": made.process.name(language), "number": str(made.number)}
                told = Sentence(N_("{process}: version {number} is published"), said)
                print(told.said(language))
    return GOOD


def _diagrams(path: Path) -> list[Path]:
    return sorted(path.glob("*.bpmn")) if path.is_dir() else [path]


def _problems(package: Package) -> list[Problem]:
    """What the check finds; a diagram that lies by itself can run before it can be published."""
    return [
        replace(problem, severity="warning")
        if problem.code in OF_PUBLISHING and not package.forms
        else problem
        for problem in check(package).problems
    ]


def _data(problem: Problem, language: Language) -> dict[str, Any]:
    told = problem_told(problem, language)
    return {**asdict(problem), "message": told.what, "mend": told.mend}


def _counted(problems: list[Problem], language: Language) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    parts = [counted(errors, "{count} error", "{count} errors")] if errors else []
    parts += [counted(warnings, "{count} warning", "{count} warnings")] if warnings else []
    return ", ".join(one.said(language) for one in parts or [Sentence(N_("nothing is wrong"))])


def line_of(problem: Problem, language: Language) -> str:
    """A problem to print: severity and place, what is wrong, how to mend it."""
    told = problem_told(problem, language)
    severity = Sentence(SEVERITIES[problem.severity]).said(language)
    line = Sentence(N_("line {line}"), {"line": str(problem.line)}) if problem.line else None
    name = f"“{problem.name}”" if problem.name else ""
    where = [problem.file, line.said(language) if line else "", problem.element or "", name]
    placed = " ".join(part for part in where if part)
    return f"  {severity} {placed} [{problem.code}]\n    {told.what}\n    → {told.mend}"
