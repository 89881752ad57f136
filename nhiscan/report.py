"""What an output format is: it writes one Table to a stream or a file.

Formats register under the entry point group `nhiscan.reports`.
"""

from collections.abc import Sequence
from typing import BinaryIO, ClassVar, Protocol

from nhiscan.table import Table


class Report(Protocol):
    """`binary` formats refuse a terminal or pipe and want `-o FILE`."""

    name: ClassVar[str]
    title: ClassVar[str]
    suffix: ClassVar[str]
    binary: ClassVar[bool]

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write `table` as bytes. `width` is the terminal's, null when there is none."""
        ...


class Book(Report, Protocol):
    """A format that holds several tables in one file."""

    def write_all(self, title: str, tables: Sequence[Table], stream: BinaryIO) -> None:
        """Write the tables in this order, under one title."""
        ...
