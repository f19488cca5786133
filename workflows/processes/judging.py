"""What kind of change lies between two versions: of words alone, which may reach running cases at
once, or of what runs; and what of it makes a secret process less guarded.
"""

from dataclasses import replace
from typing import Any

from workflows.canonical import parse
from workflows.engine import Compiled
from workflows.processes.models import Secrecy, stricter
from workflows.processes.packages import Package

ASKED = ("schema", "tiers", "registers", "register", "carry_over")  # no words in these


def is_editorial(old: Package, new: Package, before: Compiled, after: Compiled) -> bool:
    """Tell whether only words differ: nothing a case does, asks for or is dated by."""
    return (
        before.plan == after.plan
        and _wordless(before) == _wordless(after)
        and {name: _bare(content) for name, content in old.forms.items()}
        == {name: _bare(content) for name, content in new.forms.items()}
        and old.tables == new.tables
    )


def softened(before: Compiled, after: Compiled) -> list[dict[str, str]]:
    """List what would make a secret process less guarded: fewer secrets, more roles, fewer eyes.

    Only the head of protective security may let that happen (decision 11).
    """
    old, new = before.description, after.description
    if old.secrecy != Secrecy.SECRET:
        return []
    found = []
    if stricter(Secrecy(old.secrecy), Secrecy(new.secrecy)) != Secrecy(new.secrecy):
        found.append({"code": "secrecy", "element": new.process})
    for key, step in new.steps.items():
        was = old.steps.get(key)
        if was is None:
            continue
        is_given_otherwise = step.assignee not in (None, was.assignee)
        if set(step.roles) - set(was.roles) or step.of != was.of or is_given_otherwise:
            found.append({"code": "roles", "element": key})
        if set(was.not_by) - set(step.not_by):
            found.append({"code": "not_by", "element": key})
    known = {role for step in old.steps.values() for role in step.roles}
    for key, step in new.steps.items():
        if key not in old.steps and set(step.roles) - known:
            found.append({"code": "roles", "element": key})
    return found


def _wordless(compiled: Compiled) -> Any:
    description = compiled.description
    steps = {
        key: replace(step, names={}, documentation={}) for key, step in description.steps.items()
    }
    lanes = {key: replace(lane, names={}) for key, lane in description.lanes.items()}
    return replace(
        description, names={}, documentation={}, basis_text=None, colour=None, steps=steps,
        lanes=lanes, parts=(),
    )  # fmt: skip


def _bare(content: bytes) -> object:
    """Give a form without its words: a text is always a pair of languages. What it asks for is not
    looked into: a field may be called `sv`."""
    try:
        form = parse(content)
    except ValueError:
        return content
    if not isinstance(form, dict):
        return content
    asked = {key: form[key] for key in ASKED if key in form}
    return _without_words({key: form[key] for key in form if key not in ASKED}), asked


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"sv", "en"} and all(isinstance(one, str) for one in value.values()):
            return ""
        return {key: _without_words(one) for key, one in value.items()}
    return [_without_words(one) for one in value] if isinstance(value, list) else value
