"""A small city to try the product in; the people are invented and marked so."""
