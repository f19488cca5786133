"""A whole year played in memory before it comes: by its processes, calendars and people."""
