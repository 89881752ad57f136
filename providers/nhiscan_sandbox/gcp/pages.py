"""Cuts lists into pages, with tokens that know which call they belong to."""

import base64
import binascii
import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from nhiscan_sandbox.gcp.wire import refuse

# Whatever else a caller changes between two pages makes the token invalid.
_FREE = ("pageSize", "pageToken", "maxResults", "prettyPrint", "alt", "$alt")


class Asked(Struct, kw_only=True):
    """One call, as both transports put it.

    `target` is the resource name that the path holds; `params` are the query's, the body's or the
    request message's fields in JSON's spelling. `empty_page` makes the answer a page without rows;
    of the answer, only the share `cut` will arrive if that is not null.
    """

    service: str
    operation: str
    target: str
    params: dict[str, Any]
    token: str | None = None
    quota_project: str | None = None
    empty_page: bool = False
    cut: float | None = None

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        return str(self.params.get(name) or default)

    def several(self, name: str) -> list[str]:
        """Return a repeated parameter."""
        value = self.params.get(name) or []
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false."""
        return str(self.params.get(name, "")).lower() == "true"

    @property
    def paged(self) -> bool:
        """Say whether the call asks for a page beyond the first."""
        return bool(self.params.get("pageToken"))


def page(
    asked: Asked,
    rows: Sequence[Any],
    key: str,
    *,
    cap: int,
    default: int,
    size: str = "pageSize",
) -> dict[str, Any]:
    """Answer with one page of `rows` under `key`, and the token of the next unless it is the last.

    Raises INVALID_ARGUMENT for a token of another call, or of this one with other parameters.
    """
    wanted = int(asked.params.get(size) or 0)
    if wanted < 0:
        raise refuse("INVALID_ARGUMENT", "The page size must not be negative.")
    start = _start(asked)
    if asked.empty_page:
        return {"nextPageToken": _token(asked, start)}
    end = start + min(wanted or default, cap)
    answer: dict[str, Any] = {key: list(rows[start:end])} if rows[start:end] else {}
    return answer | ({"nextPageToken": _token(asked, end)} if end < len(rows) else {})


def bad_token() -> Exception:
    """Make the refusal of a page token that is not, or no longer, valid."""
    return refuse("INVALID_ARGUMENT", "The page token is invalid or has expired.")


def _start(asked: Asked) -> int:
    text = asked.params.get("pageToken")
    if not text:
        return 0
    try:
        _, _, number = base64.urlsafe_b64decode(str(text)).decode().partition(".")
    except (binascii.Error, UnicodeDecodeError):
        raise bad_token() from None
    if not number.isdecimal() or _token(asked, int(number)) != text:
        raise bad_token()
    return int(number)


def _token(asked: Asked, offset: int) -> str:
    fixed = {name: value for name, value in asked.params.items() if name not in _FREE}
    call = json.dumps([asked.service, asked.operation, asked.target, fixed], sort_keys=True)
    seal = blake2b(call.encode(), digest_size=8).hexdigest()
    return base64.urlsafe_b64encode(f"{seal}.{offset}".encode()).decode()
