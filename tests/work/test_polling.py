"""Looking for due work costs nothing when there is none, however much is yet to come."""

import pytest
import sqlalchemy as sa

from tests.cast import NOON
from workflows.work import KINDS


def plan_of(session, wanted):
    order = str(wanted.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    if session.get_bind().dialect.name == "sqlite":
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {order}")
        return [row[3] for row in rows]
    session.execute(sa.text("SET LOCAL enable_seqscan = off"))  # an empty table is read whole
    return [row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {order}")]


@pytest.mark.parametrize("of", KINDS, ids=lambda of: of.name)
@pytest.mark.parametrize("looks", [True, False], ids=["look", "due"])
def test_each_kind_is_found_by_an_index_of_what_waits(session, of, looks):
    told = plan_of(session, sa.select(of.first()) if looks else of.due(NOON).limit(200))
    table = of.table.__table__.name
    if session.get_bind().dialect.name == "sqlite":
        assert [
            line for line in told if line.startswith(f"SCAN {table}") and "INDEX" not in line
        ] == []
        assert any(f"INDEX ix_{table}" in line for line in told), told
    else:
        assert any("Index" in line and f"ix_{table}" in line for line in told), told
