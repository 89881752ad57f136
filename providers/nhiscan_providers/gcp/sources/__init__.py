"""Reads one source each, and keeps only an allow-list of fields."""
