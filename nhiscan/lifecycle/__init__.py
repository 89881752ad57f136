"""The life of an identity: which of its stages are proven, missing, or not known."""
