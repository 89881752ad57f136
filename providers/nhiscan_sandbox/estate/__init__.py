"""Estates: what the stand-in clouds hold, as data."""
