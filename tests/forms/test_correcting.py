"""The form for putting right what a case knows."""

from pathlib import Path

from workflows.forms import correction, read_form
from workflows.forms.correcting import understood

REVIEW = Path("forms/yearly_review")


def _form(name):
    return read_form((REVIEW / f"{name}.json").read_bytes())


def test_a_value_is_asked_for_by_the_step_that_asks_and_not_by_one_that_only_shows_it():
    for known in (["check", "approve"], ["approve", "check"]):
        made = correction([_form(name) for name in known], ["items"], {"items": []})
        field = made.find("items")
        assert field is not None
        assert not field.read_only
        assert "status" in [each.name for each in field.fields]


def test_a_value_that_no_step_asks_for_is_asked_for_by_what_it_is():
    values = {"count": 3, "day": "2027-05-11", "yes": True, "gone": None, "list": [1]}
    made = correction([], values, values)
    assert {field.name: field.kind.value for field in made.fields} == {
        "count": "integer", "day": "date", "yes": "boolean", "gone": "text"
    }  # fmt: skip


def test_what_could_be_of_any_kind_becomes_what_it_reads_as():
    made = correction([], ["a", "b", "c"], {})
    given = {"a": "12", "b": "ja", "c": "hej"}
    assert understood(made, given) == {"a": 12, "b": True, "c": "hej"}
