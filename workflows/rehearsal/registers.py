"""The registers of a rehearsed year: what its own cases write, and nothing of any other year."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflows.forms import Form
from workflows.registers import Definition, definition
from workflows.registers.content import written
from workflows.rehearsal.cases import Case

Row = dict[str, Any]


class Registers:
    """The rows of each unit, by register; what has the same key amends the row."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, str], dict[tuple[str, ...], Row]] = {}

    def rows(self, case: Case, name: str) -> list[Row]:
        """Give the rows of a case's unit, as an expression sees them.

        :raises Invalid: if there is no such register
        """
        return list(self._rows.get((case.body.id, definition(name).id), {}).values())

    def named(self, case: Case) -> dict[str, dict[str, str]]:
        """Give the names of a unit's rows, as what a form may refer to."""
        return {
            f"register.{name}": {str(row["name"]): str(row["name"]) for row in rows.values()}
            for (unit_id, name), rows in self._rows.items()
            if unit_id == case.body.id
        }

    def take(self, case: Case, form: Form, answers: Mapping[str, Any]) -> None:
        """Take what a completed form writes."""
        for into in form.registers:
            held = answers if into.field == "." else answers.get(into.field)
            given = [held] if isinstance(held, Mapping) else held or []
            rows = (written(row, into.renamed, into.values) for row in given)
            self.write(case, into.register, rows)

    def write(self, case: Case, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows to a register.

        :raises Invalid: if there is no such register
        """
        register = definition(name)
        mine = self._rows.setdefault((case.body.id, register.id), {})
        for row in rows:
            key = tuple(str(row.get(column)).casefold() for column in register.key)
            mine[key] = _whole(register, {**mine.get(key, {}), **row}, case, len(mine) + 1)
            case.wrote.setdefault(register.id, {})[key] = mine[key]


def _whole(register: Definition, row: Mapping[str, Any], case: Case, number: int) -> Row:
    """Give a row every column of its register, and what stands around them."""
    columns = {one.name: row.get(one.name) for one in register.form.fields}
    status = columns.get(register.status) or register.initial or None
    if register.status:
        columns[register.status] = status
    around = {
        "name": str(columns.get(register.name) or ""),
        "status": status,
        "owner": columns.get(register.owner),
        "due": columns.get(register.due),
        "year": case.year,
        "is_open": status not in register.closed,
        "secrecy": "unassessed",
        "origin": "case",
        "entry": row.get("entry", number),
    }
    return {**around, **columns}
