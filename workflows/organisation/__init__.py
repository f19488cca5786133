"""Units, the people in them, and the roles they hold."""
