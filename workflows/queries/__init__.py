"""The questions of the pages; they read and never write."""
