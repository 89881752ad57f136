"""CSV as RFC 4180 has it, in UTF-8, with nothing that a spreadsheet would run."""

import csv
import io
import re
from typing import Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.values import encode, text

# What makes a spreadsheet read a cell as a formula (OWASP, CSV Injection), full-width forms
# included. Only a number may begin with a sign.
_RISKY = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - the full-width forms are meant
# What a terminal acts on, and what turns the direction of reading or ends a line unseen. Tabs and
# line ends are data, and quotes keep them in their cell; joiners belong to scripts and emoji.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Csv:
    r"""One header line, CRLF line ends, quotes where needed; null is an empty cell.

    A cell that a spreadsheet could run gets a leading `'`, and control and direction characters
    become `\u001b`: whatever must come back byte for byte is read from JSON Lines.
    """

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "CSV (RFC 4180, UTF-8), safe to open in a spreadsheet"
    suffix: ClassVar[str] = ".csv"
    binary: ClassVar[bool] = False

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write row by row; memory does not grow with the table."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\r\n")
        for row in (table.columns, *table.rows):
            writer.writerow([cell(value) for value in row])
            stream.write(encode(buffer.getvalue()))
            buffer.seek(0)
            buffer.truncate()


def cell(value: Any) -> str:
    """Write a value as a cell that no spreadsheet runs and no terminal obeys."""
    if value is None:
        return ""
    content = text(value)
    if not content.isprintable():
        content = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", content)
    if content.startswith(_RISKY) and not _NUMBER.fullmatch(content):
        return "'" + content
    return content
