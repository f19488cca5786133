"""What can be wrong with an expression, when it is read and when it is worked out."""

from workflows.errors import Invalid


class ExpressionError(Invalid):
    """The text is no expression of ours; `params` hold line, column and what the code is about.

    Codes: empty, too_long, syntax, too_deep, forbidden (construct), bad_number, private_name,
    unknown_name and unknown_function (name, nearest), function_as_value, shadows (name),
    wrong_arguments (function).
    """

    code = "expression_error"


class ExpressionFailed(ExpressionError):
    """It could not be worked out with these data; tells names and types, never values.

    Codes: no_value (name), no_key (key), no_item, not_plain (type), not_comparable and
    not_computable (left, right), not_a_list, not_a_mapping, not_a_date, too_large, too_much_work,
    no_function and function_failed (function), failed.
    """

    code = "expression_failed"
