"""Runs one read-only statement within a time limit and returns its result as a Table."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from re import search
from threading import Event
from typing import TYPE_CHECKING, Any

from nhiscan.errors import QueryError
from nhiscan.sql.allowed import first_lines, single
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TIMEOUT = 60.0
_ROWS = 10_000
_VALUES = 50_000_000  # about 4 GiB as Python objects; 3.3 million rows of gaps are within it


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

    statement = single(con, sql)
    used = {name: params[name] for name in statement.named_parameters if params and name in params}
    missing = sorted(set(statement.named_parameters) - set(used))
    if missing:
        raise QueryError(f"no value for ${missing[0]}", hint="give it with --param name=value")
    stop = Event()

    def ask() -> Table:
        result = con.execute(statement, used) if used else con.execute(statement)
        columns = tuple(column[0] for column in result.description or ())
        rows = _fetched(result, len(columns), stop)
        return Table(columns=columns, rows=rows, title=title, notes=notes)

    try:
        return _bounded(con, ask, timeout, stop)
    except duckdb.OutOfMemoryException:
        raise QueryError(
            "the question needs more memory than is allowed", hint="narrow it or aggregate earlier"
        ) from None
    except duckdb.Error as error:
        raise QueryError(first_lines(error), hint=_suggestion(con, str(error))) from None


def _bounded(
    con: "DuckDBPyConnection", ask: Callable[[], Table], seconds: float, stop: Event
) -> Table:
    """Ask in a thread of its own: DuckDB itself heeds neither a time limit nor Ctrl-C.

    The thread has ended when this returns; one that still ran at exit would abort the process.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        answer = pool.submit(ask)
        try:
            return answer.result(timeout=seconds)
        except TimeoutError:
            raise QueryError(
                f"stopped after {seconds:g} seconds", hint="narrow the question, or raise --timeout"
            ) from None
        finally:
            if not answer.done():
                stop.set()
                con.interrupt()


def _fetched(result: "DuckDBPyConnection", width: int, stop: Event) -> list[tuple[Any, ...]]:
    """Fetch all rows; DuckDB's memory limit does not count what Python holds."""
    rows: list[tuple[Any, ...]] = []
    while not stop.is_set() and (part := result.fetchmany(_ROWS)):
        rows += part
        if len(rows) * width > _VALUES:
            raise QueryError(
                f"the answer has more than {_VALUES:,} values", hint="add a LIMIT, or aggregate"
            )
    return rows


def _suggestion(con: "DuckDBPyConnection", message: str) -> str | None:
    """Name the nearest table or column for a name that does not exist."""
    table = search(r"Table with name (\S+) does not exist", message)
    column = search(
        r'Referenced column "([^"]+)" not found|not have a column named "([^"]+)"', message
    )
    if table:
        kind, wrong = "views", table[1]
        found = con.execute("SELECT DISTINCT view_name FROM duckdb_views() WHERE NOT internal")
    elif column:
        kind, wrong = "columns", column[1] or column[2]
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
