"""The security year as running processes: cases, deadlines, people, and what happened."""
