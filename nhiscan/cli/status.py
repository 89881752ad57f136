"""`nhiscan status`: what the store knows, and what it could not see."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option, output_options, store_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_GAPS = """
SELECT tenant_id, account_id, source, region, state, optional, reason, read_at
FROM latest_coverage
WHERE $all OR state NOT IN ('complete', 'not_available')
ORDER BY optional, tenant_id, account_id, source, region
"""
_SCANS = """
SELECT scan_id, state, started_at, finished_at, tenants, units, incomplete
FROM scans ORDER BY started_at DESC, scan_id DESC LIMIT $last
"""


EPILOG = """\b
Examples:
  nhiscan status                            what is not known, and why
  nhiscan status --all --format csv         every source of every account
  nhiscan status --scans 10                 the last ten scans
"""


@click.command("status", epilog=EPILOG)
@click.option("--all", "all_", is_flag=True, help="Also the sources that were read whole.")
@click.option("--scans", "last", type=click.IntRange(1), default=None, metavar="N",
              help="List the last N scans instead.")  # fmt: skip
@output_options
@db_option
@config_option
def command(
    all_: bool,
    last: int | None,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Show what the newest read of every account left unread, and why.

    An empty list says that every source of every known account was read whole. No network is used.
    """
    from nhiscan.cli.outcome import hints
    from nhiscan.cli.output import emit
    from nhiscan.sql.run import run
    from nhiscan.store.read import open_reader

    store = store_path(config_path, db)
    with open_reader(store) as con:
        _tell_of_newest(con)
        _tell_of_interrupted(store)
        if last is not None:
            emit(run(con, _SCANS, {"last": last}), form, output)
            return
        title = "Coverage" if all_ else "Not read whole"
        table = run(con, _GAPS, {"all": all_}, title=title)
    emit(table, form, output)
    state, account = table.columns.index("state"), table.columns.index("account_id")
    for hint in hints((row[state], row[account]) for row in table.rows):
        click.echo(f"hint: {hint}", err=True)


def _tell_of_newest(con: "DuckDBPyConnection") -> None:
    newest = con.execute(
        "SELECT scan_id, state, finished_at, units, incomplete FROM scans"
        " ORDER BY started_at DESC, scan_id DESC LIMIT 1"
    ).fetchone()
    if newest is None:
        click.echo("no scan is in this store yet: nothing is known", err=True)
        return
    click.echo(
        f"last scan {newest[0]}: {newest[1]}, finished {newest[2]:%Y-%m-%d %H:%M:%S}Z,"
        f" {newest[3]} units, {newest[4]} incomplete",
        err=True,
    )


def _tell_of_interrupted(store: Path) -> None:
    """Say if a scan began and did not end; a look only, for the scan may still be running."""
    from nhiscan.scan.folder import ScanFolder
    from nhiscan.store.units import known_scans

    scans = store.with_name(store.name + ".d") / "scans"
    interrupted = ScanFolder.interrupted(scans) if scans.is_dir() else None
    if interrupted and interrupted.begun.scan_id not in known_scans(store):
        click.echo(
            f"scan {interrupted.begun.scan_id} has not ended: unless it is running now,"
            " `nhiscan scan --resume` goes on with it",
            err=True,
        )
