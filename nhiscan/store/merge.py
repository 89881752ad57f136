"""Merges one spool into the store in one transaction: what is new, changed, and provably gone."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.records import account_id
from nhiscan.spool import Header, SpoolReader
from nhiscan.store.rows import unit_name
from nhiscan.store.staging import stage, write_lines
from nhiscan.store.tables import RECORDS, STAGED, Staged
from nhiscan.store.transaction import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
    con: "DuckDBPyConnection", spool: SpoolReader, folder: Path, at: datetime
) -> MergeCounts:
    """Merge an open spool; `folder` takes temporary files. All of it is merged, or nothing.

    A row is closed only if its (source, region) was read completely here and does not slide. A
    spool that is older than what the store holds of its unit is skipped.
    """
    header = spool.header
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
        with transaction(con):
            return _merge_staged(con, header, unit, files, at)
    finally:
        for path in files.values():
            path.unlink(missing_ok=True)


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
    repeated = sum(stage(con, name, files.get(name), values) for name in STAGED)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE closable AS SELECT source, region FROM staged_coverage"
        " WHERE state = 'complete' AND NOT list_contains(?, source)",
        [header.sliding],
    )
    totals = [_merge_table(con, name, staged, unit, at) for name, staged in RECORDS.items()]
    _merge_usage(con, unit)
    _note_coverage(con, values)
    inserted, changed, closed, unchanged = (sum(column) for column in zip(*totals, strict=True))
    return MergeCounts(
        inserted=inserted, changed=changed, closed=closed, unchanged=unchanged, repeated=repeated
    )


def _merge_table(
    con: "DuckDBPyConnection", name: str, staged: Staged, unit: str, at: datetime
) -> tuple[int, int, int, int]:
    """Close and insert versions of one table; return how many are new, changed, gone, unchanged."""
    table, (key,) = staged.table, staged.key
    now = {"unit": unit, "at": at}
    held = f"t.{key} = s.{key} AND t.unit = $unit AND t.valid_to IS NULL"
    counts = con.execute(
        f"SELECT count(*) FILTER (t.{key} IS NULL), count(*) FILTER (t.digest <> s.digest),"  # noqa: S608 - names from our own schema
        f" count(*) FILTER (t.digest = s.digest) FROM staged_{name} s LEFT JOIN {table} t ON {held}",
        {"unit": unit},
    ).fetchone()
    new, changed, unchanged = counts or (0, 0, 0)
    ended = con.execute(
        f"UPDATE {table} t SET valid_to = $at WHERE t.unit = $unit AND t.valid_to IS NULL"  # noqa: S608 - as above
        f" AND NOT EXISTS (FROM staged_{name} s WHERE s.{key} = t.{key} AND s.digest = t.digest)"
        f" AND ((t.source, t.region) IN (SELECT (source, region) FROM closable)"
        f" OR t.{key} IN (SELECT {key} FROM staged_{name}))",
        now,
    ).fetchone()
    closed = ended[0] if ended else 0
    if closed:
        # A version that this very moment wrote and took back never held.
        con.execute(
            f"DELETE FROM {table} WHERE unit = $unit AND valid_to = $at AND valid_from = $at",  # noqa: S608 - as above
            now,
        )
    if new or changed:
        con.execute(
            f"INSERT INTO {table} BY NAME"  # noqa: S608 - as above
            f" SELECT s.*, coalesce(f.first_seen, $at) AS first_seen, $at AS valid_from"
            f" FROM staged_{name} s LEFT JOIN (SELECT {key}, min(first_seen) AS first_seen"
            f" FROM {table} WHERE unit = $unit GROUP BY {key}) f ON f.{key} = s.{key}"
            f" WHERE NOT EXISTS (FROM {table} t WHERE {held})",
            now,
        )
    return new, changed, closed - changed, unchanged


def _merge_usage(con: "DuckDBPyConnection", unit: str) -> None:
    """Update last use in place where it differs. What is not read is not "never" any longer.

    A source that cannot tell keeps the last use that was known: it did happen.
    """
    con.execute(
        "UPDATE usage_last t SET usage = s.usage,"
        " last_used_at = greatest(s.last_used_at, t.last_used_at),"
        " service = coalesce(s.service, t.service),"
        " used_region = coalesce(s.used_region, t.used_region),"
        " window_days = s.window_days, note = s.note, source = s.source, region = s.region"
        " FROM staged_usage s WHERE s.subject_id = t.subject_id AND ("
        " (s.usage, s.note, s.window_days, s.source, s.region)"
        " IS DISTINCT FROM (t.usage, t.note, t.window_days, t.source, t.region)"
        " OR greatest(s.last_used_at, t.last_used_at) IS DISTINCT FROM t.last_used_at)"
    )
    con.execute(
        "UPDATE usage_last t SET usage = 'unknown'"
        " WHERE t.unit = ? AND t.usage IN ('never', 'unsupported')"
        " AND NOT EXISTS (FROM staged_usage s WHERE s.subject_id = t.subject_id)"
        " AND EXISTS (FROM staged_coverage c WHERE c.source = t.source AND c.region = t.region"
        " AND c.state NOT IN ('complete', 'not_available'))",
        [unit],
    )
    con.execute(
        "INSERT INTO usage_last BY NAME SELECT s.* FROM staged_usage s"
        " WHERE NOT EXISTS (FROM usage_last t WHERE t.subject_id = s.subject_id)"
    )


def _note_coverage(con: "DuckDBPyConnection", values: Mapping[str, Any]) -> None:
    """Write what was read, once per scan and unit, and which read of the unit is the newest."""
    con.execute(
        "DELETE FROM coverage_read WHERE unit = ? AND scan_id = ?",
        [values["unit"], values["scan_id"]],
    )
    con.execute("INSERT INTO coverage_read BY NAME FROM staged_coverage")
    con.execute("DELETE FROM unit_read WHERE unit = ?", [values["unit"]])
    names = ("unit", "tenant_id", "provider", "account_id", "part", "scan_id", "started_at", "at")
    con.execute(
        "INSERT INTO unit_read VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [values[name] for name in names]
    )
