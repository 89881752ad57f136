"""Opens a store for questions: read-only, no files, no network, no settings, bounded memory."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nhiscan.errors import QueryError, StoreError, UsageError
from nhiscan.store import views
from nhiscan.store.connect import NO_EXTENSIONS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_LIMIT = "4GB"


def open_reader(
    path: Path, as_of: datetime | None = None, *, memory_limit: str = MEMORY_LIMIT
) -> "DuckDBPyConnection":
    """Open `path` so that the views answer by their plain names, and nothing else is possible.

    With `as_of` the plain names mean that moment; `…_history` names stay what they are. The store
    is attached read-only to an empty in-memory database; settings are locked before this returns.
    """
    import duckdb

    if not path.exists():
        raise UsageError(
            f"{path}: no store is there yet",
            hint="run `nhiscan scan` first, or name a store with --db",
        )
    config: dict[str, str | bool | int | float | list[str]] = {**NO_EXTENSIONS}
    con = duckdb.connect(":memory:", config=config)
    try:
        con.execute(f"ATTACH {_quoted(path)} AS store (READ_ONLY)")
    except duckdb.Error as error:
        con.close()
        raise StoreError(f"{path}: not a store that DuckDB can open: {error}") from None
    con.execute("SET TimeZone = 'UTC'")
    _check_schema(con, path)
    con.execute("SET search_path = 'memory.main,store.main'")
    if as_of is not None:
        _as_of(con, as_of)
    con.execute(f"SET memory_limit = '{memory_limit}'")
    con.execute("SET max_temp_directory_size = '0B'")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _check_schema(con: "DuckDBPyConnection", path: Path) -> None:
    known = con.execute(
        "SELECT 1 FROM duckdb_views() WHERE database_name = 'store' AND view_name = 'identities'"
    ).fetchone()
    if known is None:
        raise StoreError(f"{path}: a DuckDB file, but not a store of nhiscan")


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


def _quoted(path: Path) -> str:
    return "'" + str(path.resolve()).replace("'", "''") + "'"
