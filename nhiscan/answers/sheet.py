"""Reads the file that people answered in: CSV, XLSX or JSON, every value as text."""

import csv
import json
from collections.abc import Collection, Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nhiscan.answers.workbook import rows, workbook
from nhiscan.errors import UsageError
from nhiscan.evidence.keep import regular
from nhiscan.text import shortened

if TYPE_CHECKING:
    from openpyxl import Workbook

Cells = dict[str, str]


def read_rows(
    path: Path, needed: Collection[str] = (), *, repeated: bool = False
) -> Iterator[tuple[int, Cells]]:
    """Yield (line, cells as text) of a file with a header; empty rows are left out.

    Of a workbook the first sheet is read that has the `needed` columns, by default the first.
    A column that stands there twice is refused, or with `repeated` its cells are joined by blanks.
    UsageError if the file cannot be read. Spreadsheets' guards against formulas are taken off.
    """
    try:
        regular(path)
        suffix = path.suffix.lower()
        if suffix in (".xlsx", ".xlsm", ".xlsb", ".xls"):
            yield from _xlsx(path, needed, repeated=repeated)
        elif suffix in (".json", ".jsonl"):
            yield from _json(path)
        else:
            yield from _csv(path, repeated=repeated)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start})") from error


def _csv(path: Path, *, repeated: bool) -> Iterator[tuple[int, Cells]]:
    reader = csv.reader(StringIO(path.read_text("utf-8-sig"), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if len(header) == 1 and ";" in header[0]:
            raise UsageError(f"{path}:1: fields are separated by semicolons; save it with commas")
        _once(path, header, repeated=repeated)
        for row in reader:
            if len(row) > len(header):
                raise UsageError(f"{path}:{reader.line_num}: more fields than the header")
            if any(cell.strip() for cell in row):
                cells = [cell[1:] if _guarded(cell) else cell for cell in row]
                yield reader.line_num, _joined(header, cells)
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _joined(header: list[str], cells: list[str]) -> Cells:
    """Name the cells of a row; what stands under one name twice is joined."""
    named: Cells = {}
    for name, cell in zip(header, cells, strict=False):
        before = named.get(name)
        named[name] = f"{before} {cell}" if before and cell else before or cell
    return named


def _once(path: Path, header: list[str], *, repeated: bool) -> None:
    """Refuse a file that has two cells for one answer."""
    if repeated:
        return
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{path}:1: two columns are called {shortened(twice, 40)!r}")


def _guarded(cell: str) -> bool:
    """Say whether our own CSV put a quote before a cell that a spreadsheet would execute."""
    return cell.startswith("'") and cell[1:2] in ("=", "+", "-", "@", "\t", "\r")


def _xlsx(path: Path, needed: Collection[str], *, repeated: bool) -> Iterator[tuple[int, Cells]]:
    with workbook(path) as book:
        found = rows(_sheet(path, book, needed))
        header = [_text(cell).strip() for cell in next(found, ())]
        _once(path, header, repeated=repeated)
        for number, row in enumerate(found, 2):
            cells = [_text(cell) for cell in row]
            if any(cell.strip() for cell in cells):
                yield number, _joined(header, cells)


def _sheet(path: Path, book: "Workbook", needed: Collection[str]) -> Any:
    """Choose the sheet of the list: the first one, or the first that has the needed columns."""
    if not book.worksheets:
        raise UsageError(f"{path}: the workbook has no sheet with cells")
    for sheet in book.worksheets:
        header = {_text(cell).strip() for cell in next(rows(sheet), ())}
        if set(needed) <= header:
            return sheet
    named = ", ".join(repr(shortened(sheet.title, 40)) for sheet in book.worksheets[:10])
    raise UsageError(
        f"{path}: no sheet has the columns {', '.join(sorted(needed))} in its first row"
        f" (sheets: {named})",
        hint="answer in the file as it was sent, header and all",
    )


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a sheet knows one kind of number
    return str(cell)


def _json(path: Path) -> Iterator[tuple[int, Cells]]:
    text = path.read_text("utf-8-sig")
    try:
        whole = json.loads(text)
        found = list(enumerate(whole if isinstance(whole, list) else [whole], 1))
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply") from None
    except ValueError:
        try:
            lines = enumerate(text.split("\n"), 1)
            found = [(number, json.loads(line)) for number, line in lines if line.strip()]
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}: not JSON: {error}") from None
    for number, row in found:
        if not isinstance(row, dict):
            raise UsageError(f"{path}:{number}: a row is an object of JSON")
        yield number, {str(name): _json_text(value) for name, value in row.items()}


def _json_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
