"""Merges what was concluded (owners, reach, findings …) with the same history as what was read."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from nhiscan.errors import NhiscanError
from nhiscan.store.tables import DERIVED, HISTORY, Derived
from nhiscan.store.transaction import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def merge_derived(con: "DuckDBPyConnection", name: str, staged: str, at: datetime) -> None:
    """Make `<name>_version` currently equal to the table `staged`, in one transaction.

    `staged` holds the target's columns but the history's. Rows it lacks are closed; columns that
    the description calls volatile are updated in place and make no history. Two rows of one key
    are a fault of the caller.
    """
    table = DERIVED[name]
    stable = _stage(con, table, staged)
    same = _equal(table.key)
    alike = _equal(stable)
    with transaction(con):
        con.execute(
            f"UPDATE {table.table} t SET valid_to = $at WHERE t.valid_to IS NULL"  # noqa: S608 - names from our own schema
            f" AND NOT EXISTS (FROM staged_derived s WHERE {alike})",
            {"at": at},
        )
        # A version that this very moment wrote and took back never held.
        con.execute(
            f"DELETE FROM {table.table} WHERE valid_to = $at AND valid_from = $at", {"at": at}
        )  # noqa: E501, S608 - as above
        con.execute(
            f"INSERT INTO {table.table} BY NAME SELECT s.*, $at AS valid_from FROM staged_derived s"  # noqa: S608 - as above
            f" WHERE NOT EXISTS (FROM {table.table} t WHERE {same} AND t.valid_to IS NULL)",
            {"at": at},
        )
        if table.volatile:
            _update_volatile(con, table, same)
    con.execute("DROP TABLE staged_derived")


def _stage(con: "DuckDBPyConnection", table: Derived, staged: str) -> list[str]:
    """Copy `staged` with the target's columns and types; return the columns that make history."""
    columns = {
        name: kind
        for name, kind in con.execute(
            "SELECT column_name, data_type FROM duckdb_columns()"
            " WHERE table_name = ? AND NOT internal ORDER BY column_index",
            [table.table],
        ).fetchall()
        if name not in HISTORY
    }
    typed = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE staged_derived AS SELECT {typed} FROM {staged}")  # noqa: S608 - as above
    key = ", ".join(f'"{name}"' for name in table.key)
    twice = con.execute(
        f"SELECT {key} FROM staged_derived GROUP BY ALL HAVING count(*) > 1 LIMIT 1"  # noqa: S608 - as above
    ).fetchone()
    if twice is not None:
        raise NhiscanError(f"two rows of {table.name} have the key {twice!r}")
    return [name for name in columns if name not in table.volatile]


def _update_volatile(con: "DuckDBPyConnection", table: Derived, same: str) -> None:
    changes = ", ".join(f'"{name}" = s."{name}"' for name in table.volatile)
    differ = " OR ".join(f't."{name}" IS DISTINCT FROM s."{name}"' for name in table.volatile)
    con.execute(
        f"UPDATE {table.table} t SET {changes} FROM staged_derived s"  # noqa: S608 - names from our own schema
        f" WHERE {same} AND t.valid_to IS NULL AND ({differ})"
    )


def _equal(columns: Iterable[str]) -> str:
    return " AND ".join(f't."{name}" IS NOT DISTINCT FROM s."{name}"' for name in columns)
