"""What is kept of a reply: an allow-list of fields, applied while the reply is parsed.

Nothing else is ever turned into an object. The bytes of a certificate become their SHA-256 at
once, because for old Automation accounts the same field held the private key (CVE-2021-42306);
`hint`, the first characters of a secret, has no field. Everything is optional: Graph leaves out
what a caller may not see, and new values of enumerations come without notice.
"""

import base64
import binascii
from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from nhiscan.ledger import Reading

T = TypeVar("T")

# What names an object or its subject; a row without it cannot be attributed to anything.
Id = Annotated[str, Meta(min_length=1)]


# Found in the bytes first, for hardly any object has it.
_REMOVED = b'"@removed"'


class _Marked(Struct):
    removed: Any = msgspec.field(name="@removed", default=None)


class UnreadableError(Exception):
    """Bytes that are not the JSON that was asked for: cut, no UTF-8, too deep, another shape."""


class Digest:
    """The SHA-256, in hex, of bytes that were sent as base64; empty if there were none."""

    __slots__ = ("hex",)

    def __init__(self, text: str) -> None:
        try:
            data = base64.b64decode(text, validate=False)
        except (binascii.Error, ValueError):
            data = text.encode("utf-8", "surrogatepass")
        self.hex = sha256(data).hexdigest() if data else ""


class Sent(Struct, frozen=True, gc=False, rename="camel"):
    """An object of Graph or Resource Manager; abstract."""


def read(body: bytes | Raw, kind: type[T]) -> T:
    """Parse a whole reply; UnreadableError, whatever it is that was sent instead."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError):  # the decoder's own errors, and no UTF-8, are ValueErrors
        raise UnreadableError from None


def take(reading: Reading, raw: Iterable[Raw], kind: type[T]) -> list[T]:
    """Parse objects one by one; one that cannot be read makes the reading partial, not shorter.

    What is marked as removed is not there, and left out.
    """
    found: list[T] = []
    decoder = msgspec.json.Decoder(kind, dec_hook=_hook, strict=False)
    for one in raw:
        try:
            if _REMOVED in bytes(one) and read(one, _Marked).removed is not None:
                continue
            found.append(decoder.decode(one))
        except (ValueError, RecursionError, UnreadableError):
            reading.mark("partial", f"an object has not the shape of a {kind.__name__.lower()}")
    return found


def parse(reading: Reading, body: bytes, kind: type[T]) -> T | None:
    """Parse one object; null, and a partial reading, if it cannot be read."""
    found = take(reading, (Raw(body),), kind)
    return found[0] if found else None


def low(text: str | None) -> str:
    """Return an id in the one case that ids are compared in; empty if there is none."""
    return (text or "").lower()


def _hook(kind: type, value: Any) -> Any:
    if kind is Digest and isinstance(value, str):
        return Digest(value)
    raise TypeError(f"no reading of {kind.__name__}")
