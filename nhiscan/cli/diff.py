"""`nhiscan diff`: what appeared, changed or went between two scans or dates."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option, output_options, store_path
from nhiscan.errors import UsageError
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EPILOG = """\b
Examples:
  nhiscan diff                                    the last scan against the one before
  nhiscan diff --from 2026-05-01
  nhiscan diff --from 2026-05-01 --to 2026-06-01 --format csv -o may.csv
"""


@click.command("diff", epilog=EPILOG)
@click.option(
    "--from",
    "since",
    metavar="WHEN",
    default=None,
    help="A date, a time (ISO 8601) or the id of a scan.  [default: the scan before --to]",
)
@click.option(
    "--to",
    "until",
    metavar="WHEN",
    default=None,
    help="A date, a time (ISO 8601) or the id of a scan.  [default: the last scan]",
)
@output_options
@db_option
@config_option
def command(
    since: str | None,
    until: str | None,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Show identities, credentials, owners, grants, trusts, reach and findings that differ.

    Each row is one column of one thing, with its old and new value, or a thing that appeared or
    went. Last use and other volatile facts are no changes. What could not be read never went: rows
    with change `unknown` name the accounts that the last scan did not read whole.
    """
    from nhiscan import clock
    from nhiscan.cli.output import emit
    from nhiscan.sql import library
    from nhiscan.sql.run import run
    from nhiscan.store.read import open_reader

    con = open_reader(store_path(config_path, db))
    try:
        first, last = _moments(con, since, until)
        query = library.get("changes")
        given = {"until": last.isoformat()} | ({"since": first.isoformat()} if first else {})
        table = run(con, query.sql, query.values(given, {}, clock.now()), title=_title(first, last))
    finally:
        con.close()
    emit(table, form, output)
    click.echo(_summary(table, first, last), err=True)


def _moments(
    con: "DuckDBPyConnection", since: str | None, until: str | None
) -> tuple[datetime | None, datetime]:
    """Find the two moments to compare; the first is null if nothing came before the second."""
    scans: dict[str, datetime] = dict(
        con.execute("SELECT scan_id, started_at FROM scans ORDER BY started_at, scan_id").fetchall()
    )
    if not scans:
        raise UsageError("the store holds no finished scan", hint="run `nhiscan scan` first")
    last = _moment(until, "--to", scans) if until else max(scans.values())
    if since is None:
        return max((at for at in scans.values() if at < last), default=None), last
    first = _moment(since, "--from", scans)
    if first >= last:
        raise UsageError(
            f"--from {first:%Y-%m-%d %H:%M:%S}Z is not before --to {last:%Y-%m-%d %H:%M:%S}Z"
        )
    return first, last


def _moment(text: str, option: str, scans: dict[str, datetime]) -> datetime:
    from difflib import get_close_matches

    from nhiscan import clock

    if text in scans:
        return scans[text]
    try:
        return clock.parse(text, option)
    except UsageError as error:
        near = get_close_matches(text, scans, n=3) or list(scans)[-3:]
        raise UsageError(
            f"{option}: {text!r} is neither a date nor the id of a scan",
            hint=f"{error.hint}, or one of {', '.join(near)}",
        ) from None


def _title(first: datetime | None, last: datetime) -> str:
    before = f"{first:%Y-%m-%d %H:%M}Z" if first else "nothing"
    return f"Changes from {before} to {last:%Y-%m-%d %H:%M}Z"


def _summary(table: Table, first: datetime | None, last: datetime) -> str:
    """Count things, not rows: a thing that changed has a row for each of its columns."""
    place = {name: table.columns.index(name) for name in ("change", "what", "key")}
    things = {tuple(row[place[name]] for name in place) for row in table.rows}
    counted = Counter(change for change, _, _ in things)
    unknown = sum(row[place["change"]] == "unknown" for row in table.rows)
    text = (
        f"{_title(first, last)}: {counted['appeared']} appeared, {counted['changed']} changed,"
        f" {counted['went']} went"
    )
    return f"{text}; {unknown} reads were not whole" if unknown else text
