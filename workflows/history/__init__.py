"""What happened, in order, so that nobody can change it unnoticed; rows are only ever added."""
