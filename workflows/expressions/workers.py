"""Processes beside us that run scripts: started when first needed, killed when late.

Safe with threads (each takes a worker for itself) and with fork (a child forgets its parent's
workers and starts its own).
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from workflows.expressions import sandbox
from workflows.expressions.failures import ExpressionFailed

PATIENCE = 1.8
STARTING = 10.0
MOST = 4
Call = Callable[[str, list[Any]], Any]


def nothing_to_call(name: str, arguments: list[Any]) -> Any:
    """What a script without functions is given."""
    raise ExpressionFailed("no_function", function=name)


_NOTHING: dict[str, Any] = {"text": "", "names": {}, "functions": [], "collect": []}


class Worker:
    """One process, used by one thread at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # our own program, and no shell
            [sys.executable, "-I", sandbox.__file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={}, cwd="/", bufsize=0, start_new_session=True,
        )  # fmt: skip
        pipes = (self.process.stdin, self.process.stdout)
        self.pipes = tuple(pipe for pipe in pipes if pipe is not None)
        self.into, self.out_of = (pipe.fileno() for pipe in self.pipes)
        os.set_blocking(self.into, False)
        self.unread = b""

    def ask(
        self, request: dict[str, Any], call: Call, patience: float = PATIENCE
    ) -> dict[str, Any]:
        """Run one script; `call` answers the functions it asks for.

        :raises ExpressionFailed: if no answer came in time or the process died
        """
        deadline = time.monotonic() + patience
        self._write(request, deadline)
        while "call" in (answer := self._read(deadline)):
            self._write(_answer(call, answer), deadline)
        return answer

    def _write(self, message: dict[str, Any], deadline: float) -> None:
        left = memoryview(json.dumps(message).encode() + b"\n")
        while left:
            _wait([], [self.into], deadline)
            try:
                left = left[os.write(self.into, left) :]
            except BrokenPipeError:
                raise ExpressionFailed("too_much_work") from None

    def _read(self, deadline: float) -> dict[str, Any]:
        parts = [self.unread]
        while b"\n" not in parts[-1]:
            _wait([self.out_of], [], deadline)
            part = os.read(self.out_of, 1 << 16)
            if not part:
                raise ExpressionFailed("too_much_work")
            parts.append(part)
        line, _, self.unread = b"".join(parts).partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process and what it started."""
        with suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.leave()

    def leave(self) -> None:
        """Let go of the pipes without ending anything."""
        for pipe in self.pipes:
            pipe.close()


def _wait(readable: list[int], writable: list[int], deadline: float) -> None:
    # poll, not select: a busy server has more than 1,024 files open
    waiting = select.poll()
    for descriptor in readable:
        waiting.register(descriptor, select.POLLIN)
    for descriptor in writable:
        waiting.register(descriptor, select.POLLOUT)
    if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise ExpressionFailed("too_much_work")


def _answer(call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": sandbox.pack(call(asked["call"], sandbox.unpack(asked["with"])))}
    except ExpressionFailed as failure:
        return {"failed": failure.code}


class Workers:
    """The workers of this process."""

    def __init__(self) -> None:
        self.idle: list[Worker] = []
        self.places = threading.BoundedSemaphore(MOST)

    def ask(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        """Run one script in a worker of its own for as long as it takes; a late one is killed."""
        with self.places:
            worker = self._take()
            answered = False
            try:
                answer = worker.ask(request, call)
                answered = True
            finally:
                if answered:
                    self.idle.append(worker)
                else:
                    worker.close()
            return answer

    def _take(self) -> Worker:
        while self.idle:
            worker = self.idle.pop()
            if worker.process.poll() is None:
                return worker
            worker.close()  # it died while nobody looked
        worker = Worker()
        try:  # Python and the pool have to come up, and that time is not the script's
            worker.ask(_NOTHING, nothing_to_call, STARTING)
        except BaseException:
            worker.close()
            raise
        return worker

    def close(self) -> None:
        """End them all."""
        while self.idle:
            self.idle.pop().close()


_workers = Workers()
_of_the_parent: list[Workers] = []


def ask(request: dict[str, Any], call: Call) -> dict[str, Any]:
    """Run one script in a worker."""
    return _workers.ask(request, call)


def _start_anew() -> None:
    """In a forked child: the workers belong to the parent, and so do the locks."""
    global _workers  # a fork copies the module's state; here it is replaced
    for worker in _workers.idle:
        worker.leave()
    _of_the_parent.append(_workers)  # kept, because a Popen that is forgotten complains
    _workers = Workers()


os.register_at_fork(after_in_child=_start_anew)
atexit.register(lambda: _workers.close())
