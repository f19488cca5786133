"""Trying diagrams in memory before anybody publishes them: no database, nothing saved."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from webapp.commands import FOUND_SOMETHING, GOOD, USED_WRONGLY
from webapp.commands.content import line_of
from webapp.demo_organisation import organisation
from webapp.settings import Settings
from workflows.canonical import parse
from workflows.engine import Rejected
from workflows.errors import Invalid
from workflows.language import N_, Language, Sentence, day, on
from workflows.processes.packages import beside
from workflows.rehearsal.answering import Manner
from workflows.rehearsal.city import Played, from_package
from workflows.rehearsal.looking import look
from workflows.rehearsal.playing import play
from workflows.rehearsal.report import plain
from workflows.rehearsal.telling import title, told
from workflows.rehearsal.tracing import traced

NO_END = ("stopped", "no_answer", "stuck", "endless")


def try_diagram(options: argparse.Namespace, _settings: Settings) -> int:
    """Run diagrams in memory with typical answers, and tell step by step how it goes."""
    language = Language(options.language)
    try:
        prefer: Any = parse(options.answers.read_text()) if options.answers else {}
        processes = [_read(path, language) for path in options.files]
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}", file=sys.stderr)
        return USED_WRONGLY
    except ValueError:
        print(f"{options.answers}: not JSON", file=sys.stderr)
        return USED_WRONGLY
    if None in processes:
        return FOUND_SOMETHING
    tried = [one for one in processes if one is not None]
    city = organisation(options.year, tried, seed=options.seed, only=options.unit)
    if options.unit not in city.by_code:
        raise Invalid("unknown_unit", unit=options.unit)
    played = play(city, options.year, manner=Manner(options.seed, prefer))
    report = plain(look(city, played))
    findings = report["findings"]
    cases = [traced(case, language) for case in played.cases]
    for one in findings:
        one["text"] = told(report, one, language)
    if options.json:
        print(json.dumps({"cases": cases, "findings": findings}, ensure_ascii=False))
    else:
        for case in cases:
            _print(case, language)
        for one in findings:
            print(f"{title(one['code'], language)}: {one['text']}")
    is_bad = not cases or any(one["code"] in NO_END for one in findings)
    return FOUND_SOMETHING if is_bad else GOOD


def _read(path: Path, language: Language) -> Played | None:
    """Read a diagram with what lies beside it; what keeps it from running is told."""
    try:
        return from_package(beside(path))
    except Rejected as rejected:
        print(path, file=sys.stderr)
        for problem in rejected.problems:
            print(line_of(problem, language), file=sys.stderr)
        return None


def _print(case: dict[str, Any], language: Language) -> None:
    occasion = f" {case['occasion']}" if case["occasion"] else ""
    print(f"{case['case']}{occasion} · {case['name']} · {_day(case['began_at'], language)}")
    lines = [(one["opened_at"], _step(one, language)) for one in case["steps"]]
    lines += [(one["at"], f"⏱ {one['element']} {one['rule']}") for one in case["waits"]]
    lines += [(one["at"], f"→ {one['name']} {one['key'] or ''}") for one in case["sent"]]
    for at, line in sorted(lines, key=lambda line: line[0]):
        print(f"  {_day(at, language):<18} {line}")
    ended = Sentence(N_("Does not end."))
    if case["ended_at"]:
        ended = Sentence(N_("Ends {day}."), {"day": _day(case["ended_at"], language)})
    print(f"  {ended.said(language)}\n")


def _step(one: dict[str, Any], language: Language) -> str:
    if one["due_at"] is None:
        return str(one["name"])
    due = {"step": one["name"], "due": _day(one["due_at"], language), "why": one["because"]}
    text = N_("{step}: due {due}, {why}") if one["because"] else N_("{step}: due {due}")
    return Sentence(text, due).said(language)


def _day(text: str, language: Language) -> str:
    return day(on(datetime.fromisoformat(text)), language)
