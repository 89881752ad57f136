"""A scan: plan, collect side by side into spool files, then merge, resolve and publish at once."""
