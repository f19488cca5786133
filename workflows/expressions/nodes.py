"""Turn a checked tree into closures, each a node of the work to do."""

import ast
from typing import Any, cast

from workflows.expressions import operators
from workflows.expressions.evaluating import Node, Run
from workflows.expressions.failures import ExpressionFailed
from workflows.expressions.functions import STANDARD
from workflows.expressions.operators import item_of
from workflows.expressions.values import INSTANT, admit

_CONSTANTS = {"true": True, "false": False, "null": None}
_BINARY: dict[type[ast.operator], operators.Binary] = {
    ast.Add: operators.add, ast.Sub: operators.subtract, ast.Mult: operators.multiply,
    ast.Div: operators.divide, ast.FloorDiv: operators.floor_divide, ast.Mod: operators.modulo,
    ast.Pow: operators.power,
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], operators.Binary] = {
    ast.Eq: operators.equal, ast.NotEq: operators.unequal, ast.Is: operators.equal,
    ast.IsNot: operators.unequal, ast.Lt: operators.less, ast.LtE: operators.at_most,
    ast.Gt: operators.greater, ast.GtE: operators.at_least, ast.In: operators.holds,
    ast.NotIn: operators.lacks,
}  # fmt: skip


class Builder:
    """Builds inside out; knows which names are loop variables where it stands."""

    def __init__(self) -> None:
        self.local: list[str] = []

    def build(self, node: ast.expr) -> Node:  # noqa: C901  # one case per kind of node
        match node:
            case ast.Constant(value=value):
                return _constant(value)
            case ast.Name(id=name):
                return self.name(name)
            case ast.Attribute(value=holder, attr=key):
                return _item(self.build(holder), _constant(key))
            case ast.Subscript(value=holder, slice=key):
                return _item(self.build(holder), self.build(key))
            case ast.BoolOp(op=sign, values=values):
                return _boolean(sign, [self.build(one) for one in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return _not(self.build(operand))
            case ast.UnaryOp(op=sign, operand=operand):
                minus = isinstance(sign, ast.USub)
                return _unary(operators.negative if minus else operators.positive,
                              self.build(operand))  # fmt: skip
            case ast.BinOp(left=left, op=sign, right=right):
                return _binary(_BINARY[type(sign)], self.build(left), self.build(right))
            case ast.Compare():
                return self.comparison(node)
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                return _choice(self.build(test), self.build(body), self.build(otherwise))
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return _list([self.build(item) for item in items])
            case ast.Dict(keys=keys, values=values):
                return _mapping(
                    {key.value: self.build(value)  # type: ignore[union-attr]  # checked: constants
                     for key, value in zip(keys, values, strict=True)}
                )  # fmt: skip
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return _call(name, [self.build(argument) for argument in arguments])
            case ast.ListComp() | ast.GeneratorExp():
                return self.comprehension(node)
        raise AssertionError(f"{type(node).__name__} passed the check")

    def name(self, name: str) -> Node:
        if name in self.local:
            return lambda run: run.local[name]
        if name in _CONSTANTS:
            return _constant(_CONSTANTS[name])

        def look_up(run: Run) -> Any:
            try:
                value = run.names[name]
            except KeyError:
                raise ExpressionFailed("no_value", name=name) from None
            return value if type(value) in INSTANT else admit(value)

        return look_up

    def comparison(self, node: ast.Compare) -> Node:
        parts = [self.build(node.left), *(self.build(one) for one in node.comparators)]
        written = [isinstance(one, ast.Constant) for one in (node.left, *node.comparators)]
        pairs = []
        for place, sign in enumerate(node.ops):
            # Two values of unknown size are weighed; beside a written one nothing takes long.
            heavy = isinstance(sign, ast.In | ast.NotIn) or not any(written[place : place + 2])
            pairs.append((_COMPARE[type(sign)], heavy))
        if len(pairs) > 1:
            return _chain(parts, pairs)
        (compare, heavy), (left, right) = pairs[0], parts
        return _weighed(compare, left, right) if heavy else _binary_light(compare, left, right)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Node:
        loops = []
        before = len(self.local)
        for loop in node.generators:
            items = self.build(loop.iter)
            name = cast(ast.Name, loop.target).id
            self.local.append(name)
            loops.append((name, items, [self.build(one) for one in loop.ifs]))
        element = self.build(node.elt)
        del self.local[before:]
        weight = sum(1 for _ in ast.walk(node))

        def collect(run: Run) -> list[Any]:
            made: list[Any] = []
            outer = run.local
            run.local = dict(outer)
            _loop(run, loops, 0, element, weight, made)
            run.local = outer
            return made

        return collect


def _loop(
    run: Run,
    loops: list[tuple[str, Node, list[Node]]],
    depth: int,
    element: Node,
    weight: int,
    made: list[Any],
) -> None:
    name, items, conditions = loops[depth]
    among = items(run)
    if type(among) is not list:
        raise ExpressionFailed("not_a_list", type=type(among).__name__)
    local, innermost = run.local, depth + 1 == len(loops)
    for item in among:
        run.left -= weight  # `charge`, without the call
        if run.left < 0:
            raise ExpressionFailed("too_much_work")
        local[name] = item if type(item) in INSTANT else admit(item)
        for condition in conditions:
            if not condition(run):
                break
        else:
            if innermost:
                made.append(element(run))
            else:
                _loop(run, loops, depth + 1, element, weight, made)


def _constant(value: Any) -> Node:
    return lambda run: value


def _item(holder: Node, key: Node) -> Node:
    return lambda run: item_of(holder(run), key(run))


def _boolean(sign: ast.boolop, parts: list[Node]) -> Node:
    both = isinstance(sign, ast.And)
    if len(parts) == 2:
        left, right = parts
        if both:
            return lambda run: left(run) and right(run)
        return lambda run: left(run) or right(run)

    def join(run: Run) -> Any:
        value: Any = None
        for part in parts:
            value = part(run)
            if bool(value) is not both:
                break
        return value

    return join


def _not(operand: Node) -> Node:
    return lambda run: not operand(run)


def _unary(sign: Any, operand: Node) -> Node:
    return lambda run: sign(operand(run))


def _binary_light(sign: operators.Binary, left: Node, right: Node) -> Node:
    return lambda run: sign(left(run), right(run))


def _binary(sign: operators.Binary, left: Node, right: Node) -> Node:
    def work(run: Run) -> Any:
        value = sign(left(run), right(run))
        if type(value) is str or type(value) is list:  # joined: what is made is paid for
            run.charge(len(value) >> 4 if type(value) is str else len(value))
        return value

    return work


def _weighed(sign: operators.Binary, left: Node, right: Node) -> Node:
    def work(run: Run) -> Any:
        one, other = left(run), right(run)
        run.weigh(one)
        run.weigh(other)
        return sign(one, other)

    return work


def _chain(parts: list[Node], pairs: list[tuple[operators.Binary, bool]]) -> Node:
    def work(run: Run) -> bool:
        left = parts[0](run)
        for part, (compare, heavy) in zip(parts[1:], pairs, strict=True):
            right = part(run)
            if heavy:
                run.weigh(left)
                run.weigh(right)
            if not compare(left, right):
                return False
            left = right
        return True

    return work


def _choice(test: Node, body: Node, otherwise: Node) -> Node:
    return lambda run: body(run) if test(run) else otherwise(run)


def _list(items: list[Node]) -> Node:
    return lambda run: [item(run) for item in items]


def _mapping(items: dict[str, Node]) -> Node:
    return lambda run: {key: item(run) for key, item in items.items()}


def _call(name: str, arguments: list[Node]) -> Node:
    standard = STANDARD.get(name)
    if standard is None:
        return lambda run: run.call(name, [argument(run) for argument in arguments])
    function = standard.call
    if len(arguments) == 1:
        only = arguments[0]
        return lambda run: function(run, only(run))
    return lambda run: function(run, *[argument(run) for argument in arguments])
