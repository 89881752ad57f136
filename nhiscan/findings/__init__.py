"""Findings: the rows of the rules, each with a stable id, a severity, a date and a state."""
