"""The one way of writing a store: work on a copy, then put it in the place of the old one.

Nobody opens the published file for writing, so readers are never refused, and a process that is
killed at any moment leaves the store as it was.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nhiscan import __version__, clock, spool
from nhiscan.errors import StoreError
from nhiscan.provider import Source
from nhiscan.records import leaves_incomplete
from nhiscan.spool import sync
from nhiscan.store import derived, merge
from nhiscan.store.connect import connect, quoted
from nhiscan.store.heads import Heads, note_heads, read_heads
from nhiscan.store.lock import private_folder, store_lock
from nhiscan.store.merge import MergeCounts
from nhiscan.store.migrate import migrate

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Clocks drift and are set; more than this is a wrong clock, and would write history backwards.
_CLOCK_TOLERANCE = timedelta(minutes=5)
_HEADROOM = 64 << 20


class Revision:
    """An open working copy. What is written carries `at`, and counts only once published."""

    def __init__(self, con: "DuckDBPyConnection", folder: Path, at: datetime) -> None:
        self.con = con
        self.at = at
        self._folder = folder

    def merge_unit(self, path: Path, scan_id: str | None = None) -> MergeCounts:
        """Merge one spool file in one transaction.

        `scan_id` is that of the scan being published, for a file that was collected under another.
        """
        with spool.read(path) as reader:
            return merge.merge_unit(self.con, reader, self._folder, self.at, scan_id)

    def declare(self, provider: str, sources: Iterable[Source]) -> None:
        """Note which conclusions rest on a provider's sources, instead of what was noted before."""
        rows = [
            (provider, premise.topic, premise.native_type, source.name, premise.what)
            for source in sources
            for premise in source.premise_of
        ]
        self.con.execute("DELETE FROM premise WHERE provider = ?", [provider])
        self.con.execute(
            "INSERT INTO premise SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5)",
            [list(column) for column in zip(*rows, strict=True)] or [[]] * 5,
        )

    def settle(self) -> None:
        """Drop what was staged and write the rest to disk: memory is free for what follows."""
        staged = self.con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE temporary"
        ).fetchall()
        for (name,) in staged:
            self.con.execute(f'DROP TABLE temp."{name}"')
        self.con.execute("CHECKPOINT")

    def merge_derived(self, name: str, staged: str) -> None:
        """Make a derived table currently equal to the temporary table `staged`."""
        derived.merge_derived(self.con, name, staged, self.at)

    def record_conclusion(self) -> None:
        """Note that something was concluded at this moment, without a scan."""
        self.con.execute("INSERT INTO conclusion VALUES (?)", [self.at])

    def record_scan(
        self, *, scan_id: str, kind: str, finished_at: datetime, tenants: list[str], units: int
    ) -> int:
        """Write the scan's row; return how many of its units have an incomplete required source.

        What counts is `nhiscan.records.leaves_incomplete`.
        """
        rows = self.con.execute(
            "SELECT DISTINCT unit, state, optional FROM coverage_read WHERE scan_id = ?", [scan_id]
        ).fetchall()
        incomplete = len(
            {unit for unit, state, optional in rows if leaves_incomplete(state, optional=optional)}
        )
        state = "incomplete" if incomplete else "complete"
        self.con.execute("DELETE FROM scan WHERE scan_id = ?", [scan_id])
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

    `locked` says that the caller holds `store_lock` already. StoreError if the store, its folder or
    the disk does not allow it.
    """
    store = store.resolve()
    with nullcontext(private_folder(store)) if locked else store_lock(store, at) as side:
        work = side / "work"
        try:
            _clear(work)
            copy = _copy(store, work)
        except OSError as error:
            raise StoreError(f"{store}: {error.strerror}") from error
        heads: Heads = {}
        try:
            yield from _written(copy, at, heads)
            try:
                _publish(copy, store)
                note_heads(store, heads)
            except OSError as error:
                raise StoreError(f"{store}: {error.strerror}") from error
        finally:
            _clear(work)


def _written(copy: Path, at: datetime, heads: Heads) -> Iterator[Revision]:
    """Open the copy, yield the revision, and close it so that all is in the one file.

    `heads` is told where the chains end then.
    """
    with connect(copy) as con:
        copy.chmod(0o600)
        migrate(con)
        moment = moment_of_writing(con, at)
        con.execute(f"SET temp_directory = {quoted(copy.parent)}")
        yield Revision(con, copy.parent, moment)
        heads |= read_heads(con)
        con.execute("CHECKPOINT")


def _clear(folder: Path) -> None:
    """Remove what a killed run left; the lock is held, so nobody works there."""
    for leftover in folder.iterdir():
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def _copy(store: Path, work: Path) -> Path:
    """Copy the store, if there is one, to the work folder; return where the copy is."""
    copy = work / store.name
    log = store.with_name(store.name + ".wal")
    if log.exists():
        raise StoreError(
            f"{log}: another program wrote to the store and did not finish",
            hint=f"open {store.name} once with DuckDB to finish it, or remove that file",
        )
    if not store.exists():
        return copy
    needed = 2 * store.stat().st_size + _HEADROOM
    free = shutil.disk_usage(work).free
    if free < needed:
        raise StoreError(
            f"{work}: {free >> 20} MiB free, {needed >> 20} MiB needed to write the store",
            hint="free some space, or move the store with `store:` in nhiscan.yaml",
        )
    shutil.copyfile(store, copy)
    return copy


def moment_of_writing(con: "DuckDBPyConnection", at: datetime) -> datetime:
    """Return `at`, or the store's newest moment if the clock is a little behind it.

    A scan that is resumed after somebody's answer was recorded counts from that answer on.
    StoreError if the clock is far behind the store.
    """
    row = con.execute(
        "SELECT greatest((SELECT max(started_at) FROM scan),"
        " (SELECT max(merged_at) FROM unit_read))"
    ).fetchone()
    last: datetime | None = row[0] if row else None
    if last is not None and at < last:
        if at < last - _CLOCK_TOLERANCE:
            raise _behind(at, "a scan", last)
        at = last
    concluded = _last_conclusion(con)
    if concluded is None or at >= concluded:
        return at
    if clock.now() < concluded - _CLOCK_TOLERANCE:
        raise _behind(clock.now(), "a conclusion", concluded)
    return concluded + timedelta(microseconds=1)


def _last_conclusion(con: "DuckDBPyConnection") -> datetime | None:
    known = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE table_name = 'conclusion'"  # newer than some stores
    ).fetchone()
    row = con.execute("SELECT max(concluded_at) FROM conclusion").fetchone() if known else None
    return row[0] if row else None


def _behind(at: datetime, what: str, last: datetime) -> StoreError:
    return StoreError(
        f"the clock says {at:%Y-%m-%d %H:%M:%S}Z, but the store holds {what} of"
        f" {last:%Y-%m-%d %H:%M:%S}Z",
        hint="mend the clock (or NHISCAN_NOW): history cannot be written backwards",
    )


def _publish(copy: Path, store: Path) -> None:
    """Sync the copy, rename it over the store, and sync the folder, in that order."""
    sync(copy)
    copy.replace(store)
    sync(store.parent)
