"""Reads the file of a review that people decided on: CSV, XLSX or JSON."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from nhiscan.errors import UsageError
from nhiscan.evidence.keep import regular
from nhiscan.text import shortened

# DESIGN 6.2: a closed list.
DECISIONS = ("keep", "revoke", "remediate", "accept", "reassign", "defer")


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, cells as text) of a file with a header; empty rows are left out.

    UsageError if it cannot be read. Spreadsheets' guards against formulas are taken off.
    """
    try:
        regular(path)
        if path.suffix.lower() == ".xlsx":
            yield from _xlsx(path)
        elif path.suffix.lower() in (".json", ".jsonl"):
            yield from _json(path)
        else:
            yield from _csv(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start})") from error


def _csv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(StringIO(path.read_text("utf-8-sig"), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if len(header) == 1 and ";" in header[0]:
            raise UsageError(f"{path}:1: fields are separated by semicolons; save it with commas")
        _once(path, header)
        for row in reader:
            if len(row) > len(header):
                raise UsageError(f"{path}:{reader.line_num}: more fields than the header")
            if any(cell.strip() for cell in row):
                cells = [cell[1:] if _guarded(cell) else cell for cell in row]
                yield reader.line_num, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _once(path: Path, header: list[str]) -> None:
    """Refuse a file that has two cells for one answer."""
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{path}:1: two columns are called {shortened(twice, 40)!r}")


def _guarded(cell: str) -> bool:
    """Say whether our own CSV put a quote before a cell that a spreadsheet would execute."""
    return cell.startswith("'") and cell[1:2] in ("=", "+", "-", "@", "\t", "\r")


def _xlsx(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise UsageError(f"{path}: not an XLSX file: {error}") from None
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [str(cell or "").strip() for cell in next(rows, ())]
        _once(path, header)
        for number, row in enumerate(rows, 2):
            cells = [_text(cell) for cell in row]
            if any(cells):
                yield number, dict(zip(header, cells, strict=False))
    finally:
        book.close()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%dT%H:%M:%SZ}"
    return str(cell)


def _json(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    text = path.read_text("utf-8-sig")
    try:
        whole = json.loads(text)
        rows = list(enumerate(whole if isinstance(whole, list) else [whole], 1))
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply") from None
    except ValueError:
        try:
            lines = enumerate(text.split("\n"), 1)
            rows = [(number, json.loads(line)) for number, line in lines if line.strip()]
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}: not JSON: {error}") from None
    for number, row in rows:
        if not isinstance(row, dict):
            raise UsageError(f"{path}:{number}: a row is an object of JSON")
        yield number, {str(name): _json_text(value) for name, value in row.items()}


def _json_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def decision(text: str, where: str) -> str | None:
    """Read one decision; empty is none. ValueError names the nearest one."""
    cleaned = text.strip().lower()
    if not cleaned:
        return None
    if cleaned not in DECISIONS:
        near = get_close_matches(cleaned, DECISIONS, n=1)
        then = f"did you mean {near[0]!r}?" if near else f"one of: {', '.join(DECISIONS)}"
        raise ValueError(f"{where}: decision {text.strip()[:40]!r} is not known; {then}")
    return cleaned
