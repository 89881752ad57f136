"""Makes records from what was read."""
