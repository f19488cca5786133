"""Whether the process lives, and whether it can serve."""

import sqlalchemy as sa
from flask import Blueprint
from flask.typing import ResponseReturnValue

from webapp.transactions import session

health = Blueprint("health", __name__, url_prefix="/health")


@health.get("/live")
def live() -> ResponseReturnValue:
    return {"status": "live"}


@health.get("/ready")
def ready() -> ResponseReturnValue:
    session().execute(sa.text("SELECT version_num FROM alembic_version")).one()
    return {"status": "ready"}
