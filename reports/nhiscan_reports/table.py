"""A table for a terminal, or plain aligned text where there is none."""

import io
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan.text import printable, shortened
from nhiscan_reports.values import encode, text

if TYPE_CHECKING:
    from rich.console import Console

GAP = 2
# Single words up to this width (our own ids, times) are never cut, and no column gets narrower than
# WORDED; where too few columns fit, rows are written as records, one value a line.
WHOLE = 24
WORDED = 16
# Where not all columns fit, so many of a longer list are still worth a line a row.
FEW = 3
ENOUGH = 4
# A value takes at most this many lines of a terminal; the other formats hold it whole.
LINES = 6
# In plain text, cells up to this width are lined up; longer ones push the rest of their line.
ALIGNED = 60

STYLES = {
    "severity": {
        "critical": "bold red",
        "high": "red",
        "medium": "yellow",
        "low": "cyan",
        "info": "dim",
    },
    "status": {"open": "red", "accepted": "yellow", "resolved": "green", "unknown": "magenta"},
    "state": {"complete": "green", "partial": "yellow", "denied": "red", "throttled": "yellow"},
    "owner_status": {
        "attested": "green",
        "declared": "green",
        "conflict": "yellow",
        "team_only": "yellow",
        "orphaned": "red",
        "unowned": "red",
    },
    "verdict": {"open": "red", "weak": "yellow", "guarded": "green", "unknown": "magenta"},
    "usage": {"unknown": "magenta"},
    "privilege": {"admin": "red", "unknown": "magenta"},
}


class Terminal:
    """Fits `width` if there is one; without it nothing is cut, and nothing but text is written."""

    name: ClassVar[str] = "table"
    title: ClassVar[str] = "a table for people"
    suffix: ClassVar[str] = ".txt"
    binary: ClassVar[bool] = False

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write the table; control characters in it are shown as escapes."""
        if width is None:
            _plain(table.columns, [[_shown(value) for value in row] for row in table.rows], stream)
            return
        rows = [[_shown(_to_the_second(value)) for value in row] for row in table.rows]
        console, buffer = _console(width, color)
        if table.title:
            console.print(_styled(printable(table.title), "bold"))
        widths = _widths(table.columns, rows, width)
        if widths:
            _grid(console, table.columns, rows, widths)
        else:
            _records(console, table.columns, rows)
        if not rows:
            console.print(_styled("(no rows)", "dim"))
        stream.write(encode(buffer.getvalue()))


def _shown(value: Any) -> str:
    return printable(text(value), limit=sys.maxsize)


def _to_the_second(value: Any) -> Any:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Give each column its width, the first columns only if not all fit; empty means records.

    Columns stand in the order of their weight, so the last are the ones to leave out of a list; of
    a few rows nothing is left out.
    """
    full = _natural(columns, rows)
    least = _least(columns, rows, full)
    for count in range(len(full), 0 if len(rows) > FEW else len(full) - 1, -1):
        widths = fitted(full[:count], least[:count], width)
        if widths and (count == len(full) or count >= ENOUGH):
            return widths
    return []


def _natural(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Measure what each column would take, in terminal cells."""
    from rich.cells import cell_len

    widths = [cell_len(column) for column in columns]
    for row in rows:
        widths = [max(have, cell_len(cell)) for have, cell in zip(widths, row, strict=True)]
    return widths


def fitted(natural: Sequence[int], least: Sequence[int], total: int) -> list[int]:
    """Take room from the widest columns until all fit `total`; empty if one would get too small."""
    room = total - GAP * (len(natural) - 1)
    if sum(least) > room:
        return []
    widths = list(natural)
    while sum(widths) > room:
        # Of those that may shrink, the widest gives one cell, the last of equals first.
        _, widest = max((w, i) for i, w in enumerate(widths) if w > least[i])
        widths[widest] -= 1
    return widths


def _least(columns: Sequence[str], rows: Sequence[Sequence[str]], full: Sequence[int]) -> list[int]:
    """Say how far each column may shrink: short names, ids and times are kept whole."""
    worded = [any(" " in row[index] for row in rows) for index in range(len(columns))]
    return [
        width if width <= (WORDED if has_words else WHOLE) else WORDED
        for width, has_words in zip(full, worded, strict=True)
    ]


def _console(width: int, color: bool) -> tuple["Console", io.StringIO]:
    from rich.console import Console

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        color_system="standard" if color else None,
        force_terminal=color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    return console, buffer


def _styled(content: str, style: str = "") -> Any:
    from rich.text import Text

    return Text(content, style=style)


def _grid(
    console: "Console",
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
) -> None:
    """Write a line a row: words wrap, what has no words loses its middle; name what is left out."""
    from rich.table import Table as Grid

    shown = len(widths)

    grid = Grid(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    for column, width in zip(columns[:shown], widths, strict=True):
        grid.add_column(_styled(shortened(printable(column), width)), width=width)
    for row in rows:
        grid.add_row(
            *(
                _styled(_narrowed(cell, width), STYLES.get(column, {}).get(cell, ""))
                for column, cell, width in zip(columns[:shown], row[:shown], widths, strict=True)
            )
        )
    console.print(grid)
    if shown < len(columns):
        left_out = printable(", ".join(columns[shown:]))
        line = f"No room for: {left_out} (a wider terminal, --format csv or -o FILE has them)"
        console.print(_styled(line, "dim"))


def _narrowed(cell: str, width: int) -> str:
    """Shorten words that are wider than the column, and what would take too many lines."""
    return " ".join(
        shortened(word, _fitting(word, width)) for word in shortened(cell, width * LINES).split(" ")
    )


def _fitting(word: str, width: int) -> int:
    """Say how many characters of a word fit: a wide one takes two cells of the terminal."""
    from rich.cells import cell_len

    return width if cell_len(word) <= max(width, len(word)) else max(1, width // 2)


def _records(console: "Console", columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Many columns on a narrow terminal: one line a value, an empty line between rows."""
    label = max((len(printable(column)) for column in columns), default=0) + GAP
    room = max(WORDED, console.width - label)
    for number, row in enumerate(rows):
        if number:
            console.print()
        for column, cell in zip(columns, row, strict=True):
            line = _styled(printable(column).ljust(label), "bold")
            value = shortened(cell, room * LINES)
            line.append(value, style=STYLES.get(column, {}).get(cell, "not bold"))
            console.print(line, overflow="fold")


def _plain(columns: Sequence[str], rows: Sequence[Sequence[str]], stream: BinaryIO) -> None:
    """Write lines of aligned columns, for pipes and files."""
    from rich.cells import cell_len

    header = [printable(column) for column in columns]
    widths = [min(width, ALIGNED) for width in _natural(header, rows)]
    for row in (header, *rows):
        line = "".join(
            cell + " " * (max(0, width - cell_len(cell)) + GAP)
            for cell, width in zip(row, widths, strict=True)
        )
        stream.write(encode(line.rstrip(" ") + "\n"))
