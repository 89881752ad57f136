"""Packs tables for the page: by column, repeated texts once, compressed, as base64."""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from nhiscan.table import Table

# A column whose values repeat at least this often, on average, is written as a list of its values.
REPEATS = 2
# Identities whose details stand in one block: what is opened is unpacked, and no more.
BLOCK = 250


def packed(value: Any) -> str:
    """Compress JSON to text that can end no element of HTML; the same value gives the same text."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode("ascii")


def columns(table: Table) -> dict[str, Any]:
    """Write a table by its columns; times are seconds since 1970 (UTC)."""
    found = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    return {
        "title": table.title,
        "notes": list(table.notes),
        "n": len(table.rows),
        "columns": {
            name: _column([plain(value) for value in values])
            for name, values in zip(table.columns, found, strict=True)
        },
    }


def _column(values: list[Any]) -> Any:
    if not all(value is None or isinstance(value, str) for value in values):
        return values
    known: dict[str | None, int] = {}
    places = [known.setdefault(value, len(known)) for value in values]
    return values if len(known) * REPEATS > len(values) else {"d": list(known), "i": places}


def blocks(identities: Sequence[str], details: Iterable[Table]) -> list[dict[str, Any]]:
    """Split tables whose first column is an identity into blocks of identities, in their order."""
    place = {identity: number for number, identity in enumerate(identities)}
    found: list[dict[str, Any]] = [{} for _ in range(-(-len(identities) // BLOCK))]
    for table in details:
        for row in table.rows:
            number = place.get(row[0])
            if number is not None:
                rows = found[number // BLOCK].setdefault(table.name, {})
                rows.setdefault(str(number), []).append([plain(value) for value in row[1:]])
    return found


def plain(value: Any) -> Any:
    """Turn a value into what JSON has."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int(moment.timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, float):
        return round(value, 4)
    return value
