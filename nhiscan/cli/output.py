"""Sends a Table to a report format and a stream."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from nhiscan import plugins
from nhiscan.cli.options import FORMATS
from nhiscan.errors import UsageError
from nhiscan.report import Report
from nhiscan.table import Table
from nhiscan.text import printable


def emit(table: Table, form: str | None, output: Path | None) -> None:
    """Write `table` in `form` to `output` or stdout; its notes go to stderr, whatever the format.

    Without `form` the ending of `output` decides, and `table` is the default on stdout.
    """
    report: Report = plugins.report(form or _format_of(output))
    if output is None and report.binary:
        raise UsageError(f"{report.name} is a binary format", hint=f"add -o FILE{report.suffix}")
    if output is None:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        color = terminal and not os.environ.get("NO_COLOR")
        report.write(table, sys.stdout.buffer, width=width, color=color)
        sys.stdout.buffer.flush()
    else:
        with replacing(output) as stream:
            report.write(table, stream)
    for note in table.notes:
        click.echo(f"note: {printable(note)}", err=True)


def _format_of(output: Path | None) -> str:
    """Pick the format by a file's ending: `.txt` or none is a table."""
    ending = output.suffix.lower() if output else ""
    if ending in ("", ".txt"):
        return "table"
    if ending.lstrip(".") not in FORMATS:
        raise UsageError(
            f"{output}: no format ends in {ending!r}", hint=f"add --format: {', '.join(FORMATS)}"
        )
    return ending.lstrip(".")


@contextmanager
def replacing(output: Path) -> Iterator[BinaryIO]:
    """Open a file beside the target and rename it at the end: a killed run leaves no half file.

    The file is its writer's alone (0600), as the store is. What is no file (/dev/null, a pipe) is
    written through, not replaced.
    """
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        if output.exists() and not output.is_file():
            with output.open("wb") as stream:
                yield stream
            return
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
        partial.replace(output)
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
