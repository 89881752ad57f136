"""`nhiscan sql`: one read-only statement."""

import sys
from pathlib import Path

import click

from nhiscan.cli.options import as_of_option, config_option, db_option, output_options, store_path

EPILOG = """\b
Examples:
  nhiscan sql "SELECT name, owner_status FROM identities WHERE privilege = 'admin'"
  nhiscan sql "SELECT * FROM shared" --format json
  nhiscan sql "SELECT count(*) FROM identities" --as-of 2026-05-01
  nhiscan sql "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
  nhiscan sql - < question.sql
"""


@click.command("sql", epilog=EPILOG)
@click.argument("statement")
@as_of_option
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds allowed.")
@output_options
@db_option
@config_option
def command(
    statement: str,
    as_of: str | None,
    timeout: float,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Run one SQL STATEMENT (or - to read it from stdin) over identities, owners and findings.

    Read-only: no writes, no files, no network, no settings; anything refused or failing exits 2.
    What could not be read is told on stderr beside the result.
    """
    from nhiscan import clock
    from nhiscan.cli.output import emit
    from nhiscan.sql.coverage import coverage_notes
    from nhiscan.sql.run import run
    from nhiscan.store.read import open_reader

    moment = clock.parse(as_of, "--as-of") if as_of else None
    con = open_reader(store_path(config_path, db), moment)
    text = sys.stdin.read() if statement == "-" else statement
    params = {"now": clock.now()}
    emit(run(con, text, params, timeout=timeout, notes=coverage_notes(con)), form, output)
