"""Every code rule tables come with, and its parameters, for those who find words for them."""

# When a file is read: errors, with element, name and line; within a rule also `rule` and `column`,
# within a text also `position`.
PROBLEMS: dict[str, tuple[str, ...]] = {
    "empty_file": (),
    "file_too_large": ("limit",),
    "not_xml": (),
    "document_type": (),
    "not_dmn": (),
    "no_decisions": (),
    "no_id": (),
    "duplicate_id": (),
    "no_logic": (),
    "not_supported": ("construct",),
    "other_language": ("language",),
    "no_such_decision": ("name",),
    "decision_cycle": (),
    "too_deep": (),
    "too_large": (),
    "too_long": ("limit",),
    "valid_never": (),
    "not_a_date": (),
    "unknown_hit_policy": ("name",),
    "bad_aggregation": ("name",),
    "no_priorities": (),
    "no_outputs": (),
    "output_names": (),
    "no_expression": (),
    "cells_missing": (),
    "not_a_value": (),
    "not_allowed": (),
    "syntax": (),
    "unknown_function": ("name",),
    "wrong_arguments": ("function",),
}
# When a table is looked through: warnings; an example is a FEEL text per column.
DOUBTS: dict[str, tuple[str, ...]] = {
    "rules_overlap": ("rules", "example"),
    "rule_never_reached": ("rule", "by"),
    "no_rule_for": ("example",),
    "not_analysed": ("column",),
}
# When a decision is asked: always `decision`; where it happens in a rule also `rule` and `column`.
FAILURES: dict[str, tuple[str, ...]] = {
    "no_decision": (),
    "no_rule": (),
    "several_rules": ("rules",),
    "contradiction": ("rules",),
    "no_value": ("name",),
    "wrong_type": ("type", "expected"),
    "not_allowed": (),
    "not_valid": ("valid_from", "valid_to"),
    "not_computable": ("left", "right"),
    "function_failed": ("function",),
    "not_plain": ("type",),
    "too_large": (),
    "too_much_work": (),
}
