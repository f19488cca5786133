"""How long things are kept, and what is weeded out when that time has passed (gallring)."""
