"""Merges what was concluded (owners, reach, findings …) with the same history as what was read."""

from datetime import datetime
from typing import TYPE_CHECKING

from nhiscan.store.tables import DERIVED, HISTORY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def merge_derived(con: "DuckDBPyConnection", name: str, staged: str, at: datetime) -> None:
    """Make `<name>_version` currently equal to the table `staged`, in one transaction.

    `staged` holds the target's columns but the history's. Rows it lacks are closed; columns that
    the description calls volatile are updated in place and make no history.
    """
    table = DERIVED[name]
    target = table.table
    columns = [
        row[0]
        for row in con.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
            [target],
        ).fetchall()
        if row[0] not in HISTORY
    ]
    stable = ", ".join(f'"{c}"' for c in columns if c not in table.volatile)
    same = " AND ".join(f"t.{key} = s.{key}" for key in table.key)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE staged_derived AS SELECT {_listed(columns)},"  # noqa: S608 - names from our own schema
        f" md5_number_lower(to_json(struct_pack({_packed(stable)}))::VARCHAR) AS digest"
        f" FROM {staged}"
    )
    con.execute("BEGIN")
    try:
        con.execute(
            f"UPDATE {target} t SET valid_to = $at WHERE t.valid_to IS NULL AND NOT EXISTS"  # noqa: S608 - as above
            f" (FROM staged_derived s WHERE {same} AND t.digest = s.digest)",
            {"at": at},
        )
        con.execute(
            f"INSERT INTO {target} BY NAME SELECT s.*, $at AS valid_from FROM staged_derived s"  # noqa: S608 - as above
            f" WHERE NOT EXISTS (FROM {target} t WHERE {same} AND t.valid_to IS NULL)",
            {"at": at},
        )
        if table.volatile:
            _update_volatile(con, target, table.volatile, same)
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise


def _update_volatile(
    con: "DuckDBPyConnection", target: str, volatile: tuple[str, ...], same: str
) -> None:
    changes = ", ".join(f'"{c}" = s."{c}"' for c in volatile)
    differ = " OR ".join(f't."{c}" IS DISTINCT FROM s."{c}"' for c in volatile)
    con.execute(
        f"UPDATE {target} t SET {changes} FROM staged_derived s"  # noqa: S608 - names from our own schema
        f" WHERE {same} AND t.valid_to IS NULL AND ({differ})"
    )


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _packed(stable: str) -> str:
    return ", ".join(f"{column} := {column}" for column in stable.split(", "))
