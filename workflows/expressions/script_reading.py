"""Read a script without running it: what it reads and writes, and what it may not contain."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from workflows.expressions.compiling import OFFERED
from workflows.expressions.failures import ExpressionError
from workflows.expressions.functions import STANDARD

LONGEST = 20_000
MODULES = frozenset({"datetime", "decimal", "json", "math", "re"})
# What a script may call besides the functions it is given; nothing that reaches outside or in.
BUILTINS = frozenset({
    "abs", "all", "any", "bool", "chr", "dict", "divmod", "enumerate", "filter", "float", "int",
    "isinstance", "len", "list", "map", "max", "min", "ord", "pow", "print", "range", "repr",
    "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip", "ArithmeticError",
    "AssertionError", "AttributeError", "Exception", "IndexError", "KeyError", "LookupError",
    "NameError", "OverflowError", "RuntimeError", "StopIteration", "TypeError", "ValueError",
    "ZeroDivisionError",
})  # fmt: skip
# Data by these names stays out of a script, and a script may not give them another meaning.
TAKEN = BUILTINS | OFFERED | STANDARD.keys()
_FORBIDDEN = (
    ast.AsyncFor, ast.AsyncFunctionDef, ast.AsyncWith, ast.Await, ast.ClassDef, ast.Delete,
    ast.Global, ast.Nonlocal, ast.With, ast.Yield, ast.YieldFrom,
)  # fmt: skip
_SCOPES = (
    ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Script:
    """A script as read; `exact` is its text with decimals where it has numbers with a fraction."""

    exact: str
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    problems: tuple[ExpressionError, ...] = ()

    def unknown(
        self, known: Collection[str] | None, functions: Collection[str]
    ) -> Iterator[ExpressionError]:
        """The names it reads that nobody gives it; data are looked at only if `known` is given."""
        if known is None:
            return
        there = {*known, *functions, *BUILTINS, *self.bound}
        for name in sorted(self.reads - there):
            line, column = self.places[name]
            nearest = next(iter(get_close_matches(name, sorted(there), n=1)), None)
            yield ExpressionError(
                "unknown_name", name=name, nearest=nearest, line=line, column=column
            )


def read_script(text: str) -> Script:
    """Read a script; what is wrong with it is in `problems`."""
    if len(text) > LONGEST:
        return Script("", problems=(ExpressionError("too_long", limit=LONGEST, line=1, column=1),))
    try:
        tree = ast.parse(text)
        nodes = list(ast.walk(tree))
        writes = frozenset(_written(tree.body))
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        return Script("", problems=(ExpressionError("syntax", line=line, column=column),))
    except (RecursionError, MemoryError, ValueError):
        return Script("", problems=(ExpressionError("syntax", line=1, column=1),))
    problems = [problem for node in nodes for problem in _problems(node)]
    reads: dict[str, tuple[int, int]] = {}
    bound: set[str] = set()
    for node in nodes:
        bound.update(_bound(node))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reads.setdefault(node.id, (node.lineno, node.col_offset + 1))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            reads.setdefault(node.target.id, (node.lineno, node.col_offset + 1))
    problems += [ExpressionError("shadows", name=name, line=1, column=1) for name in bound & TAKEN]
    # A name that is read may be given from outside even if the script binds it further down.
    inside = {name for name in bound if name not in writes}
    return Script(
        _exact(text, tree),
        frozenset(reads) - inside,
        writes,
        frozenset(bound),
        reads,
        tuple(problems),
    )


def _problems(node: ast.AST) -> Iterator[ExpressionError]:
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
    if isinstance(node, _FORBIDDEN):
        construct = type(node).__name__
        yield ExpressionError("forbidden", construct=construct, line=line, column=column)
    modules: list[str] = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        modules = [node.module or "."] if not node.level else ["."]
    for module in modules:
        if module not in MODULES:
            yield ExpressionError("unknown_module", name=module, line=line, column=column)
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    if name.startswith("__") or (isinstance(node, ast.Attribute) and name.startswith("_")):
        yield ExpressionError("private_name", name=name, line=line, column=column)
    if isinstance(node, ast.Name) and name in ("_exact", "_made"):
        yield ExpressionError("private_name", name=name, line=line, column=column)
    if isinstance(node, ast.Name) and name in _OUTSIDE:
        yield ExpressionError("forbidden", construct=name, line=line, column=column)


# Known to the sandbox, but reaching for what a script has no business with.
_OUTSIDE = frozenset({
    "open", "eval", "exec", "compile", "input", "getattr", "setattr", "delattr", "vars", "globals",
    "locals", "dir", "breakpoint", "exit", "quit", "type", "object", "super", "memoryview", "id",
})  # fmt: skip


def _written(body: list[ast.stmt]) -> Iterator[str]:
    """The names assigned in the script's own scope, which become the case's."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Assign):
            pending.extend(node.targets)
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            pending.append(node.target)
        elif isinstance(node, ast.Tuple | ast.List | ast.Starred):
            pending.extend(ast.iter_child_nodes(node))
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store) and not node.id.startswith("_"):
                yield node.id
        elif isinstance(node, ast.For):
            pending.extend([*node.body, *node.orelse])
        elif isinstance(node, ast.stmt | ast.ExceptHandler) and not isinstance(node, _SCOPES):
            pending.extend(
                one for one in ast.iter_child_nodes(node)
                if isinstance(one, ast.stmt | ast.ExceptHandler)
            )  # fmt: skip


def _bound(node: ast.AST) -> Iterator[str]:
    """The names a node gives a meaning of its own."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names)


def _exact(text: str, tree: ast.Module) -> str:
    """The text with `1.5` as a decimal, so that it can be multiplied with one."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
              for part in ast.walk(node)}  # fmt: skip
    lines = text.encode().split(b"\n")
    found = [
        node for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) is float and id(node) not in inside
    ]  # fmt: skip
    for node in sorted(found, key=lambda one: (one.lineno, one.col_offset), reverse=True):
        start, end = node.col_offset, node.end_col_offset or 0
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line[:start] + b'_exact("' + line[start:end] + b'")' + line[end:]
    return b"\n".join(lines).decode()
