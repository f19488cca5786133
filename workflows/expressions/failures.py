"""What can be wrong with an expression or a script, when it is read and when it is worked out."""

from workflows.errors import Invalid

# Every code with the parameters it comes with, for those who find words for them.
# When read: always `line` and `column` as well.
ERRORS = {
    "empty": (),
    "too_long": ("limit",),
    "syntax": (),
    "too_deep": (),
    "forbidden": ("construct",),
    "bad_number": (),
    "private_name": ("name",),
    "unknown_name": ("name", "nearest"),
    "unknown_function": ("name", "nearest"),
    "unknown_module": ("name",),
    "function_as_value": ("name",),
    "shadows": ("name",),
    "wrong_arguments": ("function",),
}
# When worked out: always `names`, the data it asks for.
FAILURES = {
    "no_value": ("name",),
    "no_key": ("key",),
    "no_item": (),
    "not_plain": ("type",),
    "not_comparable": ("left", "right"),
    "not_computable": ("left", "right"),
    "not_a_list": ("type",),
    "not_a_mapping": ("key", "type"),
    "not_a_date": ("type",),
    "too_large": (),
    "too_much_work": (),
    "no_function": ("function",),
    "function_failed": ("function", "cause"),
    "script_failed": ("cause", "line"),
    "failed": ("cause",),
}


class ExpressionError(Invalid):
    """The text is no expression or script of ours; the code is one of ERRORS."""

    code = "expression_error"


class ExpressionFailed(ExpressionError):
    """It gives no value with these data; the code is one of FAILURES, and no value is told."""

    code = "expression_failed"
