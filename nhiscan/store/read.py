"""Opens a store for questions: read-only, no files, no network, no settings, bounded memory."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nhiscan.errors import QueryError, StoreError, UsageError
from nhiscan.store import views
from nhiscan.store.connect import NO_EXTENSIONS, quoted
from nhiscan.store.migrate import newest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_LIMIT = "4GB"


def open_reader(
    path: Path,
    as_of: datetime | None = None,
    *,
    memory_limit: str = MEMORY_LIMIT,
    older: bool = False,
) -> "DuckDBPyConnection":
    """Open `path` so that the views answer by their plain names, and nothing else is possible.

    With `as_of` the plain names mean that moment; `…_history` names stay what they are. The store
    is attached read-only to an empty in-memory database; settings are locked before this returns.
    `older` lets in a store of an older schema: for what precedes the write that mends that.
    """
    import duckdb

    if not path.is_file():
        raise UsageError(
            f"{path}: no store is there yet",
            hint="run `nhiscan scan` first, or name a store with --db",
        )
    config: dict[str, str | bool | int | float | list[str]] = {**NO_EXTENSIONS}
    con = duckdb.connect(":memory:", config=config)
    try:
        con.execute(f"ATTACH {quoted(path.resolve())} AS store (READ_ONLY)")
        con.execute("SET TimeZone = 'UTC'")
        _check_schema(con, path, older=older)
        con.execute("SET search_path = 'memory.main,store.main'")
        if as_of is not None:
            _as_of(con, as_of)
        _lock(con, memory_limit)
    except duckdb.Error as error:
        con.close()
        raise StoreError(
            f"{path}: not a store that DuckDB can open: {error}",
            hint="put a backup in its place, or move it away and run `nhiscan scan`",
        ) from None
    except UsageError:
        con.close()
        raise
    return con


def _lock(con: "DuckDBPyConnection", memory_limit: str) -> None:
    """Bound what a question may take, then make that, and the rest, impossible to change."""
    con.execute(f"SET memory_limit = '{memory_limit}'")
    con.execute(f"SET threads = {min(4, os.cpu_count() or 1)}")
    # Nothing is spilled: a temporary file beside the store, or in the current folder, would hold
    # clients' data.
    con.execute("SET temp_directory = ''")
    con.execute("SET max_temp_directory_size = '0B'")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def _check_schema(con: "DuckDBPyConnection", path: Path, *, older: bool) -> None:
    ours = con.execute(
        "SELECT 1 FROM duckdb_tables()"
        " WHERE database_name = 'store' AND table_name = 'schema_migration'"
    ).fetchone()
    if ours is None:
        raise StoreError(f"{path}: a DuckDB file, but not a store of nhiscan")
    row = con.execute("SELECT max(number) FROM store.main.schema_migration").fetchone()
    number, known = (row[0] if row else 0) or 0, newest()
    if number > known:
        raise StoreError(
            f"{path}: the store has schema {number}; this nhiscan knows {known}",
            hint="upgrade nhiscan",
        )
    if number < known and not older:
        raise StoreError(
            f"{path}: the store has schema {number}; this nhiscan reads {known}",
            hint="the next `nhiscan scan` or `nhiscan merge` brings it up to date",
        )


def _as_of(con: "DuckDBPyConnection", moment: datetime) -> None:
    first = con.execute("SELECT min(started_at) FROM store.main.scan").fetchone()
    if first and first[0] is not None and moment < first[0]:
        raise QueryError(
            f"the store knows nothing of {moment:%Y-%m-%d %H:%M:%S}Z:"
            f" its first scan is of {first[0]:%Y-%m-%d %H:%M:%S}Z",
            hint=f"ask --as-of {first[0]:%Y-%m-%dT%H:%M:%S}Z or later",
        )
    for view in map(views.load, views.NAMES):
        con.execute(f"CREATE VIEW memory.main.{view.name} AS {view.sql('as_of', moment)}")
