"""The steering calendar as people keep it: milestones, meetings, closed days, and their changes."""
