"""XLSX: a sheet with a frozen, filtered header, in which no text is a formula."""

import math
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from nhiscan.table import Table
from nhiscan_reports.values import keys, text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

# Excel specifications and limits: rows of a sheet, UTF-16 units of a cell, characters of a sheet's
# name, digits of a number.
SHEET_ROWS = 1_048_576
CELL_UNITS = 32_767
LONGEST_SHEET = 31
EXACT = 10**15
# Excel's calendar is wrong before 1 March 1900.
_FIRST_DATE = date(1900, 3, 1)
_CUT = "…"
# The earliest time that a zip file can state; it stands wherever the format wants a date.
_ZIP_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - openpyxl writes naive times as UTC
ZONE = "All times are UTC."
# What XML 1.0 cannot hold (section 2.2), and what Excel would take for its own escape of that.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class Xlsx:
    """Text cells hold text, times are UTC without a zone (Excel has none), null is an empty cell.

    The second sheet says what a reader must know: the zone, the table's notes, and cells that
    were cut to Excel's 32,767 characters.
    """

    name: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "Excel workbook"
    suffix: ClassVar[str] = ".xlsx"
    binary: ClassVar[bool] = True

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write row by row; the same table gives the same bytes."""
        from openpyxl import Workbook
        from openpyxl.writer.excel import ExcelWriter

        workbook = Workbook(write_only=True)
        workbook.properties.created = workbook.properties.modified = _ZIP_EPOCH
        names = keys(table.columns)
        cut = 0
        for number, start in enumerate(range(0, max(1, len(table.rows)), SHEET_ROWS - 1), 1):
            rows = table.rows[start : start + SHEET_ROWS - 1]
            cut += _sheet(workbook, f"Rows {number}" if number > 1 else "Rows", names, rows)
        _notes(workbook, table, cut)
        with _SteadyZip(stream, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(workbook, archive).save()

    def write_all(self, title: str, tables: Sequence[Table], stream: BinaryIO) -> None:
        """Write several tables, a sheet each, named by the begin of their titles."""
        from openpyxl import Workbook
        from openpyxl.writer.excel import ExcelWriter

        workbook = Workbook(write_only=True)
        workbook.properties.created = workbook.properties.modified = _ZIP_EPOCH
        notes: list[str] = []
        cut = 0
        names = _sheet_names([table.title for table in tables])
        for sheet, table in zip(names, tables, strict=True):
            rows = table.rows[: SHEET_ROWS - 1]
            cut += _sheet(workbook, sheet, keys(table.columns), rows)
            notes += [f"{sheet}: {note}" for note in table.notes]
            if len(rows) < len(table.rows):
                notes.append(f"{sheet}: cut to {len(rows)} of {len(table.rows)} rows")
        _notes(workbook, Table(columns=(), rows=[], title=title, notes=tuple(notes)), cut)
        with _SteadyZip(stream, "w", ZIP_DEFLATED) as archive:
            ExcelWriter(workbook, archive).save()


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


class _SteadyZip(ZipFile):
    """A zip file whose bytes depend on its content alone: no entry carries a date."""

    def writestr(
        self, zinfo_or_arcname: str | ZipInfo, data: Any, *options: Any, **named: Any
    ) -> None:
        super().writestr(_entry(str(zinfo_or_arcname)), data, *options, **named)

    def write(
        self, filename: str | PathLike[str], arcname: Any = None, *options: Any, **named: Any
    ) -> None:
        info = _entry(str(arcname))
        info.file_size = Path(filename).stat().st_size
        with Path(filename).open("rb") as source, self.open(info, "w") as target:
            shutil.copyfileobj(source, target)


def _entry(name: str) -> ZipInfo:
    info = ZipInfo(name)
    info.compress_type = ZIP_DEFLATED
    return info


def _sheet(
    workbook: "Workbook", title: str, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> int:
    """Write one sheet; return how many cells were cut."""
    from openpyxl.utils import get_column_letter

    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(1, len(names)))
    sheet.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    for number, name in enumerate(names, 1):
        sheet.column_dimensions[get_column_letter(number)].width = min(60, max(12, len(name) + 4))
    sheet.append([_cell(sheet, excel_text(name), bold=True) for name in names])
    cut = 0
    for row in rows:
        values = [excel_value(value) for value in row]
        cut += sum(isinstance(value, str) and _units(value) >= CELL_UNITS - 1 for value in values)
        sheet.append([_cell(sheet, value) for value in values])
    return cut


def _notes(workbook: "Workbook", table: Table, cut: int) -> None:
    sheet = workbook.create_sheet("Notes")
    sheet.column_dimensions["A"].width = 100
    notes = [ZONE, *table.notes]
    if cut:
        notes.append(
            f"{cut} cells reach Excel's limit of {CELL_UNITS} characters and may be cut; "
            "JSON Lines and Parquet hold them whole."
        )
    for note in (table.title, *notes):
        if note:
            sheet.append([_cell(sheet, excel_text(note))])


def _cell(sheet: "WriteOnlyWorksheet", value: Any, *, bold: bool = False) -> Any:
    """Make a cell; text is marked as text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    if not isinstance(value, str | date):
        return value
    cell: Any = WriteOnlyCell(sheet, value)  # type: ignore[arg-type] # a date is fine, the stubs miss it
    if isinstance(value, str):
        # openpyxl makes a formula of "=…" and an error of "#N/A"; the quote prefix keeps Excel
        # from doing the same when somebody edits the cell.
        cell.data_type = "s"
        cell.quotePrefix = not bold
    elif isinstance(value, datetime):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    if bold:
        cell.font = Font(bold=True)
    return cell


def excel_value(value: Any) -> Any:
    """Turn a value into what a cell holds without loss; what Excel would bend becomes text."""
    if value is None or value == "":
        return None
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
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    content = _ESCAPE.sub("_x005F_", content)
    content = _ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", content)
    if _units(content) <= CELL_UNITS:
        return content
    data = content.encode("utf-16-le")[: 2 * (CELL_UNITS - 1)]
    return data.decode("utf-16-le", "ignore") + _CUT


def _units(content: str) -> int:
    """Count as Excel does: a character beyond U+FFFF takes two units."""
    return len(content) + sum(1 for character in content if character > "\uffff")
