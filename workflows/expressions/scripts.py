"""Run the body of a script task: a Python subset, in a sandbox, with time and memory limits."""

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from workflows.expressions import workers
from workflows.expressions.compiling import OFFERED
from workflows.expressions.evaluating import NO_FUNCTIONS, Run
from workflows.expressions.failures import ExpressionError, ExpressionFailed
from workflows.expressions.sandbox import pack, unpack
from workflows.expressions.script_reading import TAKEN, Script, read_script
from workflows.expressions.values import plain

# What the sandbox says went wrong, and our word for it.
_ENDED = {
    "TimeoutError": "too_much_work",
    "MemoryError": "too_large",
    "too_large": "too_large",
    "NameError": "no_value",  # what the script reads was checked to be known; it has no value yet
}


def check_script(
    text: str,
    known: Collection[str] | None = None,
    *,
    functions: Collection[str] = OFFERED,
) -> list[ExpressionError]:
    """Everything wrong with a script that can be seen without running it.

    Unless it is refused already, the sandbox reads it as well, since its Python is a subset.
    """
    script = _read(text)
    problems = [*script.problems, *script.unknown(known, functions)]
    if not problems:
        answer = workers.ask(
            _request(script, "raise StopIteration", {}, ()), workers.nothing_to_call
        )
        if answer["failed"] != "StopIteration":
            problems.append(ExpressionError("syntax", line=max(answer["line"] - 1, 1), column=1))
    return problems


def run_script(
    text: str,
    names: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]] = NO_FUNCTIONS,
) -> dict[str, Any]:
    """Run a script over these names; the names that have got another value, with it.

    Loop variables, functions and names with a leading underscore stay in the script. A float the
    script has made comes out as the decimal it is written as.

    :raises ExpressionError: if it is refused
    :raises ExpressionFailed: if it fails, takes too long or too much, or makes what is not data
    """
    script = _read(text)
    if script.problems:
        raise script.problems[0]
    given = {name: plain(names[name]) for name in sorted(script.reads - TAKEN) if name in names}
    run = Run(names, functions)
    answer = workers.ask(_request(script, "pass", given, functions), run.call)
    if "failed" in answer:
        raise _failure(answer, script)
    made = plain(unpack(answer["made"]))
    return {name: value for name, value in made.items() if not _same(given, name, value)}


_read = lru_cache(maxsize=256)(read_script)


def _request(
    script: Script, first: str, given: Mapping[str, Any], functions: Collection[str]
) -> dict[str, Any]:
    return {
        "text": f"{first}\n{script.exact}",
        "names": pack(given),
        "functions": sorted(script.reads & set(functions)),
        "collect": sorted(script.writes | set(given)),
    }


def _same(given: Mapping[str, Any], name: str, value: Any) -> bool:
    return name in given and type(given[name]) is type(value) and given[name] == value


def _failure(answer: Mapping[str, Any], script: Script) -> ExpressionFailed:
    failed = answer["failed"]
    names = tuple(sorted(script.reads))
    if failed == "not_plain":
        return ExpressionFailed("not_plain", type=answer["type"], names=names)
    line = max(answer.get("line", 0) - 1, 0) or None
    if failed in _ENDED:
        return ExpressionFailed(_ENDED[failed], line=line, names=names)
    return ExpressionFailed("script_failed", cause=failed, line=line, names=names)
