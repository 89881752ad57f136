"""Sends a Table to a report format and a stream."""

import os
import shutil
import sys
from pathlib import Path

import click

from nhiscan import plugins
from nhiscan.errors import UsageError
from nhiscan.report import Report
from nhiscan.table import Table
from nhiscan.text import printable


def emit(table: Table, form: str | None, output: Path | None) -> None:
    """Write `table` in `form` to `output` or stdout; its notes go to stderr, whatever the format.

    Without `form` the ending of `output` decides, and `table` is the default on stdout.
    """
    name = form or (output.suffix.lstrip(".") if output else "table")
    report: Report = plugins.report(name)
    if output is None and report.binary:
        raise UsageError(f"{name} is a binary format", hint=f"add -o FILE{report.suffix}")
    if output is None:
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        color = terminal and not os.environ.get("NO_COLOR")
        report.write(table, sys.stdout.buffer, width=width, color=color)
        sys.stdout.buffer.flush()
    else:
        _to_file(report, table, output)
    for note in table.notes:
        click.echo(f"note: {printable(note)}", err=True)


def _to_file(report: Report, table: Table, output: Path) -> None:
    """Write beside the target and rename, so that a killed run leaves no half file."""
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as stream:
            report.write(table, stream)
        partial.replace(output)
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
