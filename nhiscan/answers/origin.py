"""Says whose list a file is: by its parameters sheet, the manifest beside it, or its rows."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nhiscan.answers.sheet import Cells
from nhiscan.answers.workbook import rows, workbook

UNASSIGNED = "unassigned"
_SHEET = "Parameters"
_MOST_BYTES = 64 << 20


def owner_of(file: Path, listed: Sequence[Cells]) -> str | None:
    """Return the party whose list it is, `unassigned` for nobody's, None where that is not said."""
    found = _from_sheet(file) if file.suffix.lower() == ".xlsx" else None
    return found or _from_manifest(file) or _from_rows(listed)


def _from_sheet(file: Path) -> str | None:
    """Read `owner` of the parameters; a list that is not by owner has none there."""
    with workbook(file) as book:
        if _SHEET not in book.sheetnames:
            return None
        for key, value, *_ in (row for row in rows(book[_SHEET]) if len(row) > 1):
            if str(key or "").strip() == "owner":
                return str(value).strip() if value is not None and str(value).strip() else None
    return None


def _from_manifest(file: Path) -> str | None:
    """Look the file up in the manifest of the folder that it was written to, if it lies there."""
    for folder in list(file.resolve().parents)[:2]:
        place = folder / "manifest.json"
        if not place.is_file() or place.stat().st_size > _MOST_BYTES:
            continue
        try:
            entries = list(_entries(json.loads(place.read_text("utf-8"))))
        except (ValueError, OSError, RecursionError):
            continue
        path = file.resolve().relative_to(folder).as_posix()
        for entry in entries:
            if entry.get("path") == path and "owner" in entry:
                return str(entry["owner"] or UNASSIGNED)
    return None


def _entries(manifest: Any) -> Iterator[dict[str, Any]]:
    listed = manifest.get("files") if isinstance(manifest, dict) else None
    yield from (one for one in listed or () if isinstance(one, dict))


def _from_rows(listed: Sequence[Cells]) -> str | None:
    """Take the owner that every row names; rows of several owners are a list of no one of them."""
    owners = {cells["owner"].strip() for cells in listed if "owner" in cells}
    return next(iter(owners)) or UNASSIGNED if len(owners) == 1 else None
