"""A witness that stands beside every verb in every test: a change without an event is a fault.

It wraps each verb of `workflows.operations` while a test runs. When the outermost one returns, what
it wrote to the database is looked at: tables changed, and no event added, fails the test.
"""

import functools
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from workflows import operations

CHANGE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
# A draft is told of once a sitting; counting attempts is a trace of its own; what a preview
# prepares changes nothing until it is applied; that a new task is told of follows from its opening.
# What is on its way between cases is told of where it was sent and where it arrives.
QUIET = {"draft", "attempts", "chain", "replanning", "replanning_move", "organisation_import"}
QUIET |= {"message", "wait", "notice", "task_call", "migration", "migration_case"}
QUIET |= {"approval"}  # when it is looked at next; what became of it is told
QUIET |= {"workshop_sitting", "process_draft", "impact"}  # a draft is told of once a sitting
QUIET |= {"year_switch", "year_switch_item"}  # looked at first, like other previews
QUIET |= {"seal", "seal_leaf"}  # a seal tells of itself, signed
REWRITES = {"purging.purge"}  # takes what events tell; nothing else ever touches one again
Verb = Callable[..., Any]


def verbs() -> dict[str, Verb]:
    """Every verb: a public function of an operations module that takes `by` and `now`."""
    found: dict[str, Verb] = {}
    for module in pkgutil.iter_modules(operations.__path__):
        loaded = importlib.import_module(f"workflows.operations.{module.name}")
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            wants = inspect.signature(function).parameters
            is_own = function.__module__ == loaded.__name__ and not name.startswith("_")
            if is_own and {"session", "by", "now"} <= wants.keys():
                found[f"{module.name}.{name}"] = function
    return found


class Witness:
    """What has been written since the outermost verb began."""

    def __init__(self) -> None:
        self.depth = 0
        self.changed: set[str] = set()
        self.rewrote = False

    def saw(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self.depth and (match := CHANGE.match(statement)):
            self.changed.add(match[1].lower())
            self.rewrote |= match[1].lower() == "event" and "INSERT" not in match[0].upper()

    def beside(self, name: str, verb: Verb) -> Verb:
        @functools.wraps(verb)
        def watched(session: Session, *args: Any, **kwargs: Any) -> Any:
            if self.depth == 0:
                session.flush()
                self.changed.clear()
                self.rewrote = False
            self.depth += 1
            try:
                answer = verb(session, *args, **kwargs)
                if self.depth == 1:
                    session.flush()
                    self.testify(name)
                return answer
            finally:
                self.depth -= 1

        return watched

    def testify(self, name: str) -> None:
        assert not self.rewrote or name in REWRITES, f"{name} changed or removed an event"
        told = "event" in self.changed
        quiet = self.changed <= QUIET
        assert told or quiet, f"{name} changed {sorted(self.changed)} and told the record nothing"


@contextmanager
def watching(patch: pytest.MonkeyPatch) -> Iterator[Witness]:
    """Stand beside every verb until the tests are over."""
    witness = Witness()
    for name, verb in verbs().items():
        module, _, function = name.partition(".")
        loaded = importlib.import_module(f"workflows.operations.{module}")
        patch.setattr(loaded, function, witness.beside(name, verb))
    event.listen(Engine, "before_cursor_execute", witness.saw)
    try:
        yield witness
    finally:
        event.remove(Engine, "before_cursor_execute", witness.saw)
