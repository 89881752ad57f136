"""Brings a spool's records into temporary tables: validated, keyed, one row per key."""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from nhiscan.errors import SpoolError
from nhiscan.spool import SpoolReader
from nhiscan.store.rows import Rows
from nhiscan.store.tables import HISTORY, NAMES, STAGED, UNIT, Staged

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Twice what a spool's line may hold: escaping can only shorten it, ids add less than 200 bytes.
_LONGEST_OBJECT = 8 << 20
_BLOCK = 1 << 20


def write_lines(spool: SpoolReader, folder: Path) -> dict[str, Path]:
    """Write one newline-JSON file per kind of record; DuckDB loads those far faster than rows.

    The spool is read to its end before this returns, so damage anywhere in it stops the merge
    before it begins. Kinds that do not occur have no file.
    """
    rows = Rows(spool.header)
    paths: dict[str, Path] = {}
    files: dict[type, BinaryIO] = {}
    with ExitStack() as stack:
        for record in spool:
            kind = type(record)
            file = files.get(kind)
            if file is None:
                name = NAMES[kind]
                paths[name] = folder / f"stage-{name}.jsonl"
                file = stack.enter_context(paths[name].open("wb", buffering=_BLOCK))
                files[kind] = file
            try:
                line = rows.line(record)
            except UnicodeEncodeError:
                raise SpoolError(f"{spool.path}: text that is not Unicode") from None
            file.write(line)
    return paths


def stage(
    con: "DuckDBPyConnection", name: str, path: Path | None, values: Mapping[str, Any]
) -> int:
    """Fill the temporary table `staged_<name>`; return how many rows repeated another's key."""
    staged = STAGED[name]
    columns = _columns(con, staged.table)
    if path is None:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE staged_{name} AS"  # noqa: S608 - names from our own schema
            f" SELECT {_listed(columns)} FROM {staged.table} LIMIT 0"
        )
        return 0
    sql = (
        f"CREATE OR REPLACE TEMP TABLE staged_{name} AS SELECT {_selected(staged, columns)}"  # noqa: S608 - as above
        f" FROM read_json($path, format = 'newline_delimited',"
        f" maximum_object_size = {_LONGEST_OBJECT}, columns = {_fields(staged, columns)})"
    )
    used = set(re.findall(r"\$(\w+)", sql))
    con.execute(sql, {"path": str(path)} | {k: v for k, v in values.items() if k in used})
    return _keep_one(con, name, staged)


def _columns(con: "DuckDBPyConnection", table: str) -> dict[str, str]:
    found = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns()"
        " WHERE table_name = ? AND NOT internal ORDER BY column_index",
        [table],
    ).fetchall()
    return {name: kind for name, kind in found if name not in (*HISTORY, "first_seen")}


def _fields(staged: Staged, columns: dict[str, str]) -> str:
    """Declare what the lines hold, by the types of the columns that take it."""
    fields = {"_id": "VARCHAR", "_owner": "VARCHAR", "_digest": "UBIGINT"}
    for field in msgspec.structs.fields(staged.record):
        if field.encode_name in columns or field.encode_name == "key":
            fields[field.encode_name] = columns.get(field.encode_name, "VARCHAR")
    return "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in fields.items()) + "}"


def _selected(staged: Staged, columns: dict[str, str]) -> str:
    """Say how each column is filled; what a record leaves out is its default."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(staged.record)}
    parts = []
    for column, kind in columns.items():
        source = staged.computed.get(column)
        if source is None and column in fields:
            source = f'"{column}"'
            default = _default(fields[column])
            if default is not None:
                source = f"coalesce({source}, {default}::{kind})"
        parts.append(f'{source or UNIT[column]} AS "{column}"')
    return ", ".join(parts)


def _default(field: msgspec.structs.FieldInfo) -> str | None:
    """Write a field's default as a literal of SQL."""
    if field.default_factory is not msgspec.NODEFAULT:
        return {dict: "'{}'", list: "[]"}[type(field.default_factory())]
    if field.default is msgspec.NODEFAULT or field.default is None:
        return None
    return f"'{field.default}'"


def _keep_one(con: "DuckDBPyConnection", name: str, staged: Staged) -> int:
    """Keep the best row of each key; a list that was restarted may show a thing twice."""
    key = ", ".join(staged.key)
    row = con.execute(
        f"SELECT count(*) - count(DISTINCT ({key})) FROM staged_{name}"  # noqa: S608 - names from our own schema
    ).fetchone()
    repeated: int = row[0] if row else 0
    if repeated:
        con.execute(
            f"DELETE FROM staged_{name} WHERE rowid NOT IN (SELECT rowid FROM staged_{name}"  # noqa: S608 - as above
            f" QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {staged.best}) = 1)"
        )
    return repeated


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
