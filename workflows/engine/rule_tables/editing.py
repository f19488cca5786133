"""A decision table as rows and columns of text, and the same file with other rows and columns."""

from dataclasses import dataclass, field, replace

from lxml import etree

from workflows.engine.rule_tables.gathering import text_of
from workflows.engine.xml import Element, child, children, open_xml

POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
MOST = 500  # rules one can change in a page


@dataclass(frozen=True, slots=True)
class Column:
    """What is asked or answered: its label, the expression or name, its type, the values it has."""

    label: str
    text: str
    type: str = "string"
    values: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: a cell for each column, those asked first."""

    cells: tuple[str, ...]
    note: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One decision table as it is shown and typed."""

    decision: str
    name: str
    policy: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...] = field(default=())

    def with_row(self, place: int, row: Row | None = None) -> "Grid":
        """Have one more rule at a place, empty unless it is given."""
        new = row or Row(("",) * (len(self.inputs) + len(self.outputs)))
        return replace(self, rows=(*self.rows[:place], new, *self.rows[place:]))

    def without_row(self, place: int) -> "Grid":
        """Have the rule at a place no more."""
        return replace(self, rows=self.rows[:place] + self.rows[place + 1 :])

    def moved(self, place: int, by: int) -> "Grid":
        """Have the rule at a place stand higher or lower."""
        to = max(0, min(len(self.rows) - 1, place + by))
        return self.without_row(place).with_row(to, self.rows[place])

    def with_column(self, column: Column, *, asked: bool) -> "Grid":
        """Have one more column, empty in each rule."""
        at = len(self.inputs) if asked else len(self.inputs) + len(self.outputs)
        rows = tuple(replace(r, cells=(*r.cells[:at], "", *r.cells[at:])) for r in self.rows)
        if asked:
            return replace(self, inputs=(*self.inputs, column), rows=rows)
        return replace(self, outputs=(*self.outputs, column), rows=rows)

    def without_column(self, at: int) -> "Grid":
        """Have a column no more; those asked are counted first."""
        rows = tuple(replace(r, cells=r.cells[:at] + r.cells[at + 1 :]) for r in self.rows)
        columns = self.inputs + self.outputs
        kept = [one for place, one in enumerate(columns) if place != at]
        asked = len(self.inputs) - (at < len(self.inputs))
        return replace(self, inputs=tuple(kept[:asked]), outputs=tuple(kept[asked:]), rows=rows)


def grids(source: bytes) -> tuple[Grid, ...]:
    """Read every decision of a file that is a table.

    :raises Rejected: if the file cannot be opened safely
    """
    return tuple(_grid(decision, table) for decision, table in _tables(open_xml(source)))


def with_grid(source: bytes, grid: Grid) -> bytes:
    """Write one table of a file anew; what is not in the grid stays as it is.

    :raises Rejected: if the file cannot be opened safely
    """
    root = open_xml(source)
    for decision, table in _tables(root):
        if decision.get("id") == grid.decision:
            decision.set("name", grid.name)
            _write(table, grid)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def without_rules(source: bytes) -> str:
    """Give what a file says besides what its grids do, the same however it is laid out.

    :raises Rejected: if the file cannot be opened safely
    """
    root = open_xml(source)
    for decision, table in _tables(root):
        decision.attrib.pop("name", "")
        table.attrib.pop("hitPolicy", "")
        for one in list(children(table, "input", "output", "rule")):
            table.remove(one)
    for element in root.iter():
        element.tail = None
        if not (element.text or "").strip():
            element.text = None
    return etree.tostring(root, method="c14n").decode()


def _tables(root: Element) -> list[tuple[Element, Element]]:
    found = []
    for decision in children(root, "decision"):
        table = child(decision, "decisionTable")
        if table is not None:
            found.append((decision, table))
    return found


def _grid(decision: Element, table: Element) -> Grid:
    return Grid(
        decision.get("id", ""),
        decision.get("name", ""),
        table.get("hitPolicy") or "UNIQUE",
        tuple(_input(one) for one in children(table, "input")),
        tuple(_output(one) for one in children(table, "output")),
        tuple(
            Row(
                tuple(text_of(cell) for cell in children(rule, "inputEntry", "outputEntry")),
                text_of(child(rule, "description")),
                rule.get("id", ""),
            )
            for rule in children(table, "rule")
        ),
    )


def _input(element: Element) -> Column:
    expression = child(element, "inputExpression")
    type_ = "" if expression is None else expression.get("typeRef", "")
    return Column(
        element.get("label", ""),
        text_of(expression),
        type_ or "string",
        text_of(child(element, "inputValues")),
        element.get("id", ""),
    )


def _output(element: Element) -> Column:
    return Column(
        element.get("label", ""),
        element.get("name", ""),
        element.get("typeRef") or "string",
        text_of(child(element, "outputValues")),
        element.get("id", ""),
    )


def _write(table: Element, grid: Grid) -> None:
    old = {one.get("id"): one for one in table}
    taken = {e.get("id") for e in table.getroottree().getroot().iter() if e.get("id")}
    for one in list(children(table, "input", "output", "rule")):
        table.remove(one)
    table.set("hitPolicy", grid.policy)
    if grid.policy != "COLLECT" and "aggregation" in table.attrib:
        del table.attrib["aggregation"]
    place = len(table) - len(list(children(table, "annotation")))
    fresh = [_column(table, one, old, taken, asked=True) for one in grid.inputs]
    fresh += [_column(table, one, old, taken, asked=False) for one in grid.outputs]
    for at, element in enumerate(fresh):
        table.insert(place + at, element)
    for row in grid.rows:
        table.append(_row(table, row, len(grid.inputs), old, taken))


def _column(
    table: Element, one: Column, old: dict[str | None, Element], taken: set[str | None], *,
    asked: bool,
) -> Element:  # fmt: skip
    name = "input" if asked else "output"
    element = old.get(one.id) if one.id else None
    if element is None:
        element = _made(table, name, taken, table.get("id", "table"), one.id)
    element.set("label", one.label)
    if asked:
        expression = child(element, "inputExpression")
        if expression is None:
            expression = _made(element, "inputExpression", taken, element.get("id", ""))
            element.insert(0, expression)
        expression.set("typeRef", one.type)
        _say(expression, one.text)
    else:
        element.set("name", one.text)
        element.set("typeRef", one.type)
    kind = f"{name}Values"
    values = child(element, kind)
    if one.values and values is None:
        values = _made(element, kind, taken, element.get("id", ""))
        element.insert(1 if asked else 0, values)
    if values is not None:
        if one.values:
            _say(values, one.values)
        else:
            element.remove(values)
    return element


def _row(
    table: Element, row: Row, asked: int, old: dict[str | None, Element], taken: set[str | None]
) -> Element:
    element = old.get(row.id) if row.id else None
    if element is None:
        element = _made(table, "rule", taken, table.get("id", "table"), row.id)
    cells = list(children(element, "inputEntry", "outputEntry"))
    description = child(element, "description")
    if row.note and description is None:
        description = element.makeelement(_tag(element, "description"))
        element.insert(0, description)
    if description is not None:
        description.text = row.note
    kinds = ["inputEntry"] * asked + ["outputEntry"] * (len(row.cells) - asked)
    as_before = [str(c.tag).rpartition("}")[2] for c in cells] == kinds
    if not as_before:
        for cell in cells:
            element.remove(cell)
        cells = [_made(element, kind, taken, element.get("id", "")) for kind in kinds]
        start = len([e for e in element if str(e.tag).endswith(("description", "Elements"))])
        for at, cell in enumerate(cells):
            element.insert(start + at, cell)
    for cell, text in zip(cells, row.cells, strict=True):
        if text_of(cell) != text or not as_before:
            _say(cell, text)
    return element


def _say(element: Element, text: str) -> None:
    holder = child(element, "text")
    if holder is None:
        holder = element.makeelement(_tag(element, "text"))
        element.append(holder)
    for inner in list(holder):
        holder.remove(inner)
    holder.text = text


def _made(
    beside: Element, name: str, taken: set[str | None], stem: str, wanted: str = ""
) -> Element:
    """Make an element with an id that nothing else in the file has, the wanted one if it may."""
    own, number = wanted, 0
    while not own or own in taken:
        number += 1
        own = f"{stem}_{name}_{number}"
    taken.add(own)
    return beside.makeelement(_tag(beside, name), {"id": own})


def _tag(element: Element, name: str) -> str:
    return f"{{{etree.QName(element).namespace}}}{name}"
