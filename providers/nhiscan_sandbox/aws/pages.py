"""Cuts lists into pages the way AWS does, with markers that know which list they belong to."""

import base64
import binascii
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

from nhiscan_sandbox.aws.wire import Refusal

T = TypeVar("T")


def marker(offset: int, of: str) -> str:
    """Make the marker of a page that begins at `offset` in the list named `of`."""
    stamp = blake2b(of.encode(), digest_size=6).hexdigest()
    return base64.urlsafe_b64encode(f"{stamp}.{offset}".encode()).decode()


def offset(text: str | None, of: str, refusal: Refusal) -> int:
    """Read a marker back; one that is not of this list raises `refusal`."""
    if text is None:
        return 0
    try:
        _, _, number = base64.urlsafe_b64decode(text).decode().partition(".")
    except (binascii.Error, UnicodeDecodeError):
        raise refusal from None
    if marker(int(number) if number.isdecimal() else -1, of) != text:
        raise refusal
    return int(number)


def cut(rows: Sequence[T], start: int, size: int, of: str) -> tuple[Sequence[T], str | None]:
    """Return one page and the marker of the next, null on the last."""
    end = start + size
    return rows[start:end], marker(end, of) if end < len(rows) else None
