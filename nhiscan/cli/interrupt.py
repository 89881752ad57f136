"""Ends a command at once on Ctrl-C, whatever its threads wait for."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from nhiscan.errors import Exit


@contextmanager
def ending_at_once(said: str) -> Iterator[None]:
    """Say `said` on Ctrl-C and end the process.

    Threads that wait for a slow cloud cannot be stopped, and Python would wait for them at its end.
    What they have not finished is under temporary names only.
    """
    try:
        yield
    except KeyboardInterrupt:
        click.echo(said, err=True)
        sys.stderr.flush()
        os._exit(Exit.USAGE)
