"""The store: one DuckDB file, its history, its views, and the one way of writing it."""
