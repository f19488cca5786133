"""The conformance suites and their verdicts: right, refused, incident, wrong."""

import json
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from tests.conformance.playing import Played, play
from tests.conformance.stock import CannotPlay, play_stock
from workflows.engine import Rejected, check_diagram, compile_diagram

HERE = Path(__file__).parent
SHARED = HERE.parents[1].parent / "shared" / "conformance"  # not part of the project

MOST_SECONDS = 10  # for one diagram
Row = dict[str, int]
# Where stock is wrong, and by what construct (`engine.md` §1).
DIFFERS = {
    "link-event-correct.bpmn": "link events: its path ends",
    "event-subprocess.bpmn": "an interrupting event sub-process does not interrupt",
}


def count(verdicts: dict[str, str]) -> Row:
    """How often each verdict was given."""
    counted = Counter(verdicts.values())
    row = {verdict: counted[verdict] for verdict in ("right", "refused", "incident", "wrong")}
    return row | {"files": len(verdicts)}


def judged(judge: Callable[[Any], str], what: Any) -> str:
    """The verdict; a crash and a hang are wrong, and told on the way."""
    signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS)
    try:
        return judge(what)
    except Exception:  # noqa: BLE001  # whatever it is, it should not have got out
        sys.stderr.write(f"{what}:\n{traceback.format_exc()}")
        return "wrong"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _give_up(_signal: int, _frame: object) -> NoReturn:
    raise TimeoutError(f"still running after {MOST_SECONDS} seconds")


# --- probes ---------------------------------------------------------------------------------


def probes() -> dict[str, str]:
    """Minimal diagrams, one construct each."""
    rows = json.loads((HERE / "probes.json").read_text())
    return {row["file"]: judged(_probe, row) for row in rows}


def _probe(row: dict[str, Any]) -> str:
    options, expected = row["options"], row["expect"]
    source = (HERE / "probes" / row["file"]).read_bytes()
    played = play(source, {}, people=not options.get("nouser"))
    if played.how == "refused":
        located = all(problem.code and problem.line for problem in played.problems)
        return "refused" if located else "wrong"
    if "lane" in options:
        return "right" if [f"lane={_lane(played, options['lane'])}"] == expected else "wrong"
    marks = [mark for mark in expected if not mark.startswith("!")]
    wanted = next((mark for mark in expected if mark.startswith("!")), "finished")
    if expected == ["1 or 2"]:
        return "right" if played.marks in (["1"], ["2"]) else "wrong"
    if Counter(played.marks) != Counter(marks):
        return "wrong"
    how = {"!waiting": "waiting", "!notcompleted": "incident", "!runtime": "incident"}
    if played.how != how.get(wanted, wanted):
        return "wrong"
    return "incident" if played.how == "incident" else "right"


def _lane(played: Played, element: str) -> str | None:
    if played.compiled is None:
        return None
    description = played.compiled.description
    lane = description.steps[element].lane
    return description.lanes[lane].names["sv"] if lane else None


# --- betsy ----------------------------------------------------------------------------------


def betsy() -> dict[str, str]:
    """Control-flow patterns, gateways and basics from the suite betsy."""
    listed = SHARED / "betsy.json"
    rows = json.loads(listed.read_text()) if listed.exists() else []
    return {row["file"]: judged(_betsy, row) for row in rows}


def _betsy(row: dict[str, Any]) -> str:
    source = (SHARED / row["file"]).read_bytes()
    verdicts = {_betsy_case(source, case) for case in row["cases"]}
    return next(v for v in ("wrong", "refused", "incident", "right") if v in verdicts)


def _betsy_case(source: bytes, case: dict[str, Any]) -> str:
    data = {"test": case["test"] or "", "integerVariable": case["int"]}
    played = play(source, data)
    if played.how == "refused":
        return "refused"
    marks = played.marks + ["ERROR_runtime"] * (played.how == "incident")
    if {mark.rpartition("_")[0] for mark in marks} == {"CREATE_TIMESTAMP_LOG"}:
        # betsy reads from clock times whether the branches overlapped; both were open at once
        marks = ["EXECUTION_parallel"] if len(marks) == 2 else marks
    return "right" if Counter(marks) == Counter(case["exp"]) else "wrong"


# --- public ---------------------------------------------------------------------------------


def public() -> dict[str, str]:
    """Diagrams from public repositories: none may crash, and stock agrees on what runs."""
    return {
        str(path.relative_to(SHARED)): judged(_public, path)
        for path in sorted(SHARED.glob("public/**/*.bpmn"))
    }


def _public(path: Path) -> str:
    source = path.read_bytes()
    try:
        compiled = compile_diagram(source, functions={"TRACE"})
    except Rejected as rejected:
        return "refused" if rejected.problems and check_diagram(source) else "wrong"
    played = play(source, {}, patient=True)
    if played.how == "incident":
        return "incident"
    if any(node.event and node.event.kind == "timer" for node in compiled.plan.nodes.values()):
        return "right"  # played to its end; stock would go by its own clock
    try:
        _marks, theirs = play_stock(source, compiled.plan.main, {})
    except CannotPlay:
        return "right"
    compared = {
        node.id.rpartition("/")[2]
        for node in compiled.plan.nodes.values()
        if node.kind in ("task", "script", "end") and node.loop is None
    }
    ours = Counter(key.rpartition("/")[2] for key in played.done.elements())
    same = all(ours[key] == theirs[key] for key in compared)
    return "right" if same or path.name in DIFFERS else "wrong"


SUITES = {"probes": probes, "betsy": betsy, "public": public}
