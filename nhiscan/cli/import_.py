"""`nhiscan import`: what other registers know."""

from pathlib import Path

import click

from nhiscan.cli.options import config_option, db_option
from nhiscan.cli.recorder import by_option

EPILOG = """\b
Examples:
  nhiscan import owners register.csv
  nhiscan import owners backstage.csv --by "platform team"
"""


@click.group("import")
def command() -> None:
    """Import what other registers know."""


@command.command("owners", epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@by_option
@db_option
@config_option
def owners(file: Path, by: str, db: Path | None, config_path: Path) -> None:
    """Import a register of owners from FILE, a CSV with header, and conclude anew at once.

    Columns: identity (id, native id or unambiguous name), owner (id, address, alias or name of a
    party of the rosters); optional: role (accountable, operator, backup), signal (S2, the register,
    unless said otherwise; S10 a service catalogue, S9 authors of code, ...), observed_at (a date),
    evidence (where it says so), origin (claims of one origin about one party count once).

    Everything is checked first and told at once; if anything is wrong, nothing is imported. What
    was imported before and is unchanged stays as it is.
    """
    from nhiscan import clock
    from nhiscan.config.load import load
    from nhiscan.matrix.read import joined, read_matrix
    from nhiscan.ownership.register import read_register, record_register
    from nhiscan.ownership.who import Directory
    from nhiscan.scan.rejudge import answered
    from nhiscan.store.read import open_reader

    config = load(config_path)
    store = db or config.store
    directory = Directory(joined(config, read_matrix(config)))
    with open_reader(store) as con:
        rows = read_register(file, con, directory, clock.now())
    with answered(store, config) as revision:
        new = record_register(revision, rows, by)
    click.echo(f"{len(rows)} claims read, {new} new or changed", err=True)
