"""JSON: one list of objects, whose keys stand in the order of the columns."""

from typing import BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.values import encode, json_text, keys


class Json:
    """A list of objects, one a line; times are ISO 8601 in UTC with Z."""

    name: ClassVar[str] = "json"
    title: ClassVar[str] = "JSON, a list of objects"
    suffix: ClassVar[str] = ".json"
    binary: ClassVar[bool] = False

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write row by row; memory does not grow with the table."""
        names = keys(table.columns)
        lead = "["
        for row in table.rows:
            record = json_text(dict(zip(names, row, strict=True)))
            stream.write(encode(f"{lead}\n  {record}"))
            lead = ","
        stream.write(b"[]\n" if lead == "[" else b"\n]\n")
