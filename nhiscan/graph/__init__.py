"""Who can act as whom: relations of trust, the graph they make, what is reached and shared."""
