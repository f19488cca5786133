"""The one gate for what people type: safe expressions, and scripts in a sandbox beside us.

An expression is read with Python's own parser into a tree, checked node by node against a short
list of what is allowed, and turned into closures of ours; nothing reaches `eval` or `exec`.
"""

from workflows.expressions.allowance import Allowance
from workflows.expressions.compiling import OFFERED, RESERVED, compile_expression
from workflows.expressions.evaluating import Expression, evaluate
from workflows.expressions.failures import ExpressionError, ExpressionFailed
from workflows.expressions.values import plain

__all__ = [
    "OFFERED",
    "RESERVED",
    "Allowance",
    "Expression",
    "ExpressionError",
    "ExpressionFailed",
    "compile_expression",
    "evaluate",
    "plain",
]
