"""How one value of a Table reads as text or JSON, the same in every format."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from nhiscan.text import is_unsafe


def text(value: Any) -> str:
    """Write a value as text: null is empty, times are ISO 8601 (UTC with Z), nested is JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, (list, tuple, dict)):
        return json_text(value)
    return str(value)


def moment(value: datetime) -> str:
    """Write a time as ISO 8601 in UTC with Z; a time without a zone stays without one."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def json_text(value: Any) -> str:
    """Write a value as one line of JSON whose every character is safe to print.

    What a terminal would act on is written as an escape, so a reader gets the same string back.
    """
    try:
        line = _dumped(value)
    except (TypeError, ValueError):  # a number or a key that JSON lacks
        line = _dumped(plain(value))
    if line.isprintable():
        return line
    return "".join(_json_escape(c) if is_unsafe(c) else c for c in line)


def _dumped(value: Any) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, separators=(", ", ": "), default=_simple
    )


def _simple(value: Any) -> Any:
    """Turn what JSON has no type for into what it has; exactly as `plain` does."""
    if isinstance(value, Decimal | datetime | date):
        return plain(value)
    return str(value)


def _json_escape(character: str) -> str:
    """Escape as JSON does: characters beyond U+FFFF are two surrogates."""
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def plain(value: Any) -> Any:
    """Turn a value into what JSON has; numbers that JSON lacks become their names."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return plain(float(value))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {text(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def keys(columns: Sequence[str]) -> list[str]:
    """Name every column differently: the second `id` of a join becomes `id_2`."""
    taken = set(columns)
    seen: set[str] = set()
    names = []
    for column in columns:
        name, number = column, 1
        while name in seen or (number > 1 and name in taken):
            number += 1
            name = f"{column}_{number}"
        seen.add(name)
        names.append(name)
    return names


def encode(line: str) -> bytes:
    r"""Encode as UTF-8; a lone surrogate, which has no encoding, becomes its `\ud800` escape."""
    return line.encode("utf-8", "backslashreplace")
