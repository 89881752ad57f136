"""Tells how far a scan is: a live display on a terminal, plain lines anywhere else, on stderr."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import click

from nhiscan.records import Coverage
from nhiscan.text import printable

# A log should show that a long scan lives, and not drown in its steps.
_SECONDS_BETWEEN_STEPS = 5.0


class Progress:
    """Takes steps from any thread. This one writes a plain line per finished unit.

    Steps are written only where nothing else was for some seconds.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._total: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._started = self._spoke = time.monotonic()

    def expect(self, tenant: str, units: int) -> None:
        """Add units to what a tenant has to do."""
        with self._lock:
            self._total[tenant] += units
            self._moved(tenant)

    def stepper(self, tenant: str) -> Callable[[str], None]:
        """Return a function that notes steps of one tenant."""
        return lambda text: self.step(tenant, text)

    def step(self, tenant: str, text: str) -> None:
        """Note what is being done."""
        with self._lock:
            if time.monotonic() - self._spoke >= _SECONDS_BETWEEN_STEPS:
                self._say(f"{tenant}: {self._count(tenant)} {text}")

    def done(self, tenant: str, account: str, gaps: Iterable[Coverage]) -> None:
        """Note that a unit is finished, with what could not be read of it."""
        unread = sum(gap.state != "not_available" for gap in gaps)
        with self._lock:
            self._done[tenant] += 1
            incomplete = f", {unread} sources incomplete" if unread else ""
            self._finished(tenant, f"{account} read{incomplete}")

    def phase(self, text: str) -> None:
        """Announce a phase of the whole scan."""
        with self._lock:
            self._say(text)

    def _count(self, tenant: str) -> str:
        return f"{self._done[tenant]}/{self._total[tenant]}"

    def _moved(self, tenant: str) -> None:
        """Show how far a tenant is; plain lines tell it with the next unit."""

    def _finished(self, tenant: str, text: str) -> None:
        self._say(f"{tenant}: {self._count(tenant)} {text}")

    def _say(self, line: str) -> None:
        self._spoke = time.monotonic()
        seconds = self._spoke - self._started
        click.echo(f"[{seconds:6.1f}s] {printable(line, 300)}", err=True)


class Live(Progress):
    """A line per tenant with a bar, the step at hand and the time taken."""

    def __init__(self, display: Any) -> None:
        super().__init__()
        self._display = display
        self._tasks: dict[str, Any] = {}

    def step(self, tenant: str, text: str) -> None:
        """Show the step at hand."""
        with self._lock:
            self._moved(tenant, text)

    def _moved(self, tenant: str, text: str = "") -> None:
        if tenant not in self._tasks:
            name = printable(tenant, 30)
            self._tasks[tenant] = self._display.add_task("", total=None, tenant=name, step="")
        self._display.update(
            self._tasks[tenant],
            total=self._total[tenant] or None,
            completed=self._done[tenant],
            step=printable(text, 60),
        )

    def _finished(self, tenant: str, text: str) -> None:
        self._moved(tenant, text)

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
