"""What an output format is: it writes one Table to a stream or a file.

Formats register under the entry point group `nhiscan.reports`.
"""

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
