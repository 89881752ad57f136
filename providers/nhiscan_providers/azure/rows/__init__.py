"""Turns what was read into records, one module per kind of record."""
