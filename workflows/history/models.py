"""Events, and the chains they are links of."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Dialect, Index, UniqueConstraint, event, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from workflows.database import Base, Id

CITY = "city"
TEXT_INDEX = "event_text"  # on SQLite a table of its own, with some more beside it
WORD_LIST = "event_text_word"  # its words, each as often as it stands there


CHAIN = f"coalesce('case:' || event.case_id, '{CITY}')"  # in SQL; in Python `Event.chain`


def case_chain(case_id: int) -> str:
    """Name the chain of one case."""
    return f"case:{case_id}"


def chain_of(case_id: int | None) -> str:
    """Name the chain that an event of a case, or of none, is a link of."""
    return case_chain(case_id) if case_id else CITY


class Hexadecimal(sa.TypeDecorator[str]):
    """Bytes, which we write and hash as hexadecimal text: so they take half the room."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> str | None:
        return None if value is None else value.hex()


class Chain(Base):
    """The head of one chain; its row is locked while an event is added."""

    __tablename__ = "chain"

    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]
    hash: Mapped[str]


class Event(Base):
    """One thing that happened.

    The header (all but `what`, `why`, `salt`) holds ids and never names, so that it can stay when a
    purge takes the content: `digest` still proves what the content was. Which chain it is a link of
    is no column: its case says that.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("case_id", "n"),
        Index(
            "uq_event_city_n",
            "n",
            unique=True,
            sqlite_where=text("case_id IS NULL"),
            postgresql_where=text("case_id IS NULL"),
        ),
        Index(
            "ix_event_acting_for_id",
            "acting_for_id",
            sqlite_where=text("acting_for_id IS NOT NULL"),
            postgresql_where=text("acting_for_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    n: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(index=True)
    acting_for_id: Mapped[int | None]
    kind: Mapped[str]
    case_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    step: Mapped[str | None]
    what: Mapped[str | None]
    why: Mapped[str | None]
    salt: Mapped[str | None] = mapped_column(Hexadecimal)
    digest: Mapped[str] = mapped_column(Hexadecimal)
    hash: Mapped[str] = mapped_column(Hexadecimal)
    address_family: Mapped[str | None]  # of the request: ipv4, ipv6 or local; never the address

    @hybrid_property
    def chain(self) -> str:
        """The name of the chain it is a link of."""
        return chain_of(self.case_id)

    @chain.inplace.expression
    @classmethod
    def _chain(cls) -> sa.ColumnElement[str]:
        return sa.literal_column(CHAIN, sa.Text)


# What an event is found by: who, where, of which kind and process, and the words it tells, but for
# what a process does by itself; those of a secret case are not among them. SQLite finds by one
# index, the latest first; what was purged is taken out of it. PostgreSQL has an index for the words
# and one for each of the rest.
_MACHINERY = "".join(
    f", '$.{name}'" for name in ("accepted", "because", "opened", "redated", "tasks", "timers")
)
_CASE = '(SELECT {} FROM "case" WHERE "case".id = {}.case_id)'
_MARKS = " || ' ' || ".join(
    (
        "'uuu' || coalesce({row}.unit_id, 0)",
        "'kkk' || replace({row}.kind, '_', '')",
        "'aaa' || coalesce({row}.actor_id, 0)",
        "'aaa' || coalesce({row}.acting_for_id, 0)",
        "'aaa' || coalesce(json_extract({row}.what, '$.person'), 0)",
        f"'ppp' || coalesce({_CASE.format('process_id', '{row}')}, 0)",
        f"CASE WHEN {_CASE.format('secrecy', '{row}')} = 'sec' THEN ''"
        " ELSE coalesce({row}.why, '') || ' ' ||"
        f" replace(coalesce(json_remove({{row}}.what{_MACHINERY}), ''), '\\n', ' ') END",
    )
)
NEW, OLD, STORED = (_MARKS.format(row=row) for row in ("new", "old", "event"))
TOLD = "left(coalesce(why, '') || ' ' || coalesce(what, ''), 100000)"
MAKE_INDEX = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {TEXT_INDEX} USING fts5(words, content='', detail=none,"
        " tokenize='unicode61 remove_diacritics 0')",
        f"CREATE TRIGGER event_added AFTER INSERT ON event BEGIN"
        f" INSERT INTO {TEXT_INDEX}(rowid, words) VALUES (new.id, {NEW}); END",
        f"CREATE TRIGGER event_purged AFTER UPDATE OF what, why ON event BEGIN"
        f" INSERT INTO {TEXT_INDEX}({TEXT_INDEX}, rowid, words) VALUES ('delete', old.id, {OLD});"
        f" INSERT INTO {TEXT_INDEX}(rowid, words) VALUES (new.id, {NEW}); END",
        f"CREATE VIRTUAL TABLE {WORD_LIST} USING fts5vocab({TEXT_INDEX}, instance)",
    ),
    "postgresql": (
        f"CREATE INDEX {TEXT_INDEX} ON event USING gin (to_tsvector('simple', {TOLD}))",
        f"CREATE INDEX {TEXT_INDEX}_unit ON event (unit_id, id)",
        f"CREATE INDEX {TEXT_INDEX}_kind ON event (kind, id)",
    ),
}
for dialect, statements in MAKE_INDEX.items():
    for statement in statements:
        made = sa.DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        event.listen(Event.__table__, "after_create", made)
