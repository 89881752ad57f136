"""Reads AWS policy text and account facts without calling anything."""
