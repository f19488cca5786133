"""The catalogue of actions: what each gives, and what the check says of those who ask wrongly."""

from datetime import date

import pytest

from tests.operations.town import action, package
from workflows.errors import Invalid
from workflows.processes.actions import CATALOGUE, Starts, carry_out
from workflows.processes.checking import check


def asking(name, /, **params):
    return package("p", "start:s service:a end:e", "s a; a e", {"a": action(name, **params)})


def test_every_action_tells_what_it_does_and_takes_what_it_says():
    for name, kind in CATALOGUE.items():
        assert kind.run.__doc__, name
        assert kind.required <= kind.params.keys()


def test_a_date_is_kept_as_text():
    done = carry_out("set_fact", {"name": "day", "value": date(2027, 3, 2)})
    assert done.answers == {"day": "2027-03-02"}


def test_starting_cases_says_what_to_start_and_starts_nothing():
    done = carry_out("start_cases", {"process": "rsa_annual", "units": "board company"})
    assert done.starts == Starts("rsa_annual", ("board", "company"), None, "", {})
    assert done.answers == {}


def test_sending_a_message_says_what_to_send():
    done = carry_out("send_message", {"name": "ask", "payload": {"amount": 1}})
    assert done.sends is not None
    assert (done.sends.name, done.sends.key, done.sends.payload) == ("ask", "", {"amount": 1})


@pytest.mark.parametrize(
    ("name", "params", "code"),
    [
        ("fly", {}, "unknown_action"),
        ("start_cases", {}, "wrong_parameters"),
        ("start_cases", {"process": "'x'", "colour": "'red'"}, "wrong_parameters"),
        ("start_cases", {"process": "7"}, "wrong_parameter"),
        ("start_cases", {"process": "'x'", "year": "True"}, "wrong_parameter"),
        ("send_message", {"name": "'x'", "payload": "[1]"}, "wrong_parameter"),
    ],
)
def test_what_is_asked_wrongly_is_a_problem_and_is_refused_when_run(name, params, code):
    found = check(asking(name, **params)).errors
    assert [(problem.code, problem.element, bool(problem.line)) for problem in found] == [
        (code, "a", True)
    ]
    values = {key: {"'x'": "x", "7": 7, "True": True, "[1]": [1]}.get(text, text)
              for key, text in params.items()}  # fmt: skip
    with pytest.raises(Invalid) as refused:
        carry_out(name, values)
    assert refused.value.code == code


def test_what_is_asked_rightly_is_no_problem():
    assert check(asking("start_cases", process="'x'", year="year + 1", data="{}")).errors == ()
