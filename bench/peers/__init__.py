"""Others that do the same order, each in an environment of its own, beside stock SpiffWorkflow.

What a peer needs is fetched from its registry when it is measured for the first time. A peer reads
on its input how many orders to run, and answers with the CPU seconds it took.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import process_time

from bench import Figure
from bench.engine import ORDER, Stored, run_stock, stock_spec
from requirements.environment import ROOT, VENV, node, npm_install

HERE = Path(__file__).parent
ENVIRONMENT = ROOT / "var" / "peers" / "viewflow"


def figures(quick: bool) -> Iterator[Figure]:  # noqa: FBT001 - the runner's own call
    """Run rounds of orders in turn: stock in memory, stock stored by itself, and each peer."""
    rounds, orders = (2, 5) if quick else (7, 40)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        spec, stored = stock_spec(ORDER, "order"), Stored(Path(folder) / "stock.sqlite3")
        peers: dict[str, Peer] = {}
        for name, start in (("django-viewflow on SQLite", _viewflow), ("bpmn-engine", _bpmn)):
            try:
                peers[name] = running.enter_context(start(Path(folder)))
            except Missing as missing:
                yield Figure(f"{name}: not measured, {missing}", 0, "x stock", ok=False)
        found: dict[str, list[float]] = {name: [] for name in ("its serialiser on SQLite", *peers)}
        for _ in range(rounds):
            stock = _spent(orders, lambda: run_stock(spec))
            kept = _spent(orders, lambda: run_stock(spec, stored))
            found["its serialiser on SQLite"].append(stock / kept)
            for name, peer in peers.items():
                found[name].append(stock / peer.run(orders))
        stored.database.close()
    for name, ratios in found.items():
        yield Figure(f"peer: {name}", median(ratios), "x stock")


def _spent(orders: int, run: object) -> float:
    assert callable(run)
    began = process_time()
    for _ in range(orders):
        run()
    return process_time() - began


class Missing(Exception):
    """The peer could not be had."""


class Peer:
    """A peer at work in a process of its own."""

    def __init__(self, command: list[str | Path], folder: Path) -> None:
        self.process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> "Peer":
        self.run(1)  # the first one pays for what is loaded
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def run(self, orders: int) -> float:
        """Run so many orders; gives the CPU seconds they took."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{orders}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        if not said:
            raise Missing("it does not run")
        return float(said)


def _viewflow(folder: Path) -> Peer:
    wanted = HERE / "viewflow" / "requirements.txt"
    stamp = ENVIRONMENT / ".installed"
    python = ENVIRONMENT / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        commands: tuple[list[str | Path], ...] = (
            [sys.executable, "-m", "venv", "--clear", "--without-pip", ENVIRONMENT],
            [VENV / "bin" / "uv", "pip", "install", "-q", "--python", python, "-r", wanted],
        )
        for command in commands:
            _install(command)
        stamp.write_text(wanted.read_text())
    return Peer([python, "orders.py", folder / "viewflow.sqlite3"], HERE / "viewflow")


def _install(command: list[str | Path]) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Missing((done.stderr.strip().splitlines() or ["no reason given"])[-1])


def _bpmn(_folder: Path) -> Peer:
    here = HERE / "bpmn-engine"
    try:
        npm_install(here)
    except SystemExit as stopped:
        raise Missing("it could not be installed") from stopped
    return Peer([node(), "orders.mjs", HERE.parent / "order.bpmn"], here)
