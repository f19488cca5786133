"""Running the server: gunicorn, with the clock ticking inside it."""

import multiprocessing
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from gunicorn.app.base import BaseApplication

from webapp import create_app, logs, scheduler
from webapp.courier import Courier
from webapp.settings import Clock, Settings
from webapp.transactions import WebApp
from workflows.database import Database
from workflows.organisation.growth import growth

GRACE_SECONDS = 30  # a request in flight may finish before the process ends


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One process with threads on SQLite, where one writes at a time; several on PostgreSQL."""

    def __init__(self, settings: Settings, *, host: str, port: int) -> None:
        self.settings = settings
        self.options = {
            "bind": f"{host}:{port}",
            "worker_class": "gthread",
            "threads": settings.threads,
            "workers": 1 if settings.is_sqlite else multiprocessing.cpu_count(),
            "graceful_timeout": GRACE_SECONDS,
            "timeout": 120,
            "keepalive": 5,
            "max_requests": 0,
            "limit_request_line": 8190,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": _start_clock,
            "worker_exit": _stop_clock,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> WebApp:
        """Make the app in the worker: connections and threads do not survive a fork."""
        logs.configure()
        database = Database(self.settings.database_url, threads=self.settings.threads)
        app = create_app(self.settings, database)
        with database.reading() as session:
            app.is_demo = app.may_be_growing = growth(session) is not None
        return app


def _start_clock(worker: Any) -> None:
    if worker.wsgi.settings.clock is Clock.SERVER:
        worker.arshjul_clock = scheduler.start(worker.wsgi.database, worker.wsgi.settings)
    worker.wsgi.courier = Courier(worker.wsgi.database)
    worker.wsgi.courier.start()


def _stop_clock(_server: Any, worker: Any) -> None:
    clock: BackgroundScheduler | None = getattr(worker, "arshjul_clock", None)
    if clock is not None:
        clock.shutdown(wait=True)
    if (courier := getattr(worker.wsgi, "courier", None)) is not None:
        courier.stop()
