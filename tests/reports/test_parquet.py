"""Parquet keeps types: what was a time, a number or a list is one for the next reader."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nhiscan.table import Table
from nhiscan_reports.parquet import Parquet, column_type


def written(table: Table, path: Path) -> Path:
    with path.open("wb") as stream:
        Parquet().write(table, stream)
    return path


def read(path: Path) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        types = con.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        rows = con.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    return {row[0]: row[1] for row in types}, rows


def test_types_and_values(hard: Table, tmp_path: Path) -> None:
    types, rows = read(written(hard, tmp_path / "hard.parquet"))
    assert types == {
        "name": "VARCHAR",
        "severity": "VARCHAR",
        "flag": "BOOLEAN",
        "count": "BIGINT",
        "ratio": "DOUBLE",
        "note": "VARCHAR",
        "at": "TIMESTAMP WITH TIME ZONE",
        "day": "DATE",
        "list": "VARCHAR[]",
        "facts": "JSON",
    }
    for before, after in zip(hard.rows, rows, strict=True):
        assert after[:9] == tuple(before[:9])


def test_no_temporary_file_stays(
    hard: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    written(hard, tmp_path / "hard.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["hard.parquet"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([None, None], "VARCHAR"),
        ([1, 2.5], "DOUBLE"),
        ([2**63], "VARCHAR"),
        ([True, 1], "VARCHAR"),
        ([[], ["a"]], "VARCHAR[]"),
        ([["a"], [1]], "JSON"),
        ([{"a": 1}, "x"], "VARCHAR"),
        ([datetime(2026, 1, 1, tzinfo=UTC), None], "TIMESTAMPTZ"),
    ],
)
def test_column_type(values: list[Any], kind: str) -> None:
    assert column_type(values) == kind


def test_mixed_and_odd_names(tmp_path: Path) -> None:
    table = Table(columns=('a "b"', "a"), rows=[(2**70, float("inf")), (True, float("nan"))])
    types, rows = read(written(table, tmp_path / "odd.parquet"))
    assert list(types) == ['a "b"', "a"]
    assert [row[0] for row in rows] == [str(2**70), "true"]
    assert rows[0][1] == float("inf")


def test_a_long_row_fits(tmp_path: Path) -> None:
    table = Table(columns=("v",), rows=[("x" * 20_000_000,)])
    _, rows = read(written(table, tmp_path / "long.parquet"))
    assert len(rows[0][0]) == 20_000_000


def test_stream_is_enough(hard: Table) -> None:
    stream = io.BytesIO()
    Parquet().write(hard, stream)
    assert stream.getvalue()[:4] == stream.getvalue()[-4:] == b"PAR1"
