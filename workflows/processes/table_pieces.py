"""A file of rule tables taken apart into pieces, and written of them again."""

from collections.abc import Iterator

from workflows.engine import Rejected
from workflows.engine.rule_tables.editing import Column, Grid, Row, grids, with_grid, without_rules
from workflows.processes.pieces import CELL, COLUMN, RULE, TABLE, WHOLE, Piece, Pieces, whole


def of_table(source: bytes) -> Pieces:
    """Take a file of rule tables apart: its tables with their columns and rules, and the rest."""
    try:
        found: Pieces = {"": {"rest": without_rules(source)}}
        for grid in grids(source):
            found |= _of_grid(grid)
    except Rejected:
        return whole(source)
    return found


def _of_grid(grid: Grid) -> Iterator[tuple[str, Piece]]:
    own = grid.decision
    yield f"{TABLE}{own}", {"name": grid.name, "hitPolicy": grid.policy}
    columns = grid.inputs + grid.outputs
    for place, one in enumerate(columns):
        yield f"{COLUMN}{one.id}", {
            "table": own, "asked": place < len(grid.inputs), "label": one.label, "text": one.text,
            "type": one.type, "values": one.values,
        }  # fmt: skip
    for row in grid.rows:
        cells = zip((f"{CELL}{one.id}" for one in columns), row.cells, strict=True)
        yield f"{RULE}{row.id}", {"table": own, "note": row.note, **dict(cells)}


def table_of(pieces: Pieces, *written_so: bytes) -> bytes:
    """Write the file these pieces are of, upon the first of some that says the same besides."""
    if WHOLE in pieces[""]:
        return str(pieces[""][WHOLE]).encode()
    source = next(one for one in written_so if of_table(one)[""] == pieces[""])
    for grid in grids(source):
        if f"{TABLE}{grid.decision}" in pieces:
            source = with_grid(source, _grid(grid.decision, pieces))
    return source


def _grid(own: str, pieces: Pieces) -> Grid:
    mine = {key: piece for key, piece in pieces.items() if piece.get("table") == own}
    columns = {
        key.removeprefix(COLUMN): piece
        for key, piece in sorted(mine.items(), key=lambda one: not one[1].get("asked"))
        if key.startswith(COLUMN)
    }
    made = [
        Column(one["label"], one["text"], one["type"], one["values"], key)
        for key, one in columns.items()
    ]
    asked = sum(one["asked"] for one in columns.values())
    rows = [
        Row(tuple(piece.get(f"{CELL}{one}", "") for one in columns), piece["note"],
            key.removeprefix(RULE))
        for key, piece in mine.items() if key.startswith(RULE)
    ]  # fmt: skip
    table = pieces[f"{TABLE}{own}"]
    return Grid(own, table["name"], table["hitPolicy"], tuple(made[:asked]), tuple(made[asked:]),
                tuple(rows))  # fmt: skip
