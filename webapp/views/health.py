"""Whether the process lives, whether it can serve, and how the clock keeps up."""

from ipaddress import ip_address

import sqlalchemy as sa
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from webapp import clock
from webapp.transactions import session
from workflows.errors import NotFound
from workflows.work import queue

health = Blueprint("health", __name__, url_prefix="/health")


@health.get("/live")
def live() -> ResponseReturnValue:
    return {"status": "live"}


@health.get("/ready")
def ready() -> ResponseReturnValue:
    session().execute(sa.text("SELECT version_num FROM alembic_version")).one()
    return {"status": "ready"}


@health.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Counts for Prometheus, told only to this machine and never through a proxy."""
    is_here = ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 (compared)
    if not is_here or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        raise NotFound
    return generate_latest(_measured()), {"Content-Type": "text/plain; version=0.0.4"}


def _measured() -> CollectorRegistry:
    now, registry = clock.now(), CollectorRegistry()

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"arshjul_{name}", text, labels, registry=registry)

    due = gauge("due_work", "Pieces of work that are due", "kind")
    failing = gauge("due_work_failing", "Pieces of due work that have failed", "kind")
    oldest = gauge("due_work_oldest_seconds", "How long the oldest has been due", "kind")
    for one in queue.lengths(session(), now=now):
        due.labels(one.kind).set(one.due)
        failing.labels(one.kind).set(one.failing)
        oldest.labels(one.kind).set((now - one.oldest).total_seconds() if one.oldest else 0)
    if (tick := queue.last_tick(session())) is not None:
        silence = gauge("clock_silence_seconds", "How long ago a clock last ran")
        silence.set((now - tick).total_seconds())
    gauge("mails_waiting", "Mails on their way").set(queue.waiting_mails(session()))
    return registry
