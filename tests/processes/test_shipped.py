"""Every process that is shipped can be published as it is, without one doubt about it."""

import re

import pytest

from tests.processes.walking import PACKAGES
from workflows.calendar.names import FIELDS
from workflows.processes.checking import check


@pytest.mark.parametrize("key", PACKAGES)
def test_nothing_is_doubtful_about_a_shipped_process(key):
    assert check(PACKAGES[key]).problems == ()


@pytest.mark.parametrize("key", PACKAGES)
def test_every_step_says_why_and_how_in_both_languages_and_has_a_deadline(key):
    compiled = check(PACKAGES[key]).compiled
    assert compiled is not None
    for step in compiled.description.steps.values():
        assert set(step.documentation) == set(step.names) == {"sv", "en"}
        assert step.form in PACKAGES[key].forms
        assert step.due
        assert step.roles
    drawn = compiled.description.steps.values()
    assert set(PACKAGES[key].forms) == {step.form for step in drawn}, "a form no step asks for"


def test_a_rule_table_that_several_processes_use_says_the_same_in_all():
    told = {}
    for package in PACKAGES.values():
        for name, table in package.tables.items():
            assert told.setdefault(name, table) == table


@pytest.mark.parametrize("key", PACKAGES)
def test_every_field_that_a_deadline_counts_from_has_words(key):
    compiled = check(PACKAGES[key]).compiled
    rules = [due.rule for step in compiled.description.steps.values() for due in step.due]
    counted_from = re.findall(r"(?<![-+] )\b(?:case|item)\.(\w+)\b(?! ?[a-z])", " ".join(rules))
    assert set(counted_from) <= FIELDS.keys()
