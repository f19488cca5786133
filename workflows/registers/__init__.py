"""What steps of cases produce, kept as rows of typed registers: risks, actions and more."""

from workflows.forms.registers import Definition, definition, names

__all__ = ["Definition", "definition", "names"]
