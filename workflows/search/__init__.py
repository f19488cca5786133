"""What can be searched for: a row for each thing that may be found, and the index of its words."""
