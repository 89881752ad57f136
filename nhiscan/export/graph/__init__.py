"""The graph as files that other tools read: nodes and edges of fixed kinds, hostile text inert."""
