"""The files that `nhiscan init` writes."""
