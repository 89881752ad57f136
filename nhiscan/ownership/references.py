"""Reads what a tag, an audit log or a contact says into single references to parties."""

import re
import unicodedata

from nhiscan.text import is_unsafe

# An address has at most 254 characters (RFC 5321, 4.5.3.1.3, less the brackets); names are shorter.
# What is longer names nobody, and is not worth reading.
LONGEST = 320
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'/\\|@]{1,64}@[^\s<>()\[\],;:\"'/\\|@]{1,254}")
_SEPARATORS = re.compile(r"[,;|]|\s/\s|\s&\s|\s\+\s")


def references(text: str) -> list[str]:
    """Split what names several parties; a text without a separator or address is one reference.

    Addresses are taken out of what stands around them: `Dana Reyes <dana@…>`, `mailto:dana@…`, an
    ARN whose session is an address. Texts longer than LONGEST are not for reading.
    """
    addresses = [found.strip(".") for found in _ADDRESS.findall(text)]
    if addresses:
        return list(dict.fromkeys(addresses))
    parts = [part.strip() for part in _SEPARATORS.split(text)]
    return list(dict.fromkeys(part for part in parts if part)) or [text]


def normal(text: str) -> str:
    """Return the form in which references are compared: composed, one case, single spaces.

    Characters that only look alike stay different: a Cyrillic letter never names a Latin one.
    """
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def squeezed(text: str) -> str:
    """Return the form in which placeholders are compared: one case, no spaces at all."""
    return "".join(normal(text).split())


def doubtful(text: str) -> str | None:
    """Say why a text may look like a known reference and not be it; null if nothing is odd."""
    if any(is_unsafe(character) for character in text):
        return "it holds characters that do not show"
    if "@" in text and not text.isascii():
        return "it holds letters outside ASCII, which may only look like those of an address"
    return None
