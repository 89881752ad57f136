"""Tells how far a scan is: a live display on a terminal, plain lines anywhere else, on stderr."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import click

from nhiscan.text import printable


class Progress:
    """Takes steps from any thread. This one writes a plain line per finished unit."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._total: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._started = time.monotonic()

    def expect(self, tenant: str, units: int) -> None:
        """Add units to what a tenant has to do."""
        self._total[tenant] += units

    def step(self, tenant: str, text: str) -> None:
        """Note what is being done; plain output leaves that out, it would flood a log."""

    def done(self, tenant: str, account: str, gaps: int) -> None:
        """Note that a unit is finished, with how many of its sources are incomplete."""
        with self._lock:
            self._done[tenant] += 1
            incomplete = f", {gaps} sources incomplete" if gaps else ""
            self._say(
                f"{self._seconds()} {tenant}: {self._done[tenant]}/{self._total[tenant]}"
                f" {account} read{incomplete}"
            )

    def phase(self, text: str) -> None:
        """Announce a phase of the whole scan."""
        with self._lock:
            self._say(f"{self._seconds()} {text}")

    def _seconds(self) -> str:
        return f"[{time.monotonic() - self._started:6.1f}s]"

    def _say(self, line: str) -> None:
        click.echo(printable(line, 300), err=True)


class Live(Progress):
    """A line per tenant with a bar, the step at hand and the time taken."""

    def __init__(self, display: Any) -> None:
        super().__init__()
        self._display = display
        self._tasks: dict[str, Any] = {}

    def _task(self, tenant: str) -> Any:
        with self._lock:
            if tenant not in self._tasks:
                self._tasks[tenant] = self._display.add_task("", total=None, tenant=tenant, step="")
            return self._tasks[tenant]

    def expect(self, tenant: str, units: int) -> None:
        """Set the length of the tenant's bar."""
        super().expect(tenant, units)
        self._display.update(self._task(tenant), total=self._total[tenant])

    def step(self, tenant: str, text: str) -> None:
        """Show the step at hand."""
        self._display.update(self._task(tenant), step=printable(text, 60))

    def done(self, tenant: str, account: str, gaps: int) -> None:
        """Move the tenant's bar on."""
        self._display.update(self._task(tenant), advance=1, step=f"{account} read")

    def _say(self, line: str) -> None:
        self._display.console.print(printable(line, 300), markup=False, highlight=False)


@contextmanager
def shown() -> Iterator[Progress]:
    """Yield the progress that fits where stderr goes."""
    if not sys.stderr.isatty():
        yield Progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Display

    columns = (
        TextColumn("{task.fields[tenant]}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[step]}", markup=False),
    )
    with Display(*columns, console=Console(stderr=True), transient=True) as display:
        yield Live(display)
