"""Markdown: a pipe table in which text from clouds stays text."""

import re
import sys
from typing import Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan.text import printable
from nhiscan_reports.values import encode, text

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# An underscore inside a word marks nothing up; `://` and `www.` would become links.
_SPECIAL = re.compile(r"[&<>]|[\\`*\[\]|~$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|:(?=//)|(?<=www)\.")
_LINE_END = re.compile(r"\r\n|[\r\n]")


class Markdown:
    r"""A GitHub-flavoured pipe table. Markup in a cell is escaped, a line break is `<br>`.

    Control and direction characters are shown as `\u202e`, so that none reorders what a
    reader sees.
    """

    name: ClassVar[str] = "md"
    title: ClassVar[str] = "Markdown, a pipe table"
    suffix: ClassVar[str] = ".md"
    binary: ClassVar[bool] = False

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write row by row; memory does not grow with the table."""
        stream.write(_line(table.columns))
        stream.write(encode("|" + " --- |" * len(table.columns) + "\n"))
        for row in table.rows:
            stream.write(_line(row))


def _line(row: Any) -> bytes:
    return encode("| " + " | ".join(cell(value) for value in row) + " |\n")


def cell(value: Any) -> str:
    """Write a value so that a Markdown reader shows exactly its characters."""
    parts = _LINE_END.split(text(value))
    return "<br>".join(_part(part) for part in parts)


def _part(part: str) -> str:
    # Markup first: the backslashes that `printable` adds are meant to be seen as they are.
    marked = _SPECIAL.sub(lambda found: _HTML.get(found[0], "\\" + found[0]), part)
    return printable(marked, limit=sys.maxsize)
