"""A thing that may be found, by its words; the database keeps an index of them.

What is secret never comes here, nor a row of a register that nobody has said is open.
"""

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from workflows.database import Base, Id
from workflows.processes.models import Secrecy

INDEX = "search_text"  # on SQLite a table of its own, with some more beside it


class SearchRow(Base):
    """A case, a row of a register or a document, and the folded words it is found by."""

    __tablename__ = "search_row"
    __table_args__ = (UniqueConstraint("kind", "thing_id"),)

    id: Mapped[Id]
    kind: Mapped[str]
    thing_id: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"))
    secrecy: Mapped[Secrecy]
    words: Mapped[str]


# The words are folded before they come here: nothing is left for the database to fold.
MAKE_INDEX = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(words, content='search_row', content_rowid='id',"
        " prefix='2 3', detail=none, tokenize='unicode61 remove_diacritics 0')",
        "CREATE TRIGGER search_row_added AFTER INSERT ON search_row BEGIN"
        f" INSERT INTO {INDEX}(rowid, words) VALUES (new.id, new.words); END",
        "CREATE TRIGGER search_row_removed AFTER DELETE ON search_row BEGIN"
        f" INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', old.id, old.words); END",
    ),
    "postgresql": (f"CREATE INDEX {INDEX} ON search_row USING gin (to_tsvector('simple', words))",),
}
for dialect, statements in MAKE_INDEX.items():
    for statement in statements:
        made = sa.DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        event.listen(SearchRow.__table__, "after_create", made)
