"""The steering calendar: working days, milestones, meetings, and deadlines that say why.

Values in, values out. `years.Calendar` is what one unit's years look like; `parsing.parse` reads
the deadline language; `deadlines.evaluate` gives an instant and its because, or what is missing.
"""
