"""XLSX: a sheet with a frozen, filtered header, in which no text is a formula."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.values import keys, text

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

# Excel specifications and limits: rows of a sheet, UTF-16 units of a cell, characters of a sheet's
# name, digits of a number.
SHEET_ROWS = 1_048_576
CELL_UNITS = 32_767
LONGEST_SHEET = 31
EXACT = 10**15
LONG = CELL_UNITS // 2
# A list of choices stands in 255 characters (Excel, data validation).
LONGEST_CHOICES = 255
# Excel's calendar is wrong before 1 March 1900.
_FIRST_DATE = date(1900, 3, 1)
_CUT = "…"
# The earliest time that a zip file can state; it stands wherever the format wants a date.
_ZIP_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - the format has no zones
ZONE = "All times are UTC."
# What XML 1.0 cannot hold (section 2.2). Excel's own escape of that, `_x001B_`, XlsxWriter guards.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Nothing that is written as text may become anything else.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": False,
}


class Xlsx:
    """Text cells hold text, times are UTC without a zone (Excel has none), null is an empty cell.

    The last sheet says what a reader must know: the zone, the table's notes, and cells that
    were cut to Excel's 32,767 characters. Columns with choices offer them as a list.
    """

    name: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "Excel workbook"
    suffix: ClassVar[str] = ".xlsx"
    binary: ClassVar[bool] = True

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write row by row; the same table gives the same bytes."""
        book = _Book(stream)
        cut = 0
        for number, start in enumerate(range(0, max(1, len(table.rows)), SHEET_ROWS - 1), 1):
            rows = table.rows[start : start + SHEET_ROWS - 1]
            cut += book.sheet(f"Rows {number}" if number > 1 else "Rows", table, rows)
        book.notes(table.title, table.notes, cut)
        book.close()

    def write_all(self, title: str, tables: Sequence[Table], stream: BinaryIO) -> None:
        """Write several tables, a sheet each, named by the begin of their titles."""
        book = _Book(stream)
        notes: list[str] = []
        cut = 0
        names = _sheet_names([table.title for table in tables])
        for sheet, table in zip(names, tables, strict=True):
            rows = table.rows[: SHEET_ROWS - 1]
            cut += book.sheet(sheet, table, rows)
            notes += [f"{sheet}: {note}" for note in table.notes]
            if len(rows) < len(table.rows):
                notes.append(f"{sheet}: cut to {len(rows)} of {len(table.rows)} rows")
        book.notes(title, notes, cut)
        book.close()


class _Book:
    """A workbook being written, and its few formats."""

    def __init__(self, stream: BinaryIO) -> None:
        from xlsxwriter import Workbook

        self._book: Workbook = Workbook(stream, _OPTIONS)
        self._book.set_properties({"created": _ZIP_EPOCH})
        self._head = self._book.add_format({"bold": True})
        # The quote prefix keeps Excel from making a formula of "=…" when somebody edits the cell.
        self._text = self._book.add_format({"quote_prefix": True})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})

    def sheet(self, title: str, table: Table, rows: Sequence[Sequence[Any]]) -> int:
        """Write one sheet; return how many cells were cut."""
        sheet = self._book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        names = keys(table.columns)
        for number, name in enumerate(names):
            sheet.set_column(number, number, min(60, max(12, len(name) + 4)))
            sheet.write_string(0, number, excel_text(name), self._head)
        if names:
            sheet.autofilter(0, 0, len(rows), len(names) - 1)
        for number, name in enumerate(table.columns):
            _offer(sheet, number, table.choices.get(name, ()), len(rows))
        return sum(self._row(sheet, number, row) for number, row in enumerate(rows, 1))

    def _row(self, sheet: "Worksheet", number: int, row: Sequence[Any]) -> int:
        """Write one row; return how many cells were cut."""
        cut = 0
        for column, given in enumerate(row):
            if given is None:
                continue
            # most cells are short plain text, which needs no look at each character
            is_plain = type(given) is str and len(given) < LONG and given.isascii()
            value = given if is_plain and given.isprintable() and given else excel_value(given)
            if isinstance(value, str):
                cut += len(value) > LONG and _units(value) >= CELL_UNITS - 1
                sheet.write_string(number, column, value, self._text)
            elif isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(number, column, value)
            elif isinstance(value, date):
                form: Format = self._time if isinstance(value, datetime) else self._day
                sheet.write_datetime(number, column, value, form)
        return cut

    def notes(self, title: str, notes: Sequence[str], cut: int) -> None:
        """Write the sheet of what a reader must know."""
        sheet = self._book.add_worksheet("Notes")
        sheet.set_column(0, 0, 100)
        told = [title, ZONE, *notes]
        if cut:
            told.append(
                f"{cut} cells reach Excel's limit of {CELL_UNITS} characters and may be cut; "
                "JSON Lines and Parquet hold them whole."
            )
        for number, note in enumerate(note for note in told if note):
            sheet.write_string(number, 0, excel_text(note), self._text)

    def close(self) -> None:
        """Write the file."""
        self._book.close()


def _offer(sheet: "Worksheet", column: int, choices: Sequence[str], rows: int) -> None:
    """Let a column's cells be filled from a list."""
    if choices and rows and len(",".join(choices)) <= LONGEST_CHOICES:
        sheet.data_validation(
            1,
            column,
            rows,
            column,
            {
                "validate": "list",
                "source": list(choices),
                "error_title": "Not one of the answers",
                "error_message": f"One of: {', '.join(choices)}"[:LONGEST_CHOICES],
            },
        )


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Name sheets: at most 31 characters that Excel takes, no two alike, whatever their case."""
    taken = {"notes", "history"}  # ours, and one that Excel keeps to itself
    names = []
    for title in titles:
        plain = re.sub(r"[^A-Za-z0-9 ._-]+", " ", title).strip()
        name, number = plain[:LONGEST_SHEET].strip() or "Table", 1
        while name.lower() in taken:
            number += 1
            ending = f" {number}"
            name = (plain[: LONGEST_SHEET - len(ending)].strip() or "Table") + ending
        taken.add(name.lower())
        names.append(name)
    return names


def excel_value(value: Any) -> Any:
    """Turn a value into what a cell holds without loss; what Excel would bend becomes text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return excel_text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < EXACT and math.isfinite(value):
        return value
    if isinstance(value, datetime) and value.date() >= _FIRST_DATE:
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DATE:
        return value
    return excel_text(text(value))


def excel_text(content: str) -> str:
    """Make text that XML can hold and a cell has room for; illegal characters become escapes."""
    if content.isalnum() and len(content) < CELL_UNITS:
        return content
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    content = _ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", content)
    if _units(content) <= CELL_UNITS:
        return content
    data = content.encode("utf-16-le")[: 2 * (CELL_UNITS - 1)]
    return data.decode("utf-16-le", "ignore") + _CUT


def _units(content: str) -> int:
    """Count as Excel does: a character beyond U+FFFF takes two units."""
    if len(content) * 2 < CELL_UNITS or content.isascii():
        return len(content)
    return len(content) + sum(1 for character in content if character > "\uffff")
