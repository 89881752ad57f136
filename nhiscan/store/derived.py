"""Merges what was concluded (owners, reach, findings …) with the same history as what was read."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from nhiscan.errors import NhiscanError
from nhiscan.store.staging import columns_of
from nhiscan.store.statements import statement
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
        con.execute(statement("derived_close", table=table.table, alike=alike), {"at": at})
        con.execute(statement("retract", table=table.table), {"at": at})
        con.execute(statement("derived_insert", table=table.table, same=same), {"at": at})
        if table.volatile:
            con.execute(_update_volatile(table, same))
    con.execute("DROP TABLE staged_derived")


def _stage(con: "DuckDBPyConnection", table: Derived, staged: str) -> list[str]:
    """Copy `staged` with the target's columns and types; return the columns that make history."""
    found = columns_of(con, table.table)
    columns = {name: kind for name, kind in found.items() if name not in HISTORY}
    typed = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in columns.items())
    con.execute(statement("derived_stage", columns=typed, staged=staged))
    key = ", ".join(f'"{name}"' for name in table.key)
    twice = con.execute(statement("derived_twice", key=key)).fetchone()
    if twice is not None:
        raise NhiscanError(f"two rows of {table.name} have the key {twice!r}")
    return [name for name in columns if name not in table.volatile]


def _update_volatile(table: Derived, same: str) -> str:
    changes = ", ".join(f'"{name}" = s."{name}"' for name in table.volatile)
    differ = " OR ".join(f't."{name}" IS DISTINCT FROM s."{name}"' for name in table.volatile)
    return statement("derived_update", table=table.table, same=same, changes=changes, differ=differ)


def _equal(columns: Iterable[str]) -> str:
    return " AND ".join(f't."{name}" IS NOT DISTINCT FROM s."{name}"' for name in columns)
