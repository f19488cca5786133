"""Read FEEL expressions and unary tests, by descent."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, cast

from workflows.engine.rule_tables.feel import (
    Against,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    In,
    Interval,
    Item,
    Literal,
    Logic,
    Many,
    Matches,
    Name,
    Negative,
    Node,
    Path,
    Tested,
    Tests,
)  # fmt: skip
from workflows.engine.rule_tables.feel_functions import FUNCTIONS, read_at
from workflows.engine.rule_tables.feel_tokens import FeelError, Token, tokens_of, unescaped

DEEPEST = 40
_CONSTANTS = {"true": True, "false": False, "null": None}
_COMPARISONS = ("<=", ">=", "!=", "<", ">", "=")


def read_expression(text: str, declared: Collection[str] = ()) -> Node:
    """Read an expression; `declared` names may have spaces in them.

    :raises FeelError: if it is none
    """
    return cast(Node, _read(text, frozenset(declared), _Reader.expression))


def read_tests(text: str, declared: Collection[str] = ()) -> Tests:
    """Read the tests of a cell; an empty one holds for anything.

    :raises FeelError: if they are none
    """
    if text.strip() in ("", "-"):
        return Tests()
    tests = _read(text, frozenset(declared), _Reader.tests)
    return Tests(tests.any_of, tests.negated, text.strip())


def names_in(node: Any) -> frozenset[str]:
    """The names a parsed text asks for."""
    return frozenset(one.name for one in parts_of(node) if isinstance(one, Name))


def parts_of(node: Any) -> list[Any]:
    """A node and everything in it."""
    found, pending = [], [node]
    while pending:
        one = pending.pop()
        if isinstance(one, tuple):
            pending.extend(one)
        elif hasattr(one, "worth"):
            found.append(one)
            pending.extend(getattr(one, slot) for slot in one.__slots__)
    return found


def _read(text: str, declared: frozenset[str], how: Callable[["_Reader"], Any]) -> Any:
    reader = _Reader(tokens_of(text, declared))
    found = how(reader)
    if reader.here.sort != "end":
        raise reader.error()
    return found


class _Reader:
    """Goes through the tokens once; one method per level of binding."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def error(self, code: str = "syntax", **params: object) -> FeelError:
        return FeelError(code, self.here.column, **params)

    def take(self) -> Token:
        token = self.here
        self.place += 1
        return token

    def has(self, *texts: str) -> bool:
        return self.here.sort in ("sign", "keyword") and self.here.text in texts

    def accept(self, *texts: str) -> str | None:
        return self.take().text if self.has(*texts) else None

    def expect(self, *texts: str) -> str:
        found = self.accept(*texts)
        if found is None:
            raise self.error()
        return found

    # --- tests ---------------------------------------------------------------------------

    def tests(self) -> Tests:
        if self.accept("-"):
            if self.here.sort == "end":
                return Tests()
            self.place -= 1
        if self.here == Token("name", "not", self.here.column) and self._is_negation():
            self.place += 2
            inner = self.one_or_more()
            self.expect(")")
            return Tests(inner, negated=True)
        return Tests(self.one_or_more())

    def _is_negation(self) -> bool:
        """Whether `not(` encloses the whole cell rather than beginning an expression."""
        depth = 0
        for token in self.tokens[self.place + 1 : -1]:
            if token.sort == "sign" and token.text in "()":
                depth += 1 if token.text == "(" else -1
                if not depth:
                    return token is self.tokens[-2]
        return False

    def one_or_more(self) -> tuple[Node, ...]:
        found = [self.test()]
        while self.accept(","):
            found.append(self.test())
        return tuple(found)

    def test(self) -> Node:
        sign = self.accept(*_COMPARISONS)
        if sign:
            return Against(sign, self.sum())
        value = self.expression()
        return Matches(value, is_claim=any(isinstance(one, Tested) for one in parts_of(value)))

    # --- expressions ---------------------------------------------------------------------

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error("too_deep")
        found = self.choice() if self.has("if") else self.either()
        self.depth -= 1
        return found

    def choice(self) -> Node:
        self.expect("if")
        test = self.expression()
        self.expect("then")
        body = self.expression()
        self.expect("else")
        return Choice(test, body, self.expression())

    def either(self) -> Node:
        parts = [self.both()]
        while self.accept("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Logic(decisive=True, parts=tuple(parts))

    def both(self) -> Node:
        parts = [self.comparison()]
        while self.accept("and"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else Logic(decisive=False, parts=tuple(parts))

    def comparison(self) -> Node:
        left = self.sum()
        sign = self.accept(*_COMPARISONS)
        if sign:
            return Comparison(sign, left, self.sum())
        if self.accept("between"):
            low = self.sum()
            self.expect("and")
            both_ends = Interval(low, self.sum(), low_closed=True, high_closed=True)
            return In(left, Tests((Matches(both_ends),)))
        if self.accept("in"):
            return In(left, self.membership())
        return left

    def membership(self) -> Tests:
        start = self.place
        if self.accept("("):  # several tests, unless it is `(1..5]`
            tests = self.one_or_more()
            if self.accept(")"):
                return Tests(tests)
            self.place = start
        return Tests((self.test(),))

    def sum(self) -> Node:
        left = self.product()
        while sign := self.accept("+", "-"):
            left = Arithmetic(sign, left, self.product())
        return left

    def product(self) -> Node:
        left = self.power()
        while sign := self.accept("*", "/"):
            left = Arithmetic(sign, left, self.power())
        return left

    def power(self) -> Node:
        left = self.signed()
        while sign := self.accept("**"):
            left = Arithmetic(sign, left, self.signed())
        return left

    def signed(self) -> Node:
        minuses = 0
        while self.accept("-"):
            minuses += 1
        value = self.followed(self.atom())
        for _ in range(minuses % 2):
            value = Negative(value)
        return value

    def followed(self, value: Node) -> Node:
        while self.has(".", "["):
            if self.accept("."):
                if self.here.sort != "name":
                    raise self.error()
                value = Path(value, self.take().text)
            else:
                if not isinstance(value, Name | Path | Item | Call | Many):
                    return value  # `5[`: the open end of a range, not an item
                self.take()
                value = Item(value, self.expression())
                self.expect("]")
        return value

    def atom(self) -> Node:
        token = self.take()
        if token.sort == "number":
            return Literal(Decimal(token.text) if "." in token.text else int(token.text))
        if token.sort == "string":
            return Literal(unescaped(token.text))
        if token.sort == "keyword" and token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text])
        if token.sort == "name":
            return self.call(token) if self.has("(") else Name(token.text)
        match token.text if token.sort == "sign" else "":
            case "?":
                return Tested()
            case "@":
                return self.at()
            case "(" | "[" | "]" as opening:
                return self.enclosed(opening)
        self.place -= 1
        if token.sort == "keyword":
            raise self.error("not_supported", construct=token.text)
        raise self.error()

    def at(self) -> Node:
        token = self.take()
        try:
            return Literal(read_at(unescaped(token.text)))
        except ValueError:
            raise FeelError("not_a_date", token.column) from None

    def enclosed(self, opening: str) -> Node:
        """After `(`, `[` or `]`: an expression, a list or a range."""
        if opening == "[" and self.accept("]"):
            return Many(())
        first = self.expression()
        if self.accept(".."):
            last = self.sum()
            closing = self.expect("]", "[", ")")
            return Interval(first, last, opening == "[", closing == "]")
        if opening == "(":
            self.expect(")")
            return first
        if opening == "]":
            raise self.error()
        items = [first]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return Many(tuple(items))

    def call(self, name: Token) -> Node:
        if name.text not in FUNCTIONS:
            raise FeelError("unknown_function", name.column, name=name.text)
        function, least, most = FUNCTIONS[name.text]
        self.expect("(")
        arguments = []
        if not self.has(")"):
            arguments.append(self.expression())
            while self.accept(","):
                arguments.append(self.expression())
        self.expect(")")
        if not least <= len(arguments) <= most:
            raise FeelError("wrong_arguments", name.column, function=name.text)
        call = Call(name.text, function, tuple(arguments))
        if name.text in ("date", "time", "date and time", "duration"):
            _try_literal(call, name.column)
        return call


def _try_literal(call: Call, column: int) -> None:
    """A written date is looked at now rather than the day the rule is first reached."""
    if all(isinstance(one, Literal) for one in call.arguments):
        try:
            call.function(None, *(one.worth(None) for one in call.arguments))  # type: ignore[arg-type]  # a literal asks for no scope
        except (ValueError, TypeError, OverflowError, AttributeError):
            raise FeelError("not_a_date", column) from None
