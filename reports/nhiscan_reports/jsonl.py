"""JSON Lines: one object a line, for tools that read as it comes."""

from typing import BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.values import encode, json_text, keys


class Jsonl:
    """One object a line, the same objects that the JSON format lists."""

    name: ClassVar[str] = "jsonl"
    title: ClassVar[str] = "JSON Lines, one object a line"
    suffix: ClassVar[str] = ".jsonl"
    binary: ClassVar[bool] = False

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write row by row; memory does not grow with the table."""
        names = keys(table.columns)
        for row in table.rows:
            stream.write(encode(json_text(dict(zip(names, row, strict=True))) + "\n"))
