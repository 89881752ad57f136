"""Findings as the import files of ticket systems, each described by a profile, which is data."""
