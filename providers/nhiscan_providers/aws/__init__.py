"""The AWS adapter."""
