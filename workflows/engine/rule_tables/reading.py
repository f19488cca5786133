"""Read a DMN file (1.1 to 1.5) into tables, or into the list of what is wrong with it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from lxml import etree

from workflows.engine.problems import Problem
from workflows.engine.rule_tables.feel import DecisionFailed, Interval, Literal, Scope, Tests
from workflows.engine.rule_tables.feel_functions import read_date
from workflows.engine.rule_tables.feel_reading import names_in, read_expression, read_tests
from workflows.engine.rule_tables.feel_tokens import FeelError
from workflows.engine.rule_tables.feel_values import Range
from workflows.engine.rule_tables.tables import (
    AGGREGATIONS,
    SEVERAL,
    SINGLE,
    Decision,
    Input,
    Output,
    Rule,
    Table,
    Tables,
)  # fmt: skip
from workflows.errors import Invalid

OURS = "urn:arshjul:bpmn:1"
MAX_BYTES = 2_000_000
MAX_RULES = 2_000
MAX_COLUMNS = 50
_POLICIES = {**{name: name for name in SINGLE | SEVERAL}, "RULE_ORDER": "RULE ORDER",
             "OUTPUT_ORDER": "OUTPUT ORDER"}  # fmt: skip
_FEEL = ("", "feel", "s-feel", "sfeel")
# What a decision may hold instead of a table or an expression, none of which we run.
_FOREIGN = ("context", "relation", "list", "invocation", "functionDefinition", "conditional",
            "for", "every", "some", "filter")  # fmt: skip
Element = etree._Element


class TablesRejected(Invalid):
    """The file cannot be decided by; `problems` says where and why."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("tables_rejected", problems)


def read_tables(xml: bytes) -> Tables:
    """Read a file of decisions.

    :raises TablesRejected: with every problem found, each with element, line, rule and column
    """
    root = _parse(xml)
    reading = _Reading(root)
    tables = Tables(reading.read())
    if reading.problems:
        raise TablesRejected(tuple(reading.problems))
    return tables


def _parse(xml: bytes) -> Element:
    if not xml.strip():
        raise TablesRejected((Problem("error", "empty_file"),))
    if len(xml) > MAX_BYTES:
        raise TablesRejected((Problem("error", "file_too_large", params={"limit": MAX_BYTES}),))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = int(error.position[0]) if isinstance(error, etree.XMLSyntaxError) else None
        raise TablesRejected((Problem("error", "not_xml", line=line),)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise TablesRejected((Problem("error", "document_type", line=1),))
    if etree.QName(root).localname != "definitions" or "DMN" not in str(root.tag).upper():
        raise TablesRejected((Problem("error", "not_dmn", line=_line(root)),))
    return root


def _line(element: Element) -> int | None:
    line = element.sourceline
    return line if isinstance(line, int) else None


def _children(element: Element, *names: str) -> list[Element]:
    space = etree.QName(element).namespace
    return [child for child in element if child.tag in {f"{{{space}}}{name}" for name in names}]


def _child(element: Element, *names: str) -> Element | None:
    return next(iter(_children(element, *names)), None)


def _text(element: Element | None) -> str:
    """What stands in the `text` of an element, or directly in it as DMN 1.1 drafts had it."""
    if element is None:
        return ""
    inner = _child(element, "text")
    return str("".join(map(str, (element if inner is None else inner).itertext()))).strip()


def _name(element: Element) -> str:
    return " ".join((element.get("name") or "").split())


class _Reading:
    """Gathers the problems of one file while it reads, so that all are told at once."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.elements: dict[str, Element] = {}
        self.types = {
            _name(item): _base(item) for item in _children(root, "itemDefinition")
        }  # fmt: skip

    def add(self, element: Element, code: str, **params: object) -> None:
        owner = element
        while owner.get("id") is None and (above := owner.getparent()) is not None:
            owner = above
        self.problems.append(
            Problem("error", code, owner.get("id"), _name(owner) or None, _line(element), params)
        )

    def read(self) -> dict[str, Decision]:
        found: dict[str, Decision] = {}
        for element in _children(self.root, "decision"):
            id_ = element.get("id") or ""
            if not id_:
                self.add(element, "no_id")
            elif id_ in self.elements:
                self.add(element, "duplicate_id")
            self.elements[id_] = element
        if not self.elements:
            self.add(self.root, "no_decisions")
        # Names with spaces in them are known by being declared; so all are looked up first.
        self.declared = {
            _name(one) for one in self.root.iter()
            if isinstance(one.tag, str) and etree.QName(one).localname in _NAMED and one.get("name")
        }  # fmt: skip
        for id_, element in self.elements.items():
            decision = self.decision(id_, element)
            if decision is not None:
                found[id_] = decision
        self.cycles(found)
        return found

    def decision(self, id_: str, element: Element) -> Decision | None:
        variable = _child(element, "variable")
        name = _name(element) or id_
        own = (variable is not None and _name(variable)) or name
        requires = tuple(self.requirements(element))
        table, literal = _child(element, "decisionTable"), _child(element, "literalExpression")
        foreign = _child(element, *_FOREIGN)
        logic: Any = None
        if table is not None:
            logic = self.table(table)
        elif literal is not None:
            logic = self.feel(read_expression, literal, _text(literal))
        elif foreign is not None:
            self.add(foreign, "not_supported", construct=etree.QName(foreign).localname)
        else:
            self.add(element, "no_logic")
        begins, ends = (self.day(element, f"valid_{end}") for end in ("from", "to"))
        if begins and ends and ends < begins:
            self.add(element, "valid_never")
        if logic is None:
            return None
        asks = names_in(_nodes(logic))
        return Decision(id_, name, own, logic, requires, asks, begins, ends, _line(element))

    def requirements(self, element: Element) -> Iterator[str]:
        for requirement in _children(element, "informationRequirement"):
            required = _child(requirement, "requiredDecision")
            if required is None:
                continue
            href = required.get("href") or ""
            if not href.startswith("#") or href[1:] not in self.elements:
                self.add(required, "no_such_decision", name=href)
            else:
                yield href[1:]

    def day(self, element: Element, name: str) -> date | None:
        """A date of ours on the decision, or on the whole file."""
        for holder in (element, self.root):
            text = holder.get(f"{{{OURS}}}{name}")
            if text is not None:
                try:
                    return read_date(text.strip())
                except ValueError:
                    self.add(holder, "not_a_date", name=name)
                    return None
        return None

    def cycles(self, decisions: dict[str, Decision]) -> None:
        """Refuse a decision that requires itself, however far around; walked without recursion."""
        done: set[str] = set()
        for start in decisions:
            path: list[tuple[str, Iterator[str]]] = [(start, iter(decisions[start].requires))]
            while path and start not in done:
                id_, rest = path[-1]
                inner = next((one for one in rest if one in decisions and one not in done), None)
                if inner is None:
                    done.add(id_)
                    path.pop()
                elif inner in {one for one, _ in path}:
                    self.add(self.elements[inner], "decision_cycle")
                    return
                elif len(path) > MAX_COLUMNS:
                    self.add(self.elements[inner], "too_deep")
                    return
                else:
                    path.append((inner, iter(decisions[inner].requires)))

    # --- tables ---------------------------------------------------------------------------

    def table(self, element: Element) -> Table | None:
        before = len(self.problems)
        policy = _POLICIES.get(element.get("hitPolicy") or "UNIQUE")
        aggregation = element.get("aggregation")
        if policy is None:
            self.add(element, "unknown_hit_policy", name=element.get("hitPolicy"))
        inputs = tuple(self.input(one) for one in _children(element, "input"))
        outputs = tuple(self.output(one) for one in _children(element, "output"))
        rows = _children(element, "rule")
        if not outputs or len(inputs) + len(outputs) > MAX_COLUMNS or len(rows) > MAX_RULES:
            self.add(element, "too_large" if outputs else "no_outputs")
            return None
        names = [output.name for output in outputs]
        if len(names) > 1 and (not all(names) or len(set(names)) < len(names)):
            self.add(element, "output_names")
        if policy in ("PRIORITY", "OUTPUT ORDER") and not any(one.order for one in outputs):
            self.add(element, "no_priorities")
        if aggregation is not None and (
            aggregation not in AGGREGATIONS or policy != "COLLECT" or len(outputs) > 1
        ):
            self.add(element, "bad_aggregation", name=aggregation)
        rules = [self.rule(n, row, inputs, outputs) for n, row in enumerate(rows, 1)]
        if len(self.problems) > before or policy is None:
            return None
        return Table(policy, aggregation, inputs, outputs, tuple(filter(None, rules)))

    def input(self, element: Element) -> Input:
        expression = _child(element, "inputExpression")
        text = _text(expression)
        if expression is None or not text:
            self.add(element, "no_expression")
            value = None
        else:
            value = self.feel(read_expression, expression, text)
        label = element.get("label") or text
        allowed = _child(element, "inputValues")
        tests = (
            self.feel(read_tests, allowed, _text(allowed), column=label)
            if allowed is not None
            else Tests()
        )
        type_ = self.type(expression.get("typeRef") if expression is not None else None)
        return Input(label, text, value or Literal(None), type_, tests or Tests(), _line(element))

    def output(self, element: Element) -> Output:
        name = _name(element)
        label = element.get("label") or name
        default = _child(element, "defaultOutputEntry")
        node = None
        if default is not None and _text(default):
            node = self.feel(read_expression, default, _text(default), column=label)
        order: tuple[Any, ...] = ()
        values = _child(element, "outputValues")
        if values is not None and _text(values):
            tests = self.feel(read_tests, values, _text(values), column=label)
            order = self.written(values, tests) if tests is not None else ()
        return Output(name, label, self.type(element.get("typeRef")), order, node, _line(element))

    def written(self, element: Element, tests: Tests) -> tuple[Any, ...]:
        """The values that are written out in a list of tests, in their order."""
        found = []
        for test in tests.any_of:
            value = getattr(test, "value", None)
            if not isinstance(value, Literal | Interval) or names_in(value):
                self.add(element, "not_a_value")
                continue
            try:
                found.append(value.worth(Scope({})))
            except DecisionFailed:
                self.add(element, "not_a_value")
        return tuple(found)

    def rule(
        self, number: int, element: Element, inputs: tuple[Input, ...], outputs: tuple[Output, ...]
    ) -> Rule | None:
        entries, results = _children(element, "inputEntry"), _children(element, "outputEntry")
        if len(entries) != len(inputs) or len(results) != len(outputs):
            self.add(element, "cells_missing", rule=number)
            return None
        tests = tuple(
            self.feel(read_tests, cell, _text(cell), rule=number, column=column.label)
            for cell, column in zip(entries, inputs, strict=True)
        )
        values = tuple(
            self.feel(read_expression, cell, _text(cell) or "null", rule=number, column=one.label)
            for cell, one in zip(results, outputs, strict=True)
        )
        if None in tests or None in values:
            return None
        for cell, value, output in zip(results, values, outputs, strict=True):
            if isinstance(value, Literal) and value.value is not None and output.order:
                self.among(cell, value.value, output, number)
        return Rule(element.get("id"), number, tests, values, _line(element))

    def among(self, cell: Element, value: Any, output: Output, number: int) -> None:
        if not any(one.holds(value) if isinstance(one, Range) else one == value
                   for one in output.order):  # fmt: skip
            self.add(cell, "not_allowed", rule=number, column=output.label)

    def feel(
        self,
        read: Callable[[str, set[str]], Any],
        element: Element,
        text: str,
        **where: object,
    ) -> Any:
        """Read a text, or note what is wrong with it and give None."""
        language = element.get("expressionLanguage") or self.root.get("expressionLanguage") or ""
        if language.rstrip("/").rsplit("/", 1)[-1].lower() not in _FEEL and "FEEL" not in language:
            self.add(element, "other_language", language=language[:100], **where)
            return None
        try:
            return read(text, self.declared)
        except FeelError as error:
            self.add(element, error.code, position=error.column, **error.params, **where)
            return None

    def type(self, name: str | None) -> str:
        """A type by its own name, or the one its definition rests on."""
        plain = (name or "").rsplit(":", 1)[-1].strip()
        return self.types.get(plain, plain)


_NAMED = frozenset({"inputData", "decision", "variable", "output"})


def _base(item: Element) -> str:
    """What a definition of the file's own rests on; lists and structures on nothing we check."""
    if item.get("isCollection") == "true":
        return ""
    reference = _child(item, "typeRef")
    text = _text(reference) if reference is not None else (item.get("typeRef") or "")
    return text.rsplit(":", 1)[-1]


def _nodes(logic: Any) -> Any:
    """The parsed texts of a table or an expression."""
    if not isinstance(logic, Table):
        return logic
    return (
        *(column.value for column in logic.inputs), *(column.allowed for column in logic.inputs),
        *(output.default for output in logic.outputs),
        *(rule.tests for rule in logic.rules), *(rule.results for rule in logic.rules),
    )  # fmt: skip
