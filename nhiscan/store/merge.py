"""Merges one spool into the store in one transaction: what is new, changed, and provably gone."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from msgspec import Struct

from nhiscan.spool import Header, SpoolReader
from nhiscan.store.rows import Rows
from nhiscan.store.tables import RECORDS, Versioned

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STAGED = {name: table.table for name, table in RECORDS.items()} | {
    "usage": "usage_last",
    "coverage": "coverage_read",
}
_NOT_STAGED = frozenset({"valid_from", "valid_to", "recorded_at"})


class MergeCounts(Struct, frozen=True, kw_only=True):
    """What one merge did to the versioned rows of a unit; `skipped` says why nothing was done."""

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

    A row is closed only if its (source, region) was read completely here and does not slide.
    """
    header = spool.header
    rows = Rows(header)
    newest = con.execute(
        "SELECT started_at FROM unit_read WHERE unit = ? AND started_at > ?",
        [rows.unit, header.started_at],
    ).fetchone()
    if newest is not None:
        return MergeCounts(skipped=f"the store holds a newer read, of {newest[0]:%Y-%m-%d %H:%M}")
    staged = _write_rows(spool, rows, folder)
    con.execute("BEGIN")
    try:
        counts = _merge_staged(con, header, rows.unit, staged, at)
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise
    finally:
        for path in staged.values():
            path.unlink(missing_ok=True)
    return counts


def _write_rows(spool: SpoolReader, rows: Rows, folder: Path) -> dict[str, Path]:
    """Write one newline-JSON file per table; DuckDB loads those faster than any row insert."""
    encoder = msgspec.json.Encoder()
    paths = {name: folder / f"stage-{name}.jsonl" for name in STAGED}
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {
            name: stack.enter_context(path.open("wb")) for name, path in paths.items()
        }
        for line, record in enumerate(spool):
            name, row = rows.row(record)
            row["line"] = line
            files[name].write(encoder.encode(row) + b"\n")
    return paths


def _merge_staged(
    con: "DuckDBPyConnection", header: Header, unit: str, staged: dict[str, Path], at: datetime
) -> MergeCounts:
    repeated = sum(_stage(con, name, path) for name, path in staged.items())
    con.execute("INSERT INTO coverage_read SELECT *, ? FROM staged_coverage", [at])
    con.execute(
        "CREATE OR REPLACE TEMP TABLE closable AS SELECT source, region FROM staged_coverage"
        " WHERE state = 'complete' AND NOT list_contains(?, source)",
        [header.sliding],
    )
    totals = [_merge_table(con, table, unit, at) for table in RECORDS.values()]
    _merge_usage(con)
    _note_unit(con, header, unit, at)
    inserted, changed, closed, unchanged = (sum(column) for column in zip(*totals, strict=True))
    return MergeCounts(
        inserted=inserted, changed=changed, closed=closed, unchanged=unchanged, repeated=repeated
    )


def _stage(con: "DuckDBPyConnection", name: str, path: Path) -> int:
    """Load one file into `staged_<name>` with the target's columns; return how many rows repeat.

    Of rows with one key the last read wins: a list that was restarted may show a thing twice.
    """
    table = STAGED[name]
    columns = {
        column: kind
        for column, kind in con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?"
            " ORDER BY column_index",
            [table],
        ).fetchall()
        if column not in _NOT_STAGED
    }
    key = RECORDS[name].key if name in RECORDS else _KEYS[name]
    types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
    listed = ", ".join(f'"{column}"' for column in columns)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE staged_{name} AS SELECT {listed} FROM read_json(?,"  # noqa: S608 - names from our own schema
        f" format = 'newline_delimited', columns = {{{types}, 'line': 'BIGINT'}},"
        " maximum_object_size = 33554432)"
        f" QUALIFY row_number() OVER (PARTITION BY {', '.join(key)} ORDER BY line DESC) = 1",
        [str(path)],
    )
    kept = con.execute(f"SELECT count(*) FROM staged_{name}").fetchone()  # noqa: S608 - as above
    with path.open("rb") as lines:
        written = sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))
    return written - (kept[0] if kept else 0)


_KEYS = {"usage": ("subject_id",), "coverage": ("source", "region")}


def _merge_table(
    con: "DuckDBPyConnection", table: Versioned, unit: str, at: datetime
) -> tuple[int, int, int, int]:
    """Close and insert versions of one table; return how many are new, changed, gone, unchanged."""
    name, target, key = table.name, table.table, table.key[0]
    same = f"t.{key} = s.{key}"
    counts = con.execute(
        f"SELECT count(*) FILTER (t.{key} IS NULL), count(*) FILTER (t.digest <> s.digest),"  # noqa: S608 - names from our own schema
        f" count(*) FILTER (t.digest = s.digest) FROM staged_{name} s"
        f" LEFT JOIN {target} t ON {same} AND t.valid_to IS NULL"
    ).fetchone()
    gone = con.execute(
        f"UPDATE {target} t SET valid_to = $at WHERE t.valid_to IS NULL AND t.unit = $unit"  # noqa: S608 - as above
        f" AND (t.source, t.region) IN (SELECT (source, region) FROM closable)"
        f" AND NOT EXISTS (FROM staged_{name} s WHERE {same})",
        {"at": at, "unit": unit},
    ).fetchone()
    con.execute(
        f"UPDATE {target} t SET valid_to = $at FROM staged_{name} s"  # noqa: S608 - as above
        f" WHERE {same} AND t.valid_to IS NULL AND t.digest <> s.digest",
        {"at": at},
    )
    con.execute(
        f"INSERT INTO {target} BY NAME SELECT s.*, $at AS valid_from FROM staged_{name} s"  # noqa: S608 - as above
        f" WHERE NOT EXISTS (FROM {target} t WHERE {same} AND t.valid_to IS NULL)",
        {"at": at},
    )
    new, changed, unchanged = counts or (0, 0, 0)
    return new, changed, gone[0] if gone else 0, unchanged


def _merge_usage(con: "DuckDBPyConnection") -> None:
    """Update last use in place where it differs; an unreadable source keeps what was known."""
    con.execute(
        "UPDATE usage_last t SET usage = s.usage,"
        " last_used_at = greatest(s.last_used_at, t.last_used_at),"
        " service = coalesce(s.service, t.service),"
        " used_region = coalesce(s.used_region, t.used_region),"
        " window_days = s.window_days, note = s.note, source = s.source, region = s.region"
        " FROM staged_usage s WHERE s.subject_id = t.subject_id AND ("
        " s.usage <> t.usage OR s.note IS DISTINCT FROM t.note"
        " OR greatest(s.last_used_at, t.last_used_at) IS DISTINCT FROM t.last_used_at)"
    )
    con.execute(
        "INSERT INTO usage_last BY NAME SELECT s.* FROM staged_usage s"
        " WHERE NOT EXISTS (FROM usage_last t WHERE t.subject_id = s.subject_id)"
    )


def _note_unit(con: "DuckDBPyConnection", header: Header, unit: str, at: datetime) -> None:
    con.execute("DELETE FROM unit_read WHERE unit = ?", [unit])
    con.execute(
        "INSERT INTO unit_read VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            unit,
            header.tenant_id,
            header.provider,
            f"{header.provider}:{header.account}",
            header.part,
            header.scan_id,
            header.started_at,
            at,
        ],
    )
