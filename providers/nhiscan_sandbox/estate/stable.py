"""Ids that look like a platform's own and are the same in every run."""

import base64
from hashlib import blake2b


def stable_id(prefix: str, *parts: str, length: int = 21) -> str:
    """Make an id of `length` characters: `prefix`, then base 32 of a hash over the parts."""
    digest = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=20).digest()
    return (prefix + base64.b32encode(digest).decode())[:length]
