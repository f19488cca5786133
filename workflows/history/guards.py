"""What the database itself refuses: to change or remove what happened, or a seal upon it.

An event may lose what it told and nothing else, and only right after the last event of its chain
says that something was weeded out. Whoever owns the database can take these guards away: then the
chains and the seals tell. They stop mistakes, and whoever has only the application's way in.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy import Connection, event

from workflows.database import Base
from workflows.history import seals
from workflows.history.models import Event
from workflows.history.proof import PURGED

TOLD = ("what", "why", "salt")
TABLES = (Event.__tablename__, seals.StoredSeal.__tablename__, seals.StoredLeaf.__tablename__)
STAYS = "the record is only added to"
_header = [column.name for column in Event.__table__.columns if column.name not in TOLD]
_old, _new = ("(" + ", ".join(f"{row}.{name}" for name in _header) + ")" for row in ("old", "new"))
_LAST = (  # each way by an index
    "coalesce((SELECT kind FROM event WHERE case_id = old.case_id ORDER BY n DESC LIMIT 1), (SELECT"
    " kind FROM event WHERE case_id IS NULL AND old.case_id IS NULL ORDER BY n DESC LIMIT 1))"
)
_IS_PURGE = (
    f"new.what IS NULL AND new.why IS NULL AND new.salt IS NULL AND {_LAST} = '{PURGED}'"
    f" AND {_new} {{is_}} {_old}"
)
_REFUSE = f"BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
_UNLESS = f" WHEN NOT coalesce({_IS_PURGE.format(is_='IS')}, 0)"
_STAYS = (
    "CREATE OR REPLACE FUNCTION record_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF TG_TABLE_NAME = 'event' AND TG_OP = 'UPDATE' THEN"
    f" IF {_IS_PURGE.format(is_='IS NOT DISTINCT FROM')} THEN RETURN new; END IF; END IF;"
    f" RAISE EXCEPTION '{STAYS}'; END $$"
)


def guards(dialect: str, name: str) -> tuple[str, ...]:
    """Give the statements that guard one table."""
    if dialect == "sqlite":
        unless = _UNLESS if name == "event" else ""
        return (
            f"CREATE TRIGGER {name}_kept BEFORE UPDATE ON {name}{unless} {_REFUSE}",
            f"CREATE TRIGGER {name}_stays BEFORE DELETE ON {name} {_REFUSE}",
        )
    run = "EXECUTE FUNCTION record_stays()"
    return (
        _STAYS,
        f"CREATE TRIGGER {name}_kept BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW {run}",
        f"CREATE TRIGGER {name}_stays BEFORE TRUNCATE ON {name} {run}",
    )


@contextmanager
def lifted(connection: Connection) -> Iterator[None]:
    """Do without the guards in this transaction, as when a backup takes the place of what is."""
    if connection.dialect.name != "sqlite":
        for name in TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        yield
        for name in TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        return
    found = sa.text(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE :refusing"
    )
    stood = connection.execute(found, {"refusing": f"%{STAYS}%"}).all()
    for name, _ in stood:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, made in stood:
        connection.exec_driver_sql(made)


for _name in TABLES:
    for _dialect in ("sqlite", "postgresql"):
        for _statement in guards(_dialect, _name):
            _made = sa.DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
            event.listen(Base.metadata.tables[_name], "after_create", _made)
