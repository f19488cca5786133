"""What somebody types into a diagram is refused or bounded, wherever an expression can stand."""

from time import perf_counter

import pytest

from tests.engine.acting import Acting
from tests.engine.drawing import boundary, diagram, timer
from workflows.engine import Rejected, compile_diagram
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


def at(site: str, attack: str) -> bytes:
    many = "<multiInstanceLoopCharacteristics>{}</multiInstanceLoopCharacteristics>"
    text = escaped(attack)
    match site:
        case "condition":
            return diagram("start:s xor:g user:a user:b", f"s g; g a | {attack}; g b | default")
        case "timer":
            return diagram("start:s catch:c end:e", "s c; c e", {"c": timer(attack)})
        case "boundary":
            return diagram("start:s user:a end:e", "s a; a e; b e",
                           more=boundary("b", "a", timer(attack)))  # fmt: skip
        case "count":
            inside = many.format(f"<loopCardinality>{text}</loopCardinality>")
        case "rows":
            inside = many.format(f"<loopDataInputRef>{text}</loopDataInputRef>")
        case "until":
            inside = many.format(
                "<loopCardinality>2</loopCardinality>"
                f"<completionCondition>{text}</completionCondition>"
            )
        case "loop":
            inside = (
                f"<standardLoopCharacteristics><loopCondition>{text}</loopCondition>"
                "</standardLoopCharacteristics>"
            )
        case "script":
            return diagram("start:s script:a end:e", "s a; a e",
                           {"a": f"<script>x = {text}</script>"})  # fmt: skip
        case "key":
            return diagram("start:s receive:r[messageRef=M]", "s r", beside=MESSAGE.format(text))
        case "parameter":
            return diagram("start:s service:a", "s a", {"a": (
                '<extensionElements><arshjul:action name="set_fact"><arshjul:param name="x">'
                f"{text}</arshjul:param></arshjul:action></extensionElements>")})  # fmt: skip
        case "event":
            return diagram("start:s catch:c", "s c", {"c": (
                f"<conditionalEventDefinition><condition>{text}</condition>"
                "</conditionalEventDefinition>")})  # fmt: skip
        case _:
            raise AssertionError(site)
    return diagram("start:s user:a end:e", "s a; a e", {"a": inside})


# In a script these are Python like any other, and touch nothing outside the sandbox.
HARMLESS = {"script": ("(lambda: 1)()", "1 if (x := 2) else 3", "print(1)", "type(1)")}
SITES = ("condition", "timer", "boundary", "count", "rows", "until", "loop", "script", "key",
         "parameter", "event")  # fmt: skip


@pytest.mark.parametrize("site", SITES)
def test_no_attack_gets_through(site):
    for attack in ATTACKS:
        began = perf_counter()
        try:
            compiled = compile_diagram(at(site, attack))
        except Rejected as rejected:
            assert rejected.problems
            continue
        case = Acting(compiled)
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
