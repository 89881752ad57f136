"""Parquet: every view of the SQL surface as a file, for analytics and data lakes."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan import __version__
from nhiscan.errors import StoreError, UsageError
from nhiscan.export.folder import MANIFEST
from nhiscan.export.masked import text
from nhiscan.store import views
from nhiscan.store.connect import NO_EXTENSIONS, quoted
from nhiscan.store.read import MEMORY_LIMIT, open_reader

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMAT = "nhiscan-parquet"


class Written(Struct, frozen=True):
    """What an export wrote, in the order of the views."""

    files: tuple[str, ...]
    rows: int


def export(store: Path, target: Path) -> Written:
    """Write `<view>.parquet` for every view and a manifest.json that lists them.

    Rows are sorted by all columns, so that the same store gives the same bytes. Nothing is in place
    before all of it is written; other files in `target` are left alone.
    """
    import duckdb

    manifest = _manifest(store)
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _aside(target) as aside, _writer(store, aside) as con:
            entries = [_view(con, name, aside) for name in names()]
            manifest["views"] = entries
            listed = json.dumps(manifest, indent=1, ensure_ascii=True, default=str)
            Path(aside, MANIFEST).write_text(listed + "\n", "ascii")
            for name in (*(entry["file"] for entry in entries), MANIFEST):
                Path(aside, name).chmod(0o600)
                # A symlink of that name is replaced, never followed.
                Path(aside, name).replace(target / name)
    except OSError as error:
        raise UsageError(
            f"{target}: cannot write {error.filename or 'there'}: {error.strerror or error}",
            hint="export into a new folder, or one that an export made",
        ) from error
    except duckdb.Error as error:
        raise StoreError(
            f"{store}: cannot be exported: {str(error).splitlines()[0]}",
            hint="the next `nhiscan scan` or `nhiscan merge` makes its views anew",
        ) from error
    return Written(
        tuple(entry["file"] for entry in entries), sum(entry["rows"] for entry in entries)
    )


def names() -> Iterator[str]:
    """Name every view, each followed by its history if it has one."""
    for view in map(views.load, views.NAMES):
        yield view.name
        if view.has_history:
            yield f"{view.name}_history"


def _manifest(store: Path) -> dict[str, Any]:
    """Say of which scan the files are and what could not be read; checks the store, too."""
    with open_reader(store) as con:
        scan = con.execute(
            "SELECT scan_id, finished_at FROM scans ORDER BY started_at DESC, scan_id LIMIT 1"
        ).fetchone()
        gaps = con.execute(text("coverage.sql"), {"tenants": None})
        columns = [column[0] for column in gaps.description or ()]
        unread = [dict(zip(columns, row, strict=True)) for row in gaps.fetchall()]
    return {
        "format": FORMAT,
        "version": 1,
        "tool": f"nhiscan {__version__}",
        "scan_id": scan[0] if scan else None,
        "scanned_at": scan[1].isoformat() if scan else None,
        "not_read": unread,
    }


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """Make a private folder beside the files, on the same file system; gone afterwards."""
    aside = Path(mkdtemp(prefix=".nhiscan-", dir=target.resolve()))
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _writer(store: Path, aside: Path) -> Iterator["DuckDBPyConnection"]:
    """Open the store read-only so that nothing but `aside` can be read or written.

    The text of views lies in the store, which may be somebody else's: one that reads a file of
    this machine must fail.
    """
    import duckdb

    con = duckdb.connect(":memory:", config={**NO_EXTENSIONS})
    try:
        con.execute(f"ATTACH {quoted(store.resolve())} AS store (READ_ONLY)")
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        con.execute(f"SET temp_directory = {quoted(aside / 'spill')}")
        con.execute(f"SET allowed_directories = [{quoted(aside)}]")
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        con.execute("USE store.main")
        yield con
    finally:
        con.close()


def _view(con: "DuckDBPyConnection", name: str, aside: Path) -> dict[str, Any]:
    """Write one view and describe it."""
    path = aside / f"{name}.parquet"
    # The name is one of ours, the path that of a folder of ours.
    done = con.execute(
        f"COPY (SELECT * FROM {name} ORDER BY ALL) TO {quoted(path)}"  # noqa: S608
        " (FORMAT parquet, COMPRESSION zstd)"
    ).fetchone()
    columns = con.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns()"
        " WHERE database_name = 'store' AND table_name = $name ORDER BY column_index",
        {"name": name},
    ).fetchall()
    with path.open("rb") as stream:
        sha256 = file_digest(stream, "sha256").hexdigest()
    return {
        "view": name,
        "file": path.name,
        "rows": done[0] if done else 0,
        "sha256": sha256,
        "columns": [
            {"name": column, "type": kind, "comment": told} for column, kind, told in columns
        ],
    }
