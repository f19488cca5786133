"""What an auditor draws out of the record to look at, and what they make of it."""
