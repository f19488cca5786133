"""Ask a rule table: once, or for each row of a list."""

from typing import Any

from workflows.engine.evaluating import Failure, Names
from workflows.engine.plan import Node, Plan


def decide(plan: Plan, node: Node, names: Names) -> dict[str, Any]:
    """What a business rule task gives the case."""
    raise Failure("no_decisions", f"{node.decision} of {plan.main} with {len(names)}")
