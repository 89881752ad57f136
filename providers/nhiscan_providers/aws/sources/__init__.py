"""Reads one group of sources each: calls in, plain facts or records out."""
