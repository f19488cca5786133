"""The engine beside stock SpiffWorkflow, interleaved in one run: only the ratios mean anything.

The work is that of `order.bpmn`: four human tasks, a choice, a split and a join, five variables.
"""

import logging
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from bench import Figure
from workflows.engine import Compiled, Complete, Facts, advance, begin, check_diagram, load
from workflows.engine import compile_diagram as compile_ours

ORDER = Path(__file__).with_name("order.bpmn").read_bytes()
ANSWERS = {"amount": 200, "who": "Astrid", "what": "laptop", "urgent": True, "note": "by Friday"}
FACTS = Facts()
BPMN = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench"'

logging.getLogger("spiff").setLevel(logging.WARNING)


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Every figure of the engine alone; the verbs and HTTP have benchmarks of their own."""
    yield from _ratios(rounds=3 if quick else 9, cases=20 if quick else 150)
    yield from _loop(100 if quick else 10_000)
    yield from _line(400)
    yield from _instances(100 if quick else 1000)
    yield from _checking(400)


# --- the order, step by step ----------------------------------------------------------------


def _ratios(rounds: int, cases: int) -> Iterator[Figure]:
    spec = stock_spec(ORDER, "order")
    compiled = load(compile_ours(ORDER).blob)
    with tempfile.TemporaryDirectory() as folder:
        normal, full = (Rows(Path(folder) / name, name) for name in ("NORMAL", "FULL"))
        runners: dict[str, Callable[[], object]] = {
            "stock": lambda: run_stock(spec),
            "memory": lambda: _ours(compiled),
            "durable": lambda: _ours(compiled, normal),
        }
        ratios = _interleaved(runners, rounds, cases, process_time)
        wall = _interleaved(
            {"stock": runners["stock"], "full": lambda: _ours(compiled, full)},
            rounds,
            cases,
            perf_counter,
        )
        size = normal.bytes_per_case()
    yield Figure("engine, state written and read at every step", ratios["memory"], "x stock")
    durable = ratios["durable"]
    yield Figure("engine with rows, a commit per step, SQLite", durable, "x stock", 1, durable >= 1)
    yield Figure("the same by wall clock, synchronous=FULL", wall["full"], "x stock")
    yield Figure("stored per finished case", size, "bytes", 2600, size <= 2600)


def _interleaved(
    runners: dict[str, Callable[[], object]], rounds: int, cases: int, clock: Callable[[], float]
) -> dict[str, float]:
    """How fast each is, as a multiple of stock: the median over rounds run side by side."""
    found: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        spent = {}
        for name, run in runners.items():
            began = clock()
            for _ in range(cases):
                run()
            spent[name] = clock() - began
        for name in runners:
            found[name].append(spent["stock"] / spent[name])
    return {name: median(values) for name, values in found.items()}


def stock_spec(source: bytes, process: str) -> Any:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(BytesIO(source)), filename="bench.bpmn")
    return parser.get_spec(process)


class Stored:
    """What stock SpiffWorkflow keeps with its own serialiser: all of a case, at every step."""

    def __init__(self, path: Path) -> None:
        self.serializer = BpmnWorkflowSerializer()
        self.database = _opened(path, "NORMAL")
        self.database.execute("CREATE TABLE kase (id INTEGER PRIMARY KEY, state TEXT)")
        self.cases = 0

    def begin(self, workflow: Any) -> int:
        """Keep a new case; gives its number."""
        self.cases += 1
        state = self.serializer.serialize_json(workflow)
        self.database.execute("INSERT INTO kase VALUES (?, ?)", (self.cases, state))
        return self.cases

    def read(self, case: int) -> Any:
        """Read a case back, as every request does."""
        wanted = "SELECT state FROM kase WHERE id = ?"
        return self.serializer.deserialize_json(
            self.database.execute(wanted, (case,)).fetchone()[0]
        )

    def write(self, case: int, workflow: Any) -> None:
        """Keep where a case stands now."""
        state = self.serializer.serialize_json(workflow)
        self.database.execute("UPDATE kase SET state = ? WHERE id = ?", (state, case))


def run_stock(spec: Any, stored: Stored | None = None) -> None:
    """Run one order from its start to its end on stock SpiffWorkflow."""
    workflow = BpmnWorkflow(spec)
    workflow.do_engine_steps()
    case = stored.begin(workflow) if stored else 0
    while not workflow.is_completed():
        if stored:
            workflow = stored.read(case)
        task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
        task.data.update(ANSWERS)
        task.run()
        workflow.do_engine_steps()
        if stored:
            stored.write(case, workflow)


def _opened(path: Path, synchronous: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(f"PRAGMA synchronous={synchronous}")
    return database


@dataclass
class Rows:
    """The rows a step writes: the state of the case, and its tasks."""

    path: Path
    synchronous: str

    def __post_init__(self) -> None:
        self.database = _opened(self.path, self.synchronous)
        self.database.execute("CREATE TABLE kase (id INTEGER PRIMARY KEY, state BLOB)")
        self.database.execute(
            "CREATE TABLE task (kase INTEGER, step TEXT, element TEXT, done INTEGER, "
            "PRIMARY KEY (kase, step)) WITHOUT ROWID"
        )
        self.cases = 0

    def write(self, case: int | None, progress: Any) -> int:
        """Store what a command came to, in one transaction."""
        run = self.database.execute
        run("BEGIN IMMEDIATE")
        if case is None:
            case = run("INSERT INTO kase (state) VALUES (?)", (progress.state,)).lastrowid or 0
            self.cases += 1
        else:
            run("UPDATE kase SET state = ? WHERE id = ?", (progress.state, case))
        for step in progress.closed:
            run("UPDATE task SET done = 1 WHERE kase = ? AND step = ?", (case, step))
        for step in progress.opened:
            run("INSERT INTO task VALUES (?, ?, ?, 0)", (case, step.id, step.element))
        run("COMMIT")
        return case

    def state(self, case: int) -> bytes:
        """Read a case back, as every request does."""
        found: bytes = self.database.execute(
            "SELECT state FROM kase WHERE id = ?", (case,)
        ).fetchone()[0]
        return found

    def bytes_per_case(self) -> float:
        """What a finished case leaves behind, its share of the file's pages included."""
        self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size / self.cases


def _ours(compiled: Compiled, rows: Rows | None = None) -> None:
    progress = begin(compiled, {}, FACTS)
    case = rows.write(None, progress) if rows else 0
    steps = list(progress.opened)
    while not progress.finished:
        state = rows.state(case) if rows else progress.state
        progress = advance(compiled, state, Complete(steps.pop(0).id, ANSWERS), FACTS)
        steps += progress.opened
        if rows:
            rows.write(case, progress)


# --- loops, lines, many -----------------------------------------------------------------------


def _diagram(inside: str) -> bytes:
    return f'<definitions {BPMN}><process id="p">{inside}</process></definitions>'.encode()


def _flow(source: str, target: str, condition: str = "", own: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    name = own or f"{source}_{target}"
    ends = f'id="{name}" sourceRef="{source}" targetRef="{target}"'
    return f"<sequenceFlow {ends}>{inner}</sequenceFlow>"


def _loop(passes: int) -> Iterator[Figure]:
    compiled = compile_ours(
        _diagram(
            '<startEvent id="s"/><userTask id="t"/><exclusiveGateway id="g" default="out"/>'
            '<endEvent id="e"/>'
            + _flow("s", "t")
            + _flow("t", "g")
            + _flow("g", "e", own="out")
            + _flow("g", "t", "again")
        )
    )
    progress = begin(compiled, {}, FACTS)
    times, sizes = [], []
    for number in range(passes):
        began = process_time()
        command = Complete(progress.opened[0].id, {"again": True, "pass": number % 10})
        progress = advance(compiled, progress.state, command, FACTS)
        times.append(process_time() - began)
        sizes.append(len(progress.state))
    ratio = sum(times[-50:]) / sum(times[5:55])
    yield Figure(f"loop: pass {passes} against pass 10", ratio, "x", 1.5, ratio <= 1.5)
    grown = sizes[-1] - sizes[9]
    yield Figure(f"loop: growth of the state by pass {passes}", grown, "bytes", 8, grown <= 8)


def _line(length: int) -> Iterator[Figure]:
    tasks = "".join(f'<userTask id="t{n}"/>' for n in range(length))
    flows = "".join(_flow(f"t{n}", f"t{n + 1}") for n in range(length - 1))
    ends = _flow("s", "t0") + _flow(f"t{length - 1}", "e")
    source = _diagram(f'<startEvent id="s"/>{tasks}<endEvent id="e"/>{flows}{ends}')
    compiled = compile_ours(source)
    spec = stock_spec(source, "p")
    ours = min(_through(compiled) for _ in range(3))
    began = process_time()
    run_stock(spec)
    ratio = (process_time() - began) / ours
    yield Figure(f"a line of {length} tasks", ratio, "x stock", 50, ratio >= 50)


def _through(compiled: Compiled) -> float:
    began = process_time()
    progress = begin(compiled, {}, FACTS)
    while not progress.finished:
        progress = advance(compiled, progress.state, Complete(progress.opened[0].id), FACTS)
    return process_time() - began


def _instances(count: int) -> Iterator[Figure]:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>rows</loopDataInputRef>"
        "<loopDataOutputRef>replies</loopDataOutputRef></multiInstanceLoopCharacteristics>"
    )
    compiled = compile_ours(
        _diagram(f'<startEvent id="s"/><userTask id="t">{loop}</userTask>{_flow("s", "t")}')
    )
    began = process_time()
    progress = begin(compiled, {"rows": [{"code": n} for n in range(count)]}, FACTS)
    opened = process_time() - began
    yield Figure(f"{count} instances opened", opened, "s", 0.5, opened <= 0.5)
    for step in progress.opened:
        progress = advance(compiled, progress.state, Complete(step.id, {"ok": True}), FACTS)
    spent = process_time() - began
    yield Figure(f"{count} instances opened and each one completed", spent, "s")


def _checking(length: int) -> Iterator[Figure]:
    tasks = "".join(f'<userTask id="t{n}"/>' for n in range(length))
    flows = "".join(_flow(f"t{n}", f"t{n + 1}") for n in range(length - 1))
    source = _diagram(f'<startEvent id="s"/>{tasks}{flows}{_flow("s", "t0")}')
    began = process_time()
    check_diagram(source)
    spent = process_time() - began
    yield Figure(f"check of a diagram of {length} tasks", spent, "s", 0.5, spent <= 0.5)
