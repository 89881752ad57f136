"""Runs files of SQL statements, and loads rows made in Python as a temporary table."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A text of JSON per batch: large enough to be fast, small enough to stay out of the way.
_BATCH = 20_000


def run_script(con: "DuckDBPyConnection", package: str, name: str, **params: Any) -> None:
    """Run the statements of `name` (a file of `package`), each with the parameters it names."""
    import duckdb

    text = files(package).joinpath(name).read_text("utf-8")
    for statement in duckdb.extract_statements(text):
        used = {key: params[key] for key in statement.named_parameters}
        con.execute(statement, used or None)


def stage_rows(
    con: "DuckDBPyConnection",
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Create the temporary table `name`; `columns` maps its columns to DuckDB types.

    Values are those JSON knows. Set-based: a row costs microseconds, not a statement, and half as
    much column by column as row by row.
    """
    types = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({types})")
    shape = msgspec.json.encode({column: [kind] for column, kind in columns.items()}).decode()
    listed = ", ".join(f'unnest(r."{column}")' for column in columns)
    insert = f"INSERT INTO {name} SELECT {listed} FROM (SELECT from_json(?, '{shape}') AS r)"  # noqa: S608
    for start in range(0, len(rows), _BATCH):
        turned = zip(*rows[start : start + _BATCH], strict=True)
        batch = dict(zip(columns, turned, strict=True))
        con.execute(insert, [msgspec.json.encode(batch).decode()])


@contextmanager
def scratch(con: "DuckDBPyConnection") -> Iterator[None]:
    """Drop the temporary tables that the block makes: what was only a step gives back its memory.

    On an error nothing is done; the connection is about to be closed.
    """
    before = _temporary(con)
    yield
    for name in _temporary(con) - before:
        con.execute(f'DROP TABLE "{name}"')


def _temporary(con: "DuckDBPyConnection") -> set[str]:
    rows = con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    return {row[0] for row in rows}
