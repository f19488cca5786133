"""A diagram in, something to run or the reasons why not out; compiled forms to store and load."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypedDict, Unpack

import orjson
from lxml import etree
from pydantic import TypeAdapter

from workflows.engine.attribute_checking import check_attributes
from workflows.engine.blueprint import Blueprint
from workflows.engine.checking import check_elements, check_file
from workflows.engine.deciding import names_decided, take_decisions
from workflows.engine.describing import Description
from workflows.engine.foreign import Taken, check_foreign, take_over
from workflows.engine.lanes import check_people
from workflows.engine.locating import warning
from workflows.engine.plan import COMPILER, Plan
from workflows.engine.problems import Problem, Rejected
from workflows.engine.reading import Reading, read_process
from workflows.engine.rewriting import rewrite
from workflows.engine.shapes import ahead, check_calls, check_shapes
from workflows.engine.sites import ALWAYS, check_expressions, made_names, needs
from workflows.engine.state import BrokenState
from workflows.engine.words import describe
from workflows.engine.xml import (
    BPMN,
    OURS,
    Element,
    children,
    is_true,
    line_of,
    open_xml,
    ours,
    parse_xml,
)
from workflows.expressions import OFFERED

NOTHING: Mapping[str, bytes] = MappingProxyType({})
_plans = TypeAdapter(Plan)
_descriptions = TypeAdapter(Description)


@dataclass(frozen=True)
class Compiled:
    """One version, ready to run; `blob` is what is stored with it."""

    plan: Plan
    description: Description
    blob: bytes

    @cached_property
    def blueprint(self) -> Blueprint:
        """The SpiffWorkflow specifications, made at the first case and shared by all."""
        return Blueprint(self.plan)

    def ahead(self, begin: Iterable[str]) -> set[str]:
        """Give the elements where a case that stands at `begin` may come, and those themselves."""
        return ahead(self.plan, begin)


class Options(TypedDict, total=False):
    """What a diagram is read with."""

    process: str | None  # which of those in the file; else the first that no other one calls
    others: Mapping[str, bytes]  # files with processes it may call, by name
    decisions: Mapping[str, bytes]  # files with rule tables, by name
    known: Collection[str] | None  # the names that come from outside; None: anything may
    functions: Collection[str]  # the functions that expressions may call


def compile_diagram(source: bytes, **options: Unpack[Options]) -> Compiled:
    """Compile a diagram.

    :raises Rejected: with every error that keeps it from running
    """
    compiled, problems = examine(source, **options)
    if compiled is None:
        raise Rejected(tuple(problem for problem in problems if problem.severity == "error"))
    return compiled


def check_diagram(source: bytes, **options: Unpack[Options]) -> list[Problem]:
    """Everything wrong with a diagram, errors and warnings, in the order of the file."""
    return examine(source, **options)[1]


def examine(source: bytes, **options: Unpack[Options]) -> tuple[Compiled | None, list[Problem]]:
    """Compile a diagram, unless it has errors; and everything wrong with it."""
    try:
        return _compile(source, **options)
    except Rejected as rejected:
        return None, list(rejected.problems)


def adopted(source: bytes, file: str = "") -> tuple[bytes, str, tuple[Taken, ...]]:
    """Take in a diagram from any program: as ours what means the same, with a key to know it by.

    What is ours already is left as it was written, byte by byte.

    :raises Rejected: if it is no diagram, or cannot be opened safely
    """
    root = parse_xml(source, file)
    taken = take_over(root)
    problems: list[Problem] = []
    process = _chosen(root, None, problems)
    key = ours(process, "key")
    if key is not None and not taken and _is_utf8(source):
        return source, key, ()
    key = key or re.sub(r"[^a-z0-9]+", "_", process.get("id", "").lower()).strip("_")[:40]
    key = key if key[:1].isalpha() else f"p_{key}"
    process.set(f"{{{OURS}}}key", key)
    etree.cleanup_namespaces(root, top_nsmap={"arshjul": OURS}, keep_ns_prefixes=["arshjul"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8"), key, tuple(taken)


def _is_utf8(source: bytes) -> bool:
    try:
        return b"encoding" not in source[:100] or (
            b"utf-8" in source[:100].lower() and bool(source.decode())
        )
    except UnicodeDecodeError:
        return False


def check_opening(source: bytes, file: str = "") -> tuple[Problem, ...]:
    """What keeps a file from being opened at all; empty when it is XML that can be read safely."""
    try:
        open_xml(source, file)
    except Rejected as rejected:
        return rejected.problems
    return ()


def located_in(source: bytes, problems: Iterable[Problem]) -> list[Problem]:
    """The problems that know only their element, with its name and line in the diagram."""
    lines = {e.get("id"): e for e in parse_xml(source).iter() if e.get("id")}
    return [
        replace(problem, name=found.get("name"), line=line_of(found))
        if problem.line is None and (found := lines.get(problem.element)) is not None
        else problem
        for problem in problems
    ]


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
    *,
    process: str | None = None,
    others: Mapping[str, bytes] = NOTHING,
    decisions: Mapping[str, bytes] = NOTHING,
    known: Collection[str] | None = None,
    functions: Collection[str] = OFFERED,
) -> tuple[Compiled | None, list[Problem]]:
    root = parse_xml(source)
    take_over(root)
    problems = [*check_file(root), *rewrite(root)]
    chosen = _chosen(root, process, problems)
    if any(problem.severity == "error" for problem in problems):
        return None, _sorted(problems)
    reading = read_process(root, chosen)
    main = chosen.get("id", "")
    roots = _read_called(reading, root, others, problems)
    asked = take_decisions(reading, decisions, problems)
    plan = Plan(main, reading.nodes, reading.scopes, asked)
    problems += [*check_elements(reading, plan), *check_calls(reading, plan)]
    if not any(problem.severity == "error" for problem in problems):
        problems += check_shapes(reading, plan)
    if known is not None:
        known = {*known, *ALWAYS, *made_names(reading), *names_decided(asked)}
    problems += check_expressions(reading, known, functions)
    for file in roots:
        problems += [*check_attributes(file, known, functions), *check_foreign(file)]
    problems += check_people(reading)
    if any(problem.severity == "error" for problem in problems):
        return None, _sorted(problems)
    description = describe(root, chosen, plan, reading)
    description = replace(description, needs=needs(plan, description, functions))
    blob = orjson.dumps(
        {
            "compiler": COMPILER,
            "plan": _plans.dump_python(plan, mode="json", exclude_defaults=True),
            "description": _descriptions.dump_python(
                description, mode="json", exclude_defaults=True
            ),
        }
    )
    return Compiled(plan, description, blob), _sorted(problems)


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.severity, p.file, p.line or 0, p.code))


def _chosen(root: Element, wanted: str | None, problems: list[Problem]) -> Element:
    """The process to run: the one asked for, else the first that no other one here calls."""
    processes = list(children(root, "process"))
    if wanted is not None:
        found = [p for p in processes if p.get("id") == wanted]
    else:
        called = {c.get("calledElement") for c in root.iter(f"{{{BPMN}}}callActivity")}
        runnable = [p for p in processes if is_true(p.get("isExecutable"), default=True)]
        found = [p for p in runnable or processes if p.get("id") not in called] or runnable
        problems += [warning(other, "process_ignored") for other in found[1:]]
    if not found:
        raise Rejected((Problem("error", "no_process", line=line_of(root)),))
    return found[0]


def _read_called(
    reading: Reading, root: Element, others: Mapping[str, bytes], problems: list[Problem]
) -> list[Element]:
    """Read every process that is called, beside the main one; the files that were opened."""
    roots = [root]
    homes: dict[str, Element] = {p.get("id", ""): root for p in children(root, "process")}
    for name, source in others.items():
        other = parse_xml(source, name)
        found = list(children(other, "process"))
        if all(p.get("id") in homes for p in found):
            continue
        take_over(other)
        problems += [*check_file(other), *rewrite(other)]
        roots.append(other)
        for process in found:
            homes.setdefault(process.get("id", ""), other)
    pending = list(reading.nodes.values())
    while pending:
        called = pending.pop().called
        if called is None or called in reading.scopes or called not in homes:
            continue
        home = homes[called]
        process = next(p for p in children(home, "process") if p.get("id") == called)
        inner = read_process(home, process, prefix=f"{called}/")
        reading.nodes |= inner.nodes
        reading.scopes |= inner.scopes
        reading.elements |= inner.elements
        reading.flows |= inner.flows
        pending += inner.nodes.values()
    return roots
