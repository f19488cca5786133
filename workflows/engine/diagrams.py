"""A diagram in, something to run or the reasons why not out; compiled forms to store and load."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter

from workflows.engine.describing import Description
from workflows.engine.plan import COMPILER, Plan
from workflows.engine.problems import Problem, Rejected
from workflows.engine.reading import read_process
from workflows.engine.state import BrokenState
from workflows.engine.words import describe
from workflows.engine.xml import children, is_true, line_of, parse_xml

_plans = TypeAdapter(Plan)
_descriptions = TypeAdapter(Description)


@dataclass(frozen=True, slots=True)
class Compiled:
    """One version, ready to run; `blob` is what is stored with it."""

    plan: Plan
    description: Description
    blob: bytes


def compile_diagram(
    source: bytes,
    *,
    process: str | None = None,
    others: Mapping[str, bytes] | None = None,
    decisions: Mapping[str, bytes] | None = None,
) -> Compiled:
    """Compile a diagram; `others` are the diagrams it may call, `decisions` its rule tables.

    :raises Rejected: with every error that keeps it from running
    """
    compiled, problems = _compile(source, process, others or {}, decisions or {})
    errors = tuple(problem for problem in problems if problem.severity == "error")
    if errors or compiled is None:
        raise Rejected(errors)
    return compiled


def check_diagram(
    source: bytes,
    *,
    process: str | None = None,
    others: Mapping[str, bytes] | None = None,
    decisions: Mapping[str, bytes] | None = None,
) -> list[Problem]:
    """Everything wrong with a diagram, errors and warnings, in the order of the file."""
    try:
        return _compile(source, process, others or {}, decisions or {})[1]
    except Rejected as rejected:
        return list(rejected.problems)


def load(blob: bytes) -> Compiled:
    """Read back what was stored with a version.

    :raises BrokenState: if it is damaged or was compiled by a newer program
    """
    try:
        raw: dict[str, Any] = orjson.loads(blob)
        if raw["compiler"] > COMPILER:
            raise BrokenState("newer_compiler")
        plan = _plans.validate_python(raw["plan"])
        description = _descriptions.validate_python(raw["description"])
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenState("broken_version") from error
    return Compiled(plan, description, blob)


def _compile(
    source: bytes,
    wanted: str | None,
    others: Mapping[str, bytes],
    decisions: Mapping[str, bytes],
) -> tuple[Compiled | None, list[Problem]]:
    root = parse_xml(source)
    processes = list(children(root, "process"))
    chosen = [p for p in processes if p.get("id") == wanted] or [
        p for p in processes if is_true(p.get("isExecutable"), default=True)
    ]
    if not chosen or (wanted is not None and chosen[0].get("id") != wanted):
        raise Rejected((Problem("error", "no_process", line=line_of(root)),))
    process = chosen[0]
    reading = read_process(root, process)
    plan = Plan(process.get("id", ""), reading.nodes, reading.scopes)
    description = describe(root, process, plan, reading.elements)
    blob = orjson.dumps(
        {
            "compiler": COMPILER,
            "plan": _plans.dump_python(plan, mode="json", exclude_defaults=True),
            "description": _descriptions.dump_python(
                description, mode="json", exclude_defaults=True
            ),
        }
    )
    return Compiled(plan, description, blob), reading.problems
