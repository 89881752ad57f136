"""Merges one spool into the store in one transaction: what is new, changed, and provably gone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from nhiscan.records import account_id
from nhiscan.spool import Header, SpoolReader
from nhiscan.store.rows import unit_name
from nhiscan.store.staging import stage, used, write_lines
from nhiscan.store.statements import statement
from nhiscan.store.tables import COVERAGE, RECORDS, USAGE, Staged
from nhiscan.store.transaction import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_LARGE = 16 << 20


class MergeCounts(Struct, frozen=True, kw_only=True):
    """What one merge did to the versioned rows of a unit; `skipped` says why nothing was done.

    `repeated` counts records that had the key of another record of the same unit.
    """

    inserted: int = 0
    changed: int = 0
    closed: int = 0
    unchanged: int = 0
    repeated: int = 0
    skipped: str | None = None


def merge_unit(
    con: "DuckDBPyConnection",
    spool: SpoolReader,
    folder: Path,
    at: datetime,
    scan_id: str | None = None,
) -> MergeCounts:
    """Merge an open spool; `folder` takes temporary files. All of it is merged, or nothing.

    A row is closed only if its (source, region) was read completely here and does not slide. A
    spool that is older than what the store holds of its unit is skipped. The store knows the read
    by `scan_id`, if given: a sender's own id must not meet that of a scan made here.
    """
    header = structs.replace(spool.header, scan_id=scan_id or spool.header.scan_id)
    unit = unit_name(header)
    newest = con.execute(
        "SELECT started_at, scan_id FROM unit_read WHERE unit = ? AND started_at > ?",
        [unit, header.started_at],
    ).fetchone()
    if newest is not None:
        return MergeCounts(
            skipped=f"{unit}: read at {header.started_at:%Y-%m-%d %H:%M:%S}Z, but the store holds"
            f" a newer read, of {newest[0]:%Y-%m-%d %H:%M:%S}Z (scan {newest[1]})"
        )
    files = write_lines(spool, folder)
    try:
        with transaction(con), _threads(con, files):
            return _merge_staged(con, header, unit, files, at)
    finally:
        for path in files.values():
            path.unlink(missing_ok=True)


@contextmanager
def _threads(con: "DuckDBPyConnection", files: Mapping[str, Path]) -> Iterator[None]:
    """Load a large unit on one thread: a second one costs a third more CPU for little time.

    A small unit takes one thread anyway, and setting their number takes milliseconds.
    """
    if sum(path.stat().st_size for path in files.values()) < _LARGE:
        yield
        return
    con.execute("SET threads = 1")
    try:
        yield
    finally:
        con.execute("RESET threads")


def _merge_staged(
    con: "DuckDBPyConnection", header: Header, unit: str, files: Mapping[str, Path], at: datetime
) -> MergeCounts:
    values = {
        "tenant_id": header.tenant_id,
        "provider": header.provider,
        "account_id": account_id(header.provider, header.account),
        "unit": unit,
        "part": header.part,
        "scan_id": header.scan_id,
        "optional": header.optional,
        "started_at": header.started_at,
        "at": at,
    }
    # Most units hold a few kinds of records; a kind that it neither holds nor held needs no work.
    kinds = [name for name, kind in RECORDS.items() if name in files or _known(con, kind, values)]
    staged = (*kinds, "usage", "coverage")
    repeated = sum(stage(con, name, files.get(name), values) for name in staged)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE closable AS SELECT source, region FROM staged_coverage"
        " WHERE state = 'complete' AND NOT list_contains(?, source)",
        [header.sliding],
    )
    totals = [(0, 0, 0, 0), *(_merge_table(con, name, values) for name in kinds)]
    _run(con, statement("usage_update"), values)
    _run(con, statement("usage_forget"), values)
    _run(con, statement("usage_insert", unit=_unit(USAGE)), values)
    _note_coverage(con, values)
    inserted, changed, closed, unchanged = (sum(column) for column in zip(*totals, strict=True))
    return MergeCounts(
        inserted=inserted, changed=changed, closed=closed, unchanged=unchanged, repeated=repeated
    )


def _known(con: "DuckDBPyConnection", staged: Staged, values: Mapping[str, Any]) -> bool:
    row = _run(con, statement("known", table=staged.table), values).fetchone()
    return bool(row and row[0])


def _merge_table(
    con: "DuckDBPyConnection", name: str, values: Mapping[str, Any]
) -> tuple[int, int, int, int]:
    """Close and insert versions of one table; return how many are new, changed, gone, unchanged."""
    staged = RECORDS[name]
    (key,) = staged.key
    names = {"name": name, "table": staged.table, "key": key, "unit": _unit(staged)}
    if not _known(con, staged, values):
        inserted = _run(con, statement("insert_all", **names), values).fetchone()
        return inserted[0] if inserted else 0, 0, 0, 0
    counts = _run(con, statement("compare", **names), values).fetchone()
    new, changed, unchanged = counts or (0, 0, 0)
    ended = _run(con, statement("close", **names), values).fetchone()
    closed = ended[0] if ended else 0
    if closed:
        _run(con, statement("retract", **names), values)
    if new or changed:
        _run(con, statement("insert", **names), values)
    return new, changed, closed - changed, unchanged


def _run(con: "DuckDBPyConnection", sql: str, values: Mapping[str, Any]) -> "DuckDBPyConnection":
    return con.execute(sql, used(sql, values))


def _unit(staged: Staged) -> str:
    return ", ".join(f"${column} AS {column}" for column in staged.unit)


def _note_coverage(con: "DuckDBPyConnection", values: Mapping[str, Any]) -> None:
    """Write what was read, once per scan and unit, and which read of the unit is the newest."""
    con.execute(
        "DELETE FROM coverage_read WHERE unit = ? AND scan_id = ?",
        [values["unit"], values["scan_id"]],
    )
    _run(con, statement("coverage_insert", unit=_unit(COVERAGE)), values)
    con.execute("DELETE FROM unit_read WHERE unit = ?", [values["unit"]])
    names = ("unit", "tenant_id", "provider", "account_id", "part", "scan_id", "started_at", "at")
    con.execute(
        "INSERT INTO unit_read VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [values[name] for name in names]
    )
