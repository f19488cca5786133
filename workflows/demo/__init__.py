"""A small city to try the product in, built by the real verbs under a simulated clock."""

from workflows.demo.building import in_use_since, load

__all__ = ["in_use_since", "load"]
