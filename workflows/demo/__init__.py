"""A city to try the product in, built by the real verbs under a simulated clock."""

from workflows.demo.building import Size, begins, grow, plant

__all__ = ["Size", "begins", "grow", "plant"]
