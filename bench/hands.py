"""Hands that work in one database from processes of their own until they are stopped or killed.

A hand does one deed after the other, and tells of what was committed before it begins the next: so
what has been told is what a client was told.
"""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from random import Random

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import configure_mappers

from webapp import logs
from workflows.database import Database

configure_mappers()  # once for all of them, before they part

Deed = Callable[[Database, Random], str | None]
READY = "ready"

_begin = multiprocessing.get_context("forkserver")  # each one from a process without threads
_begin.set_forkserver_preload(["bench.crash", "bench.hammer"])


@dataclass
class Hand:
    """One process at work."""

    process: ForkServerProcess
    told: Connection
    said: list[str] = field(default_factory=list)

    def wait_until_ready(self) -> None:
        """Wait until the first deed is done, which takes longest."""
        while (word := self.told.recv()) != READY:
            self.said.append(word)

    def kill(self) -> list[str]:
        """Let its power go, now; gives what it had told."""
        self.process.kill()
        return self._last_words()

    def stop(self) -> list[str]:
        """Let it finish its deed; gives what it told."""
        self.process.terminate()
        return self._last_words()

    def _last_words(self) -> list[str]:
        try:
            while True:
                self.said.append(self.told.recv())
        except (EOFError, OSError):
            self.process.join()
        return [word for word in self.said if word != READY]


def begin(url: str, deed: Deed, seed: int) -> Hand:
    """Start a hand that repeats `deed`."""
    ours, theirs = _begin.Pipe(duplex=False)
    process = _begin.Process(target=_work, args=(url, deed, seed, theirs), daemon=True)
    process.start()
    theirs.close()
    return Hand(process, ours)


def _work(url: str, deed: Deed, seed: int, told: Connection) -> None:
    logs.configure()  # to standard error: what is measured goes to standard output
    stopped = _stop_on_request()
    database, chance = Database(url), Random(seed)
    is_ready = False
    while not stopped:
        try:
            done = deed(database, chance)
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise
            continue  # no turn came in `BUSY_SECONDS`, as on a machine with too much to do
        if done is not None:
            told.send(done)
        if not is_ready:
            told.send(READY)
            is_ready = True


def _stop_on_request() -> list[int]:
    """Note the wish to end instead of ending in the middle of a deed."""
    import signal

    wished: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: wished.append(number))
    return wished
