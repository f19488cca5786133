"""Cases: runs of a process for one unit and year, and what they wait for."""
