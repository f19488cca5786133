"""What can be wrong with an expression or a script, when it is read and when it is worked out."""

from workflows.errors import Invalid


class ExpressionError(Invalid):
    """The text is no expression or script of ours; always with `line` and `column`."""

    code = "expression_error"


class ExpressionFailed(ExpressionError):
    """It gives no value with these data: `names` are those it asks for, and no value is told."""

    code = "expression_failed"
