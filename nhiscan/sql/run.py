"""Runs one read-only statement within a time limit and returns its result as a Table."""

from collections.abc import Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from re import search
from threading import Timer
from typing import TYPE_CHECKING, Any

from nhiscan.errors import QueryError
from nhiscan.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection, Statement

TIMEOUT = 60.0


def run(
    con: "DuckDBPyConnection",
    sql: str,
    params: Mapping[str, Any] | None = None,
    *,
    timeout: float = TIMEOUT,
    title: str = "",
    notes: tuple[str, ...] = (),
) -> Table:
    """Run one SELECT (or EXPLAIN, DESCRIBE, SHOW) of at most `timeout` seconds.

    `params` may hold more names than the statement uses. QueryError tells what is refused or wrong.
    """
    import duckdb

    statement = _single(sql)
    used = {name: params[name] for name in statement.named_parameters if params and name in params}
    missing = sorted(set(statement.named_parameters) - set(used))
    if missing:
        raise QueryError(f"no value for ${missing[0]}", hint="give it with --param name=value")
    try:
        with _interrupted_after(con, timeout):
            result = con.execute(statement, used) if used else con.execute(statement)
            rows = result.fetchall()
            columns = tuple(column[0] for column in result.description or ())
    except duckdb.InterruptException:
        raise QueryError(
            f"stopped after {timeout:g} seconds", hint="narrow the question, or raise --timeout"
        ) from None
    except duckdb.OutOfMemoryException:
        raise QueryError(
            "the question needs more memory than is allowed", hint="narrow it or aggregate earlier"
        ) from None
    except duckdb.Error as error:
        raise QueryError(_first_lines(error), hint=_suggestion(con, str(error))) from None
    return Table(columns=columns, rows=rows, title=title, notes=notes)


def _single(sql: str) -> "Statement":
    """Parse exactly one statement that only reads."""
    import duckdb

    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(_first_lines(error)) from None
    if len(statements) != 1:
        raise QueryError(
            f"{len(statements)} statements in one call; one is allowed",
            hint="ask them one after the other, or use `nhiscan shell`",
        )
    allowed = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if statements[0].type not in allowed:
        raise QueryError(
            f"{statements[0].type.name} statements are refused: the store is for reading",
            hint="SELECT, WITH, DESCRIBE, SHOW and EXPLAIN are allowed",
        )
    return statements[0]


@contextmanager
def _interrupted_after(con: "DuckDBPyConnection", seconds: float) -> "Iterator[None]":
    timer = Timer(seconds, con.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # A thread still waking when the interpreter ends is killed inside native code: SIGABRT.
        timer.join()


def _first_lines(error: Exception) -> str:
    """Keep DuckDB's message and drop its picture of the statement."""
    return str(error).split("\n\nLINE")[0].strip()


def _suggestion(con: "DuckDBPyConnection", message: str) -> str | None:
    """Name the nearest table or column for a name that does not exist."""
    table = search(r"Table with name (\S+) does not exist", message)
    column = search(r'Referenced column "([^"]+)" not found', message)
    if table:
        kind, wrong = "views", table[1]
        found = con.execute("SELECT DISTINCT view_name FROM duckdb_views() WHERE NOT internal")
    elif column:
        kind, wrong = "columns", column[1]
        found = con.execute(
            "SELECT DISTINCT column_name FROM duckdb_columns() WHERE table_name IN"
            " (SELECT view_name FROM duckdb_views() WHERE NOT internal)"
        )
    else:
        return None
    names = sorted(row[0] for row in found.fetchall())
    near = get_close_matches(wrong, names, n=3)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"{kind}: {', '.join(names)}" if kind == "views" else None
