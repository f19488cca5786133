"""Files that people attach, and documents made from what a case knows."""
