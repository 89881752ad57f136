"""Brings a store to this version's schema: numbered migrations once each, then the views anew."""

from importlib.resources import files
from typing import TYPE_CHECKING

from nhiscan.errors import StoreError
from nhiscan.store.transaction import transaction
from nhiscan.store.views import create_views

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def migrations() -> list[tuple[int, str]]:
    """List the migrations in order, as (number, SQL)."""
    folder = files("nhiscan.schema")
    found = [f for f in folder.iterdir() if f.name.endswith(".sql") and f.name[:4].isdigit()]
    return [(int(f.name[:4]), f.read_text("utf-8")) for f in sorted(found, key=lambda f: f.name)]


def newest() -> int:
    """Return the number of the schema that this nhiscan writes."""
    return max(number for number, _ in migrations())


def migrate(con: "DuckDBPyConnection") -> None:
    """Apply what is missing, each migration in its own transaction; refuse what is not ours.

    StoreError if the file holds somebody else's tables, or the store is newer than this nhiscan.
    """
    applied = _applied(con)
    if applied and max(applied) > newest():
        raise StoreError(
            f"the store has schema {max(applied)}; this nhiscan knows {newest()}",
            hint="upgrade nhiscan; an older one must not write a newer store",
        )
    for number, sql in migrations():
        if number in applied:
            continue
        with transaction(con):
            con.execute(sql)
            con.execute("INSERT INTO schema_migration VALUES (?, now())", [number])
    create_views(con)


def _applied(con: "DuckDBPyConnection") -> set[int]:
    tables = {
        row[0]
        for row in con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
    }
    if tables and "schema_migration" not in tables:
        raise StoreError(
            "a DuckDB file, but not a store of nhiscan", hint="name another one with --db"
        )
    con.execute(
        "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER, applied_at TIMESTAMPTZ)"
    )
    return {row[0] for row in con.execute("SELECT number FROM schema_migration").fetchall()}
