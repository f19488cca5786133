"""Delivering what one case sends to another right after it was sent, beside the requests.

Nothing rests on it: the clock finds whatever this misses.
"""

import threading

import structlog

from webapp import clock
from workflows import work
from workflows.database import Database

log = structlog.get_logger()


class Courier(threading.Thread):
    """A thread that sleeps until something has been sent."""

    def __init__(self, database: Database) -> None:
        super().__init__(name="courier", daemon=True)
        self.database = database
        self._sent = threading.Event()
        self._is_over = False

    def nudge(self) -> None:
        """Say that there is something to deliver; returns at once."""
        self._sent.set()

    def run(self) -> None:
        """Deliver, each time somebody says so."""
        while self._sent.wait() and not self._is_over:
            self._sent.clear()
            try:
                work.deliver(self.database, now=clock.now())
            except Exception:  # the database is away: the clock tries again
                log.exception("delivery_failed")

    def stop(self) -> None:
        """Finish what is being delivered and end."""
        self._is_over = True
        self._sent.set()
        self.join()
