"""Scripts: what they give back, and that their workers survive threads, forks and kills."""

import os
import signal
import threading
from datetime import date
from decimal import Decimal

import pytest

from workflows.expressions import ExpressionError, ExpressionFailed, scripts, workers


def test_a_script_gives_the_names_it_has_changed():
    names = {"amount": Decimal(10), "risks": [1], "other": 3, "today": date(2027, 1, 5)}
    found = scripts.run_script(
        "total = amount * 1.25\n"
        "risks.append(2)\n"
        "for risk in risks:\n    _seen = risk\n"
        "def twice(n):\n    return n * 2\n"
        "if other:\n    doubled = twice(other)\n"
        "same = other\n"
        "other = 3\n"
        "late = today > today.replace(year=2026)\n",
        names,
    )
    assert found == {
        "total": Decimal("12.50"), "risks": [1, 2], "doubled": 6, "same": 3, "late": True,
    }  # fmt: skip
    assert names["risks"] == [1]


def test_a_float_becomes_the_decimal_it_is_written_as():
    found = scripts.run_script("x = 10 / 4\ny = [0.1 + 0.2, f'{1.5}']", {})
    assert found == {"x": Decimal("2.5"), "y": [Decimal("0.3"), "1.5"]}
    assert type(found["x"]) is Decimal


def test_a_script_may_ask_the_functions_it_is_given():
    asked = []

    def milestone(code):
        asked.append(code)
        return date(2027, 5, 25)

    found = scripts.run_script("x = [milestone('T1')] * 2", {}, {"milestone": milestone})
    assert found == {"x": [date(2027, 5, 25)] * 2}
    assert asked == ["T1"]


def test_a_key_named_as_a_function_breaks_no_script():
    names = {"len": 4, "sum": 5, "__class__": 6, "a b": 7, "class": 8, "risks": [1, 2]}
    assert scripts.run_script("x = len(risks) + sum(risks)", names) == {"x": 5}


def test_a_failure_tells_line_and_kind_but_no_value():
    with pytest.raises(ExpressionFailed) as failure:
        scripts.run_script("x = 1\n\ny = {}[secret]", {"secret": "Frost"})
    assert failure.value.code == "script_failed"
    assert failure.value.params == {"cause": "KeyError", "line": 3, "names": ("secret",)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = amount + 1\ny = x\nfor z in [y]:\n    w = z", []),
        ("x = amont", [("unknown_name", 1)]),
        ("x = 1\ny = = 2", [("syntax", 2)]),
        ("x = 1\nimport os", [("unknown_module", 2)]),
        ("with amount as x:\n    pass", [("forbidden", 1)]),
        ("x = amount._secret\neval('1')", [("private_name", 1), ("forbidden", 2),
                                           ("unknown_name", 2)]),
        ("match amount:\n    case 1:\n        x = 1", []),
    ],
)  # fmt: skip
def test_a_script_is_checked_without_being_run(text, found):
    problems = scripts.check_script(text, {"amount"})
    assert sorted((one.code, one.params["line"]) for one in problems) == sorted(found)


def test_the_nearest_name_is_offered():
    assert scripts.check_script("x = amont", {"amount"})[0].params["nearest"] == "amount"


def test_checking_runs_nothing():
    assert scripts.check_script("while True:\n    pass") == []


def test_a_killed_worker_is_replaced():
    assert scripts.run_script("x = 1", {}) == {"x": 1}
    for worker in workers._workers.idle:
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
    assert scripts.run_script("x = 2", {}) == {"x": 2}


def test_a_worker_killed_while_it_works_fails_that_script_only():
    assert scripts.run_script("x = 1", {}) == {"x": 1}
    [worker, *_] = workers._workers.idle[::-1]

    def strike(_code):
        os.killpg(worker.process.pid, signal.SIGKILL)
        return 1

    with pytest.raises(ExpressionFailed):
        scripts.run_script("x = milestone('T1')", {}, {"milestone": strike})
    assert scripts.run_script("x = 2", {}) == {"x": 2}


def test_threads_have_workers_of_their_own_and_no_more_than_a_few():
    found = {}

    def work(number):
        found[number] = [scripts.run_script("y = x + 1", {"x": number})["y"] for _ in range(5)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [number + 1] * 5 for number in range(8)}
    assert len(workers._workers.idle) <= workers.MOST


def test_a_forked_process_runs_scripts_of_its_own():
    assert scripts.run_script("x = 1", {}) == {"x": 1}
    child = os.fork()
    if child == 0:  # no assertion may leave this branch
        try:
            good = scripts.run_script("x = 7", {}) == {"x": 7}
        except ExpressionError:
            good = False
        workers._workers.close()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert scripts.run_script("x = 8", {}) == {"x": 8}
