"""SQL as users ask it: one read-only statement at a time, and the library of questions."""
