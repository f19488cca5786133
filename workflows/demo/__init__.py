"""A small city to try the product in, built by the real verbs under a simulated clock."""

from workflows.demo.building import load

__all__ = ["load"]
