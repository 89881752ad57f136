"""What may be asked, and the many ways of asking for more."""

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from nhiscan.errors import Exit, QueryError
from nhiscan.sql.run import run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1;",
        "-- a comment\nSELECT 1",
        "VALUES (1)",
        "FROM identities",
        "TABLE tenants",
        "WITH x AS (SELECT 1) FROM x",
        "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3) FROM r",
        "(SELECT 1) UNION ALL SELECT 2",
        "DESCRIBE identities",
        "DESCRIBE SELECT 1",
        "SHOW identities",
        "SHOW TABLES",
        "SUMMARIZE identities",
        "EXPLAIN SELECT count(*) FROM identities",
        "EXPLAIN ANALYZE SELECT count(*) FROM identities",
        "EXPLAIN (ANALYZE) SELECT 1",
        "PIVOT identities ON kind IN ('role') USING count(*)",
        "SELECT view_name, comment FROM duckdb_views()",
        "SELECT * FROM range(3), unnest([1, 2]), json_each('{\"a\": 1}')",
        "SELECT list_transform([1], lambda x: x + 1), current_timestamp, version()",
        "SELECT * FROM identities_history ORDER BY valid_from",
        "SELECT name FROM store.main.identity_version",
    ],
)
def test_reading_is_allowed(con: "DuckDBPyConnection", sql: str) -> None:
    assert run(con, sql).columns


WRITES = [
    "INSERT INTO scan VALUES ('x')",
    "UPDATE identity_version SET name = 'x'",
    "DELETE FROM store.main.identity_version",
    "WITH x AS (DELETE FROM store.main.scan RETURNING *) FROM x",
    "TRUNCATE scan",
    "DROP VIEW identities",
    "CREATE TABLE x (a INTEGER)",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "CREATE MACRO x() AS 1",
    "CREATE SEQUENCE x",
    "CREATE SECRET (TYPE s3)",
    "ALTER TABLE scan ADD COLUMN x INTEGER",
    "COMMENT ON VIEW identities IS 'x'",
    "EXPLAIN ANALYZE CREATE TEMP TABLE x AS SELECT 1",
    "EXPLAIN ANALYZE INSERT INTO scan VALUES ('x')",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/x.csv'",
    "/* */ EXPLAIN ANALYZE CREATE TEMP TABLE x AS SELECT 1",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
]
FILES = [
    "FROM '{folder}/secret.csv'",
    "FROM read_csv('{folder}/secret.csv')",
    "FROM read_text('{folder}/secret.csv')",
    "FROM read_blob('{folder}/secret.csv')",
    "FROM read_json('{folder}/secret.csv')",
    "FROM sniff_csv('{folder}/secret.csv')",
    "FROM parquet_metadata('{folder}/secret.csv')",
    "FROM glob('{folder}/*')",
    "FROM read_csv('https://db.example/x.csv')",
    "COPY identities TO '{folder}/x.csv'",
    "COPY scan FROM '{folder}/secret.csv'",
    "EXPORT DATABASE '{folder}/x'",
    "IMPORT DATABASE '{folder}/x'",
    "ATTACH '{folder}/x.duckdb' AS x",
    "ATTACH ':memory:' AS x",
    "DETACH store",
    "USE memory",
    "INSTALL httpfs",
    "LOAD '{folder}/x.duckdb_extension'",
]
MACHINE = [
    "PRAGMA database_list",
    "PRAGMA show_databases",
    "CALL pragma_version()",
    "FROM duckdb_databases()",
    "FROM duckdb_databases",
    'FROM "DuckDB_Databases"()',
    "FROM system.main.duckdb_databases()",
    "SELECT (SELECT max(path) FROM duckdb_databases())",
    "WITH x AS (FROM pragma_database_list) FROM x",
    "SELECT 1 WHERE EXISTS (FROM duckdb_settings())",
    "DESCRIBE FROM duckdb_settings()",
    "EXPLAIN ANALYZE FROM duckdb_settings()",
    "FROM pg_catalog.pg_settings",
    "FROM duckdb_secrets()",
    "FROM duckdb_extensions()",
    "FROM duckdb_temporary_files()",
    "FROM duckdb_logs",
    "FROM query('FROM duckdb_databases()')",
    "FROM query_table('duckdb_databases')",
    "FROM json_execute_serialized_sql('{{}}')",
    "SELECT current_setting('temp_directory')",
    "SELECT \"CURRENT_SETTING\"('home_directory')",
    "SELECT getenv('HOME')",
    "SHOW home_directory",
    "SHOW temp_directory",
    "SET memory_limit = '90GB'",
    "SET VARIABLE x = 1",
    "RESET memory_limit",
    "PREPARE x AS SELECT 1",
    "EXECUTE x",
]
NONSENSE = [
    "",
    ";",
    "-- nothing",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW identities",
    "SELEC 1",
]


@pytest.mark.parametrize("sql", WRITES + FILES + MACHINE + NONSENSE)
def test_all_else_is_refused_with_exit_2(
    con: "DuckDBPyConnection", published: Path, tmp_path: Path, sql: str
) -> None:
    (tmp_path / "secret.csv").write_text("a,b\n1,hidden\n")
    before = published.read_bytes()
    with pytest.raises(QueryError) as caught:
        run(con, sql.format(folder=tmp_path))
    assert caught.value.exit_code == Exit.USAGE
    assert "hidden" not in caught.value.message
    assert [p.name for p in tmp_path.iterdir()] == ["secret.csv"]
    assert published.read_bytes() == before


def test_no_system_view_tells_where_the_store_lies(
    con: "DuckDBPyConnection", published: Path
) -> None:
    """Also the views of a DuckDB that does not exist yet."""
    found = con.execute("SELECT DISTINCT schema_name, view_name FROM duckdb_views() WHERE internal")
    views = found.fetchall()
    assert len(views) > 20
    for schema, view in views:
        for sql in (f"FROM system.{schema}.{view}", f"FROM {view}()"):
            try:
                told = repr(run(con, sql).rows)
            except QueryError as error:
                told = error.message
            assert str(published.parent) not in told, sql
            assert str(Path.home()) not in told, sql


def test_no_table_function_without_arguments_does_either(
    con: "DuckDBPyConnection", published: Path
) -> None:
    found = con.execute(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type LIKE 'table%'"
    )
    for (name,) in found.fetchall():
        try:
            told = repr(run(con, f'FROM "{name}"()').rows)
        except QueryError as error:
            told = error.message
        assert str(published.parent) not in told, name


def test_even_what_slips_through_finds_the_doors_locked(
    con: "DuckDBPyConnection", tmp_path: Path
) -> None:
    """DuckDB itself refuses files, settings and writes, whatever our reading of the SQL says."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    for sql in (
        f"FROM read_csv('{tmp_path}/secret.csv')",
        f"COPY identities TO '{tmp_path}/x.csv'",
        "SET enable_external_access = true",
        "SET memory_limit = '90GB'",
        "DELETE FROM store.main.scan",
        f"ATTACH '{tmp_path}/x.duckdb' AS x",
        "INSTALL httpfs",
    ):
        with pytest.raises(duckdb.Error):
            con.execute(sql)
