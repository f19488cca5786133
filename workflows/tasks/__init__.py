"""Tasks: steps of a case that people do, and the drafts of their answers."""
