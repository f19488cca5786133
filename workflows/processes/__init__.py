"""Processes and their published versions: what can be run, and in which wording."""
