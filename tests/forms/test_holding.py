"""Answers held against a schema by ourselves fail just where jsonschema says that they do."""

from collections.abc import Callable
from decimal import Decimal
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from workflows.forms.holding import faults
from workflows.forms.schema import closed

TYPES = Draft202012Validator.TYPE_CHECKER.redefine(
    "number", lambda _, value: isinstance(value, int | Decimal) and not isinstance(value, bool)
)
EXTEND: Callable[..., type[Validator]] = extend
ORACLE = EXTEND(Draft202012Validator, type_checker=TYPES)

NAMES = st.sampled_from("abcd")
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
KEYWORDS: dict[str, dict[str, list[Any]]] = {
    "string": {
        "minLength": [0, 2],
        "maxLength": [0, 1, 2],
        "pattern": ["^a", "b$", "^[ab]+$"],
        "enum": [[], ["a", "ab"]],
    },
    "integer": {one: [0, 2] for one in BOUNDS},
    "number": {one: [1, Decimal("1.5")] for one in BOUNDS},
    "boolean": {"const": [True]},
}
LISTS: dict[str, list[Any]] = {"minItems": [0, 2], "maxItems": [0, 1, 2], "uniqueItems": [True]}
LEAVES = [
    {"type": kind, keyword: limit}
    for kind, keywords in KEYWORDS.items()
    for keyword, limits in keywords.items()
    for limit in limits
]
SOME_LISTS: list[dict[str, Any]] = [
    {"type": "array", "items": leaf, keyword: limit}
    for leaf in LEAVES[::5]
    for keyword, limits in LISTS.items()
    for limit in limits
]
SOME_OBJECTS: list[dict[str, Any]] = [
    {"type": "object", "required": required, "properties": {"a": leaf, "b": {"type": "string"}}}
    for leaf in LEAVES[::3]
    for required in ([], ["b"], ["a", "b", "c"])
]
SCHEMAS = [*LEAVES, *SOME_LISTS, *SOME_OBJECTS]
PLAIN = [None, True, False, 0, 1, 2, 3, Decimal("1.0"), Decimal("1.5"), "", "a", "ab", "ba", "abb"]
ANSWERS: list[Any] = [
    *PLAIN,
    *([one] for one in PLAIN),
    *({"a": one} for one in PLAIN),
    *([], ["a", "a"], ["a", "ab"], ["a", "b", "c"], [1, True], [1, Decimal("1.0")], [{"a": 1}]),
    *({}, {"b": "x"}, {"a": 1, "b": "x"}, {"a": "a", "b": 1, "d": 2}),
]


def told(schema: dict[str, Any], answers: Any) -> list[tuple[Any, ...]]:
    return [
        (tuple(one.absolute_path), one.validator, one.validator_value, one.instance)
        for one in ORACLE(schema).iter_errors(answers)
    ]


def test_each_keyword_fails_where_jsonschema_says():
    for schema, answers in product(map(closed, SCHEMAS), ANSWERS):
        found = [tuple(one) for one in faults(schema, answers)]
        assert found == told(schema, answers), (schema, answers)


@given(st.data())
def test_several_fields_fail_in_the_order_jsonschema_says(data: st.DataObject):
    properties = {name: data.draw(st.sampled_from(SCHEMAS)) for name in "abc"}
    keywords = {"type": "object", "properties": properties, "required": ["a", "c"]}
    schema = closed(dict(data.draw(st.permutations(list(keywords.items())))))
    answers = {name: data.draw(st.sampled_from(ANSWERS)) for name in data.draw(st.sets(NAMES))}
    assert [tuple(one) for one in faults(schema, answers)] == told(schema, answers)
