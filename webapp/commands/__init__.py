"""What the `arshjul` command does: a module for each kind of errand, a function for each word.

Each function takes the options and the settings, prints what a person wants to know, and returns
the exit code: 0 good, 1 found something wrong, 2 used wrongly. Its docstring is its help.
"""

GOOD, FOUND_SOMETHING, USED_WRONGLY = 0, 1, 2
