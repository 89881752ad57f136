"""Judges what Microsoft says: pure functions over values, and tables with their sources."""
