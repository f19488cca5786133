"""The process beside us in which scripts run: reads a script a line, answers with what it made.

Started by `scripts.py` as a program of its own (it imports nothing of ours), because the pool of
pydantic-monty does not survive a fork and because a process can be killed. Every line is JSON;
`pack` and `unpack` carry what JSON cannot.
"""

import json
import math
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

SECONDS = 1.0
MEMORY = 64_000_000
BITS = 512
ADDRESSES = 2_000_000_000
PRINTED = 10_000
SAID = 10_000_000
# No clock, no sleep; chance always falls the same way, so that a script can be run again.
POLICY = {
    "datetime": "call_host", "process_time": "zero", "sleep": "zero", "random_start": {"seed": 0},
}  # fmt: skip


def pack(value: Any) -> Any:
    """The value as JSON can carry it.

    :raises TypeError: if it is not plain data
    :raises OverflowError: if it is a number longer than any we keep
    """
    if isinstance(value, int) and value.bit_length() > BITS:
        raise OverflowError
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a key that is no text")
        return {key: pack(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [0, *map(pack, value)]
    if isinstance(value, float) and math.isfinite(value):
        return [1, repr(value)]
    for mark, kind in ((1, Decimal), (2, datetime), (3, date)):
        if type(value) is kind:
            return [mark, str(value)]
    raise TypeError(type(value).__name__)


def unpack(value: Any) -> Any:
    """What `pack` was given; a float comes back as the decimal it was written as."""
    if isinstance(value, dict):
        return {key: unpack(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    mark, *rest = value
    if mark == 0:
        return [unpack(item) for item in rest]
    return (Decimal, datetime.fromisoformat, date.fromisoformat)[mark - 1](rest[0])


def say(message: dict[str, Any]) -> None:
    """Send one line."""
    line = json.dumps(message)
    if len(line) > SAID:
        line = json.dumps({"failed": "too_large"})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def asking(name: str) -> Callable[..., Any]:
    """A function the script may call: asks the process that started us."""

    def ask(*arguments: Any) -> Any:
        say({"call": name, "with": pack(list(arguments))})
        answer = json.loads(sys.stdin.readline())
        if "failed" in answer:
            raise ValueError(answer["failed"])
        return unpack(answer["value"])

    return ask


def collecting(names: list[str]) -> str:
    """A script that gathers the names that have a value."""
    lines = ["_made = {}"]
    for name in names:
        lines += ["try:", f"    _made[{name!r}] = {name}", "except NameError:", "    pass"]
    return "\n".join([*lines, "_made"])


def run(pool: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Run one script in a session of its own."""
    import pydantic_monty as monty

    limits = {"max_feed_duration_secs": SECONDS, "max_memory": MEMORY, "max_recursion_depth": 200}
    functions = {name: asking(name) for name in request["functions"]}
    try:
        with pool.checkout(limits=limits, os_policy=POLICY) as session:
            session.feed_run("from decimal import Decimal as _exact")
            session.feed_run(
                request["text"], inputs=unpack(request["names"]), external_lookup=functions,
                print_callback=monty.CollectString(PRINTED),
            )  # fmt: skip
            return {"made": pack(session.feed_run(collecting(request["collect"])))}
    except (monty.MontyRuntimeError, monty.MontySyntaxError) as error:
        frames = error.traceback()
        return {
            "failed": type(error.exception()).__name__,
            "line": frames[-1].line if frames else 0,
        }
    except monty.MontyCrashedError:
        return {"failed": "TimeoutError", "line": 0}
    except OverflowError:
        return {"failed": "too_large", "line": 0}
    except TypeError as error:  # of `pack`: it says which
        return {"failed": "not_plain", "type": str(error)[:40], "line": 0}
    except (monty.MontyError, ValueError, RecursionError, TimeoutError) as error:
        return {"failed": "not_plain", "type": type(error).__name__, "line": 0}


def main() -> None:
    """Answer until the other end is closed."""
    import resource

    from pydantic_monty import Monty

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    with Monty(min_processes=1, max_processes=1, request_timeout=SECONDS + 0.3) as pool:
        for line in sys.stdin:
            say(run(pool, json.loads(line)))


if __name__ == "__main__":
    main()
