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
from nhiscan.store.statements import statement
from nhiscan.store.tables import HISTORY, NAMES, STAGED, Staged

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
    columns = {
        column: kind
        for column, kind in columns_of(con, staged.table).items()
        if column not in (*HISTORY, "first_seen", *staged.unit)
    }
    if path is None:
        listed = ", ".join(f'"{column}"' for column in columns)
        con.execute(statement("stage_none", name=name, table=staged.table, columns=listed))
        return 0
    sql = statement(
        "stage",
        name=name,
        columns=_selected(staged, columns),
        fields=_fields(staged, columns),
        longest=str(_LONGEST_OBJECT),
    )
    con.execute(sql, {"path": str(path)} | used(sql, values))
    return _keep_one(con, name, staged)


def used(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the values that a statement names; DuckDB refuses others."""
    return {name: values[name] for name in re.findall(r"\$(\w+)", sql) if name in values}


def columns_of(con: "DuckDBPyConnection", table: str) -> dict[str, str]:
    """Map a table's columns to their types."""
    # Of one table only: duckdb_columns() binds every view to list any column.
    found = con.execute("SELECT name, type FROM pragma_table_info(?)", [table]).fetchall()
    return dict(found)


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
        source = "_digest" if column == "digest" else staged.computed.get(column)
        if source is None and column in fields:
            source = f'"{column}"'
            default = _default(fields[column])
            if default is not None:
                source = f"coalesce({source}, {default}::{kind})"
        parts.append(f'{source} AS "{column}"')
    return ", ".join(parts)


def _default(field: msgspec.structs.FieldInfo) -> str | None:
    """Write a field's default as a literal of SQL."""
    if field.default_factory is not msgspec.NODEFAULT:
        return "[]" if field.default_factory is list else "'{}'"
    if field.default is msgspec.NODEFAULT or field.default is None:
        return None
    return f"'{field.default}'"


def _keep_one(con: "DuckDBPyConnection", name: str, staged: Staged) -> int:
    """Keep the best row of each key; a list that was restarted may show a thing twice."""
    key = ", ".join(staged.key)
    row = con.execute(statement("stage_repeated", name=name, key=key)).fetchone()
    repeated: int = row[0] if row else 0
    if repeated:
        con.execute(statement("stage_keep_one", name=name, key=key, best=staged.best))
    return repeated
