"""The one way of writing a store: work on a copy, then put it in the place of the old one.

Nobody opens the published file for writing, so readers are never refused, and a process that is
killed at any moment leaves the store as it was.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nhiscan import __version__, spool
from nhiscan.errors import StoreError
from nhiscan.store import derived, merge
from nhiscan.store.connect import connect
from nhiscan.store.lock import private_folder, store_lock
from nhiscan.store.merge import MergeCounts
from nhiscan.store.migrate import migrate

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Clocks drift and are set; more than this is a wrong clock, and would write history backwards.
_CLOCK_TOLERANCE = timedelta(minutes=5)


class Revision:
    """An open working copy. What is written carries `at`, and counts only once published."""

    def __init__(self, con: "DuckDBPyConnection", folder: Path, at: datetime) -> None:
        self.con = con
        self.at = at
        self._folder = folder

    def merge_unit(self, path: Path) -> MergeCounts:
        """Merge one spool file in one transaction."""
        with spool.read(path) as reader:
            return merge.merge_unit(self.con, reader, self._folder, self.at)

    def merge_derived(self, name: str, staged: str) -> None:
        """Make a derived table currently equal to the temporary table `staged`."""
        derived.merge_derived(self.con, name, staged, self.at)

    def record_scan(
        self, *, scan_id: str, kind: str, finished_at: datetime, tenants: list[str], units: int
    ) -> int:
        """Write the scan's row; return how many of its units have an incomplete required source.

        Partial, throttled and unreachable reads always count; a refusal only of a source that is
        not optional. What a platform or licence does not offer does not count.
        """
        row = self.con.execute(
            "SELECT count(DISTINCT unit) FROM coverage_read WHERE scan_id = ? AND ("
            " state IN ('partial', 'throttled', 'unreachable')"
            " OR (state = 'denied' AND NOT optional))",
            [scan_id],
        ).fetchone()
        incomplete: int = row[0] if row else 0
        state = "incomplete" if incomplete else "complete"
        self.con.execute(
            "INSERT INTO scan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                scan_id,
                self.at,
                finished_at,
                state,
                kind,
                __version__,
                sorted(tenants),
                units,
                incomplete,
            ],
        )
        return incomplete


@contextmanager
def revise(store: Path, at: datetime, *, locked: bool = False) -> Iterator[Revision]:
    """Open a revision of `store`, publish it on a clean exit, discard it on any error.

    `locked` says that the caller holds `store_lock` already.
    """
    store = store.resolve()
    if locked:
        with _work(store, private_folder(store) / "work", at) as revision:
            yield revision
        return
    with store_lock(store, at) as folder, _work(store, folder / "work", at) as revision:
        yield revision


@contextmanager
def _work(store: Path, folder: Path, at: datetime) -> Iterator[Revision]:
    _clear(folder)
    copy = folder / store.name
    _copy(store, copy)
    con = connect(copy)
    try:
        copy.chmod(0o600)
        migrate(con)
        _check_clock(con, at)
        con.execute(f"SET temp_directory = '{str(folder).replace(chr(39), chr(39) * 2)}'")
        yield Revision(con, folder, at)
        con.execute("CHECKPOINT")
        con.close()
        _publish(copy, store)
    finally:
        con.close()
        _clear(folder)


def _clear(folder: Path) -> None:
    """Remove what a killed run left; the lock is held, so nobody works there."""
    for leftover in folder.iterdir():
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def _copy(store: Path, copy: Path) -> None:
    if not store.exists():
        return
    size = store.stat().st_size
    free = shutil.disk_usage(copy.parent).free
    if free < 2 * size:
        raise StoreError(
            f"{copy.parent}: {free >> 20} MiB free, {2 * size >> 20} MiB needed to write the store",
            hint="free some space, or move the store with `store:` in nhiscan.yaml",
        )
    try:
        shutil.copyfile(store, copy)
    except OSError as error:
        raise StoreError(f"{store}: {error.strerror}") from error


def _check_clock(con: "DuckDBPyConnection", at: datetime) -> None:
    row = con.execute("SELECT max(started_at) FROM scan").fetchone()
    last = row[0] if row else None
    if last is not None and at < last - _CLOCK_TOLERANCE:
        raise StoreError(
            f"the clock says {at:%Y-%m-%d %H:%M:%S}Z, but the store holds a scan of"
            f" {last:%Y-%m-%d %H:%M:%S}Z",
            hint="mend the clock (or NHISCAN_NOW): history cannot be written backwards",
        )


def _publish(copy: Path, store: Path) -> None:
    """Sync the copy, rename it over the store, and sync the folder, in that order."""
    descriptor = os.open(copy, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    copy.replace(store)
    folder = os.open(store.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
