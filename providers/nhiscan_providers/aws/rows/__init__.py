"""Turns what was read into records, one kind of subject per file."""
