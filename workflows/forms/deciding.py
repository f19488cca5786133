"""Which answer of a form is the decision, and whether it approves."""

from collections.abc import Mapping

from workflows.forms.definition import Field, Form, Kind

CHANGED = "approved_changed"
APPROVING = frozenset({"approved", CHANGED, "accepted", "yes", "true"})


def verdict_field(form: Form) -> Field | None:
    """The field that holds the decision: the first that must be answered and that may approve."""
    fields = (one for one in form.fields if one.required and not one.read_only)
    return next((one for one in fields if _may_approve(one)), None)


def _may_approve(one: Field) -> bool:
    return one.kind is Kind.BOOLEAN or any(each.value in APPROVING for each in one.options)


def outcome(form: Form | None, answers: Mapping[str, object]) -> str:
    """What was decided; handing in a review without a choice approves."""
    verdict = verdict_field(form) if form else None
    if verdict is None:
        return "approved"
    value = answers.get(verdict.name)
    return str(value).lower() if isinstance(value, bool) else str(value or "")
