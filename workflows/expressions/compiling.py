"""Read an expression, refuse what is not on the list, and build closures from the rest."""

import ast
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import lru_cache
from typing import NoReturn

from workflows.expressions.evaluating import Expression
from workflows.expressions.failures import ExpressionError, ExpressionFailed
from workflows.expressions.functions import STANDARD
from workflows.expressions.nodes import Builder
from workflows.expressions.values import number

LONGEST = 4_000
DEEPEST = 60
# Given by the caller at each evaluation (`register`: rows of this unit, read only).
OFFERED = frozenset({
    "milestone", "workdays_between", "is_meeting", "meeting_in_time", "units_of_kind", "units_with",
    "register", "done_as",
})  # fmt: skip
CONSTANTS = {"True": True, "False": False, "None": None, "true": True, "false": False, "null": None}
# What a form field or a loop variable may not be called.
RESERVED = frozenset({"case", "unit", "year", "today", *CONSTANTS, *STANDARD, *OFFERED})

_ALLOWED = frozenset({
    ast.Expression, ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.List,
    ast.Tuple, ast.Dict, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd,
    ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.Compare,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
    ast.IfExp, ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.Load, ast.Store,
})  # fmt: skip


def compile_expression(
    text: str,
    known: Collection[str] | None = None,
    *,
    functions: Collection[str] = OFFERED,
) -> Expression:
    """Compile an expression; with `known`, a name that is not among them is refused.

    :raises ExpressionError: with the line and column of what is wrong
    """
    expression, places = _compiled(text, frozenset(functions))
    if known is not None:
        for name, (line, column) in places:
            if name not in known:
                raise ExpressionError(
                    "unknown_name", name=name, nearest=_nearest(name, known), line=line,
                    column=column,
                )  # fmt: skip
    return expression


Places = tuple[tuple[str, tuple[int, int]], ...]


@lru_cache(maxsize=4096)
def _compiled(text: str, functions: frozenset[str]) -> tuple[Expression, Places]:
    reading = _Reading(text, functions)
    tree = reading.parse()
    reading.check(tree, frozenset(), 0)
    expression = Expression(
        text, frozenset(reading.places), frozenset(reading.calls), Builder().build(tree)
    )
    return expression, tuple(reading.places.items())


def _nearest(name: str, among: Collection[str]) -> str | None:
    return next(iter(get_close_matches(name, sorted(among), n=1)), None)


class _Reading:
    """Walks the tree once: refuses, gathers the free names, and replaces what needs replacing."""

    def __init__(self, text: str, functions: frozenset[str]) -> None:
        self.text = text
        self.functions = functions
        self.places: dict[str, tuple[int, int]] = {}
        self.calls: set[tuple[str, str | None]] = set()
        # Between parentheses an expression may go over several lines; no column moves.
        self.wrapped = f"(\n{text}\n)"

    def parse(self) -> ast.expr:
        if not self.text.strip():
            raise ExpressionError("empty", line=1, column=1)
        if len(self.text) > LONGEST:
            raise ExpressionError("too_long", limit=LONGEST, line=1, column=1)
        try:
            tree = ast.parse(self.wrapped, mode="eval").body
        except SyntaxError as error:
            lines = self.text.split("\n")
            line, column = (error.lineno or 2) - 1, max(error.offset or 1, 1)
            if line > len(lines):  # it ends too early: our own parenthesis is what came instead
                line, column = len(lines), len(lines[-1]) + 1
            raise ExpressionError("syntax", line=max(line, 1), column=column) from None
        except (RecursionError, MemoryError):
            raise ExpressionError("too_deep", line=1, column=1) from None
        except ValueError:
            raise ExpressionError("syntax", line=1, column=1) from None
        if tree.lineno == 1:  # it reached outside our parentheses, as in `a) + (b` or `a, b`
            raise ExpressionError("syntax", line=1, column=1)
        return tree

    def refuse(self, code: str, node: ast.AST, **params: object) -> NoReturn:
        line = getattr(node, "lineno", 2) - 1
        column = getattr(node, "col_offset", 0) + 1
        raise ExpressionError(code, line=line, column=column, **params)

    def check(self, node: ast.AST, local: frozenset[str], depth: int) -> None:  # noqa: C901  # one case per kind of node
        if type(node) not in _ALLOWED:
            self.refuse("forbidden", node, construct=type(node).__name__)
        if depth > DEEPEST:
            self.refuse("too_deep", node)
        match node:
            case ast.Constant():
                self.constant(node)
            case ast.Name(id=name):
                self.name(node, name, local)
            case ast.Attribute(attr=name):
                self.not_private(node, name)
            case ast.Subscript(slice=ast.Slice()):
                self.refuse("forbidden", node.slice, construct="Slice")
            case ast.Dict(keys=keys):
                self.keys(node, keys)
            case ast.Compare():
                self.identity(node)
            case ast.Call():
                self.call(node, local, depth)
                return
            case ast.ListComp() | ast.GeneratorExp():
                self.comprehension(node, local, depth)
                return
        for child in ast.iter_child_nodes(node):
            self.check(child, local, depth + 1)

    def keys(self, node: ast.Dict, keys: list[ast.expr | None]) -> None:
        for key in keys:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                self.refuse("forbidden", key or node, construct="key")

    def identity(self, node: ast.Compare) -> None:
        for sign, other in zip(node.ops, node.comparators, strict=True):
            if isinstance(sign, ast.Is | ast.IsNot) and not _is_null(other):
                self.refuse("forbidden", other, construct="is")

    def constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, float):
            try:
                node.value = number(Decimal(ast.get_source_segment(self.wrapped, node) or ""))  # type: ignore[assignment]  # a Constant holds what we put there
            except (InvalidOperation, ExpressionFailed):
                self.refuse("bad_number", node)
        elif type(node.value) is int:
            try:
                number(node.value)
            except ExpressionFailed:
                self.refuse("bad_number", node)
        elif not isinstance(node.value, str | bool | None):
            self.refuse("forbidden", node, construct=type(node.value).__name__)

    def name(self, node: ast.Name, name: str, local: frozenset[str]) -> None:
        if name in CONSTANTS or name in local:
            return
        self.not_private(node, name)
        if name in STANDARD or name in self.functions:
            self.refuse("function_as_value", node, name=name)
        self.places.setdefault(name, (node.lineno - 1, node.col_offset + 1))

    def not_private(self, node: ast.AST, name: str) -> None:
        if name.startswith("_"):
            self.refuse("private_name", node, name=name)

    def call(self, node: ast.Call, local: frozenset[str], depth: int) -> None:
        if not isinstance(node.func, ast.Name):
            self.refuse("forbidden", node.func, construct="method")
        name = node.func.id
        self.not_private(node, name)
        if name not in STANDARD and name not in self.functions:
            nearest = _nearest(name, {*STANDARD, *self.functions})
            self.refuse("unknown_function", node, name=name, nearest=nearest)
        standard = STANDARD.get(name)
        fits = standard is None or standard.least <= len(node.args) <= standard.most
        if node.keywords or not fits:
            self.refuse("wrong_arguments", node, function=name)
        if standard is None:
            first = node.args[0] if node.args else None
            said = first.value if isinstance(first, ast.Constant) else None
            self.calls.add((name, said if isinstance(said, str) else None))
        for argument in node.args:
            self.check(argument, local, depth + 1)

    def comprehension(
        self, node: ast.ListComp | ast.GeneratorExp, local: frozenset[str], depth: int
    ) -> None:
        for loop in node.generators:
            if loop.is_async:
                self.refuse("forbidden", node, construct="async")
            self.check(loop.iter, local, depth + 1)
            if not isinstance(loop.target, ast.Name):
                self.refuse("forbidden", loop.target, construct="target")
            name = loop.target.id
            self.not_private(loop.target, name)
            if name in RESERVED or name in self.functions:
                self.refuse("shadows", loop.target, name=name)
            local |= {name}
            for condition in loop.ifs:
                self.check(condition, local, depth + 1)
        self.check(node.elt, local, depth + 1)


def _is_null(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == "null"
    return isinstance(node, ast.Constant) and node.value is None
