"""Keeps count of what an adapter reads: one Coverage row per source and region of a unit."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from nhiscan.records import GLOBAL, AnyRecord, Coverage, CoverageState

T = TypeVar("T")


class Fault(Exception):  # noqa: N818 - it is the word for a call that failed for good
    """A call that failed for good: what its source's coverage says, why, and the platform's code.

    A reason is built from codes and from what was asked; no text of a reply is kept, because a
    reply may quote anything.
    """

    def __init__(self, state: CoverageState, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.state: CoverageState = state
        self.reason = reason
        self.code = code


class Meter:
    """Counts requests; `Reading` is one, and planning uses plain ones."""

    def __init__(self) -> None:
        self.calls = 0


class Reading(Meter):
    """One source in one region while it is being read; complete unless marked otherwise."""

    def __init__(self, source: str, region: str = GLOBAL) -> None:
        super().__init__()
        self.source = source
        self.region = region
        self.pages = 0
        self.state: CoverageState = "complete"
        self.reason: str | None = None
        self.fault: Fault | None = None

    @property
    def complete(self) -> bool:
        """Whether all of it was read."""
        return self.state == "complete"

    def mark(self, state: CoverageState, reason: str) -> None:
        """Say that it is not complete; the first reason stays."""
        if self.complete:
            self.state, self.reason = state, reason

    def failed(self, fault: Fault) -> None:
        """Record a fault: partial if some of it was read, else what the fault says."""
        self.fault = fault
        if self.pages:
            self.mark("partial", f"after page {self.pages}: {fault.reason}")
        else:
            self.mark(fault.state, fault.reason)

    def note(self, text: str) -> None:
        """Add a remark to a complete reading."""
        if self.complete:
            self.reason = text


class Ledger:
    """All readings of one unit."""

    def __init__(self) -> None:
        self._readings: dict[tuple[str, str], Reading] = {}
        self._rows: Counter[tuple[str, str]] = Counter()

    def open(self, source: str, region: str = GLOBAL) -> Reading:
        """Begin to read a source, or return to one."""
        return self._readings.setdefault((source, region), Reading(source, region))

    def count(self, records: Iterable[AnyRecord]) -> Iterator[AnyRecord]:
        """Pass records on, counting them for the source they were read from."""
        rows = self._rows
        for record in records:
            rows[record.source, record.region] += 1
            yield record

    def coverage(self) -> Iterator[Coverage]:
        """Yield the rows, in the order in which the sources were begun."""
        for key, reading in self._readings.items():
            yield Coverage(
                source=reading.source,
                region=reading.region,
                state=reading.state,
                reason=reading.reason,
                calls=reading.calls,
                rows=self._rows[key],
            )


def attempt(reading: Reading, read: Callable[[], T], otherwise: T) -> T:
    """Return what `read` returns; on a fault mark the reading and return `otherwise`.

    A reply without a member that the platform always sends is a fault too.
    """
    try:
        return read()
    except Fault as fault:
        reading.failed(fault)
    except KeyError as missing:
        reading.failed(Fault("unreachable", f"a reply lacks its member {missing}"))
    return otherwise
