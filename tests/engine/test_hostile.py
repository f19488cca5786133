"""What somebody types into a diagram is refused or bounded, wherever an expression can stand."""

from collections.abc import Callable
from time import perf_counter

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import boundary, diagram, timer
from workflows.engine import check_diagram
from workflows.engine.timing import is_rule

ATTACKS = [
    "__import__('os').system('true')",
    "().__class__.__base__.__subclasses__()",
    "(lambda: 1)()",
    "open('/etc/passwd').read()",
    "[x for x in range(10**9)]",
    "9**9**9**9",
    "'a' * 10**10",
    "exec('1')",
    "eval('1')",
    "globals()",
    "{}.__class__",
    "f'{1.__class__}'",
    "(" * 500 + "1" + ")" * 500,
    "sum([1] * 10**9)",
    "getattr(1, 'real')",
    "breakpoint()",
    "exit()",
    "(yield)",
    "a := 1",
    "1 if (x := 2) else 3",
    "print(1)",
    "type(1)",
    "len.__globals__",
    "case.__init__",
    "'{0.__class__}'.format(1)",
]
MESSAGE = (
    '<message id="M" name="m"><extensionElements><arshjul:correlation>{}</arshjul:correlation>'
    "</extensionElements></message>"
)


def escaped(attack: str) -> str:
    return attack.replace("&", "&amp;").replace("<", "&lt;")


def in_step(inside: str) -> bytes:
    return diagram("start:s user:a end:e", "s a; a e", {"a": inside})


def in_many(inside: str) -> bytes:
    return in_step(f"<multiInstanceLoopCharacteristics>{inside}</multiInstanceLoopCharacteristics>")


def in_catch(inside: str) -> bytes:
    return diagram("start:s catch:c end:e", "s c; c e", {"c": inside})


def in_action(text: str) -> bytes:
    param = f'<arshjul:param name="x">{text}</arshjul:param>'
    action = f'<arshjul:action name="set_fact">{param}</arshjul:action>'
    inside = f"<extensionElements>{action}</extensionElements>"
    return diagram("start:s service:a", "s a", {"a": inside})


SITES: dict[str, Callable[[str, str], bytes]] = {
    "condition": lambda raw, _: diagram(
        "start:s xor:g user:a user:b", f"s g; g a | {raw}; g b | default"
    ),
    "timer": lambda raw, _: in_catch(timer(raw)),
    "boundary": lambda raw, _: diagram(
        "start:s user:a end:e", "s a; a e; b e", more=boundary("b", "a", timer(raw))
    ),
    "count": lambda _, text: in_many(f"<loopCardinality>{text}</loopCardinality>"),
    "rows": lambda _, text: in_many(f"<loopDataInputRef>{text}</loopDataInputRef>"),
    "until": lambda _, text: in_many(
        f"<loopCardinality>2</loopCardinality><completionCondition>{text}</completionCondition>"
    ),
    "loop": lambda _, text: in_step(
        f"<standardLoopCharacteristics><loopCondition>{text}</loopCondition>"
        "</standardLoopCharacteristics>"
    ),
    "script": lambda _, text: diagram(
        "start:s script:a end:e", "s a; a e", {"a": f"<script>x = {text}</script>"}
    ),
    "key": lambda _, text: diagram(
        "start:s receive:r[messageRef=M]", "s r", beside=MESSAGE.format(text)
    ),
    "parameter": lambda _, text: in_action(text),
    "event": lambda _, text: in_catch(
        f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"
    ),
}
# In a script these are Python like any other, and touch nothing outside the sandbox.
HARMLESS = {"script": ("(lambda: 1)()", "1 if (x := 2) else 3", "print(1)", "type(1)")}


@pytest.mark.parametrize("site", sorted(SITES))
def test_no_attack_gets_through(site):
    for attack in ATTACKS:
        began = perf_counter()
        source = SITES[site](attack, escaped(attack))
        if any(problem.severity == "error" for problem in check_diagram(source)):
            continue
        case = Acting(source)
        if site in ("until", "loop"):
            case.complete("a")
        assert not case.finished or case.stopped == []
        if site != "event" and attack not in HARMLESS.get(site, ()):
            assert case.stopped, (site, attack)
        assert perf_counter() - began < 4  # bounded; the sandbox gives a script one second


@pytest.mark.parametrize("text", ["A" * 5000 + "!", "1d" * 3000, "a " * 3000, "case.a" * 900 + "!"])
def test_a_long_rule_is_read_in_no_time(text):
    began = perf_counter()
    is_rule(text)
    assert perf_counter() - began < 1
