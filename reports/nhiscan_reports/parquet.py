"""Parquet, written by DuckDB, with the types that the values have."""

import shutil
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.values import encode, json_text, keys, text

_LARGEST = 2**63 - 1
# DuckDB's own default for one JSON object (read_json, maximum_object_size).
_OBJECT_SIZE = 16 * 1024 * 1024


class Parquet:
    """BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMPTZ, VARCHAR and lists of those; dicts are JSON."""

    name: ClassVar[str] = "parquet"
    title: ClassVar[str] = "Parquet, for analytics"
    suffix: ClassVar[str] = ".parquet"
    binary: ClassVar[bool] = True

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write through private temporary files; memory does not grow with the table."""
        names = keys(table.columns)
        types = [column_type(row[index] for row in table.rows) for index in range(len(names))]
        with TemporaryDirectory(prefix="nhiscan-") as folder:
            lines, target = Path(folder, "rows.jsonl"), Path(folder, "rows.parquet")
            longest = _spill(table.rows, types, lines)
            _convert(lines, target, names, types, max(longest, _OBJECT_SIZE))
            with target.open("rb") as result:
                shutil.copyfileobj(result, stream)


def column_type(values: Iterable[Any]) -> str:
    """Name the narrowest DuckDB type that holds all values; VARCHAR where they differ."""
    types = {_type_of(value) for value in values if value is not None}
    if len(types) == 1:
        return types.pop()
    if types == {"BIGINT", "DOUBLE"}:
        return "DOUBLE"
    return "JSON" if types == {"VARCHAR[]", "JSON"} else "VARCHAR"


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int):
        # Parquet has no wider integer; DuckDB would write one as a DOUBLE and lose digits.
        return "BIGINT" if -_LARGEST <= value <= _LARGEST else "VARCHAR"
    if isinstance(value, float):
        return "DOUBLE"
    if isinstance(value, datetime):
        return "TIMESTAMPTZ" if value.tzinfo else "TIMESTAMP"
    if isinstance(value, date):
        return "DATE"
    if isinstance(value, (list, tuple)):
        return "VARCHAR[]" if all(isinstance(i, str | None) for i in value) else "JSON"
    return "JSON" if isinstance(value, dict) else "VARCHAR"


def _spill(rows: Sequence[Sequence[Any]], types: Sequence[str], path: Path) -> int:
    """Write the rows as JSON Lines keyed c0, c1, …; return the longest line's bytes."""
    longest = 0
    with path.open("wb") as stream:
        for row in rows:
            record = {
                f"c{number}": text(value) if kind == "VARCHAR" and value is not None else value
                for number, (value, kind) in enumerate(zip(row, types, strict=True))
            }
            line = encode(json_text(record) + "\n")
            longest = max(longest, len(line))
            stream.write(line)
    return longest


def _convert(
    lines: Path, target: Path, names: Sequence[str], types: Sequence[str], object_size: int
) -> None:
    """Let DuckDB stream the lines into Parquet."""
    import duckdb

    columns = ", ".join(f"c{number}: '{kind}'" for number, kind in enumerate(types))
    chosen = ", ".join(f"c{number} AS {_quoted(name)}" for number, name in enumerate(names))
    # Paths cannot be parameters of COPY; they are ours, below a folder that tempfile named.
    statement = f"""
        COPY (
            SELECT {chosen} FROM read_json(
                '{_literal(lines)}', format = 'newline_delimited', columns = {{{columns}}},
                maximum_object_size = {object_size}
            )
        ) TO '{_literal(target)}' (FORMAT parquet, COMPRESSION zstd)
    """  # noqa: S608 - only quoted names, own paths and type names
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("SET preserve_insertion_order = true")
        con.execute(statement)


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
