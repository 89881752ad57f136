"""Decides which SQL may be asked: one statement that reads the store and tells of nothing else.

The store is attached read-only and files, network and settings are locked by DuckDB itself (see
`nhiscan.store.read`). What DuckDB still allows there, and this refuses: temporary objects, several
statements at once, and functions and views that tell paths and settings of the machine. It judges
the parsed statement, never its text.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nhiscan.errors import QueryError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

_HINT = "SELECT, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN are allowed"

# Table functions are refused unless they stand here: most others read files or tell settings.
_TABLE_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_schemas",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "histogram",
        "histogram_values",
        "icu_calendar_names",
        "json_each",
        "json_tree",
        "pg_timezone_names",
        "pragma_show",
        "pragma_table_info",
        "range",
        "repeat",
        "repeat_row",
        "summary",
        "unnest",
    }
)
_FUNCTIONS = frozenset({"current_setting", "getenv", "getvariable", "set_config", "write_log"})
# Views of the system that tell the same as a refused function.
_SYSTEM_VIEW = re.compile(r"(duckdb|pragma)_\w+|pg_settings")
_EXPLAIN = re.compile(
    r"\s*EXPLAIN(\s+ANALYZE\b|\s+ANALYSE\b|\s*\([\w\s,]*\))*\s*(?=.)", re.I | re.S
)


def single(con: "DuckDBPyConnection", sql: str) -> "Statement":
    """Parse exactly one statement that is allowed; QueryError says what is refused."""
    import duckdb

    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(first_lines(error)) from None
    if not statements:
        raise QueryError("no statement", hint=_HINT)
    if len(statements) > 1:
        raise QueryError(
            f"{len(statements)} statements in one call; one is allowed",
            hint="ask them one after the other, or use `nhiscan shell`",
        )
    (statement,) = statements
    if statement.type == duckdb.StatementType.EXPLAIN:
        prefix = _EXPLAIN.match(statement.query)
        if prefix is None:
            raise QueryError("EXPLAIN must come first, without a comment before it")
        single(con, statement.query[prefix.end() :])
    elif statement.type == duckdb.StatementType.SELECT:
        _check(con, statement.query)
    else:
        name = str(statement.type).rpartition(".")[2]
        raise QueryError(f"{name} statements are refused: the store is for reading", hint=_HINT)
    return statement


def first_lines(error: Exception) -> str:
    """Keep DuckDB's message and drop its picture of the statement."""
    return str(error).split("\n\nLINE")[0].strip()


def _check(con: "DuckDBPyConnection", sql: str) -> None:
    row = con.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {"error": True}
    if tree.get("error"):
        # To DuckDB 1.5 a PRAGMA is a SELECT, but it has no serialized form.
        raise QueryError("this statement does more than read", hint=_HINT)
    for node in _nodes(tree["statements"]):
        _check_node(con, node)


def _check_node(con: "DuckDBPyConnection", node: dict[str, Any]) -> None:
    kind = str(node.get("type"))
    if kind.endswith("_QUERY_NODE"):  # DuckDB 2: INSERT, UPDATE, DELETE or COPY within a WITH
        raise QueryError("this statement does more than read", hint=_HINT)
    if kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in _TABLE_FUNCTIONS:
            raise _refused(f"the table function {name}")
    elif kind == "FUNCTION" and str(node.get("function_name", "")).lower() in _FUNCTIONS:
        raise _refused(f"the function {node['function_name']}")
    elif kind == "BASE_TABLE":
        name = str(node.get("table_name", "")).lower()
        if _SYSTEM_VIEW.fullmatch(name) and name not in _TABLE_FUNCTIONS:
            raise _refused(f"the system view {name}")
    elif kind == "SHOW_REF" and node.get("table_name") and node.get("show_type") == "SHOW":
        _check_shown(con, str(node["table_name"]))


def _check_shown(con: "DuckDBPyConnection", name: str) -> None:
    """SHOW of a name that is no view or table shows a setting."""
    known = con.execute(
        "SELECT 1 FROM duckdb_columns() WHERE table_name = ? LIMIT 1", [name.strip('"')]
    ).fetchone()
    if known is None:
        raise _refused(f"SHOW {name}")


def _refused(what: str) -> QueryError:
    return QueryError(
        f"{what} is refused: it tells of this machine, not of the store",
        hint='views: nhiscan sql "SELECT view_name, comment FROM duckdb_views()"',
    )


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a serialized statement."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)
