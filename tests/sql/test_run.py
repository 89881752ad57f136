"""Limits, parameters and hints of one statement."""

import os
import time
from contextlib import chdir
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nhiscan.errors import QueryError, StoreError, UsageError
from nhiscan.sql.coverage import coverage_notes
from nhiscan.sql.run import run
from nhiscan.store.read import open_reader
from tests.store.estate import START, day

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ENDLESS = "SELECT count(*) FROM range(100000) a, range(100000) b WHERE a.range + b.range = -1"


def refused(con: "DuckDBPyConnection", sql: str, **params: object) -> QueryError:
    with pytest.raises(QueryError) as caught:
        run(con, sql, params)
    return caught.value


def test_a_result_has_names_rows_and_times_in_utc(con: "DuckDBPyConnection") -> None:
    table = run(con, "SELECT name, first_seen FROM identities ORDER BY 1", title="T", notes=("n",))
    assert table.columns == ("name", "first_seen")
    assert list(table.rows) == [("a", day(0)), ("c", day(1))]
    assert (table.title, table.notes) == ("T", ("n",))
    assert table.rows[0][1].astimezone(UTC).hour == table.rows[0][1].hour == START.hour


@pytest.mark.parametrize("sql", [ENDLESS, "SELECT * FROM range(100000000000)"])
def test_a_question_without_end_is_stopped(con: "DuckDBPyConnection", sql: str) -> None:
    begun = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.5 seconds"):
        run(con, sql, timeout=0.5)
    assert time.monotonic() - begun < 10
    assert run(con, "SELECT 42").rows == [(42,)], "and the next one is answered"


def test_memory_is_bounded_and_nothing_is_spilled(published: Path, tmp_path: Path) -> None:
    sort = "FROM (SELECT range::VARCHAR || repeat('x', 50) AS b FROM range(5000000)) ORDER BY b"
    with chdir(tmp_path), open_reader(published, memory_limit="64MB") as con:
        error = refused(con, sort)
    assert error.message == "the question needs more memory than is allowed"
    assert list(tmp_path.iterdir()) == []
    assert not [p for p in published.parent.iterdir() if "tmp" in p.name]


def test_an_answer_that_python_could_not_hold_is_refused(con: "DuckDBPyConnection") -> None:
    wide = ", ".join(f"{n} AS c{n}" for n in range(1000))
    error = refused(con, "SELECT " + wide + " FROM range(1000000)")  # noqa: S608 - only numbers
    assert error.message == "the answer has more than 50,000,000 values"


def test_parameters_are_values_never_sql(con: "DuckDBPyConnection") -> None:
    sql = "SELECT count(*) FROM identities WHERE name = $name"
    assert run(con, sql, {"name": "a", "unused": 1}).rows == [(1,)]
    assert run(con, sql, {"name": "' OR true --"}).rows == [(0,)]
    assert refused(con, sql).message == "no value for $name"


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("FROM identitys", "did you mean identities"),
        ("SELECT nam FROM identities", "did you mean name"),
        ("SELECT i.nam FROM identities i", "did you mean name"),
        ("SELECT owner_statsu FROM identities", "did you mean owner_status"),
    ],
)
def test_a_misspelt_name_gets_the_nearest(con: "DuckDBPyConnection", sql: str, hint: str) -> None:
    assert hint in (refused(con, sql).hint or "")


def test_an_unknown_view_gets_the_list(con: "DuckDBPyConnection") -> None:
    assert "identities" in (refused(con, "FROM zzzzzz").hint or "")


def test_results_carry_what_was_not_read(con: "DuckDBPyConnection", published: Path) -> None:
    notes = "\n".join(coverage_notes(con))
    assert "1 source was not read whole" in notes
    assert "acme aws:111122223333 iam.credential_report: denied, no permission" in notes
    assert "nhiscan status" in notes
    with open_reader(published, day(0)) as then:
        assert coverage_notes(then) == ()


def test_a_store_that_is_not_there_or_not_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no store is there yet") as caught:
        open_reader(tmp_path / "nhiscan.duckdb")
    assert "nhiscan scan" in (caught.value.hint or "")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "notes.txt").write_text("not a database" * 1000)
    with pytest.raises(StoreError, match="not a store"):
        open_reader(tmp_path / "notes.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_store_of_somebody_else_is_a_clear_error(published: Path) -> None:
    published.chmod(0)
    try:
        with pytest.raises(StoreError):
            open_reader(published)
    finally:
        published.chmod(0o600)
