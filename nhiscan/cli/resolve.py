"""`nhiscan resolve`: conclude anew from rosters, matrix and policy."""

from pathlib import Path

import click

from nhiscan.cli.options import config_option, db_option

EPILOG = """\b
Examples:
  nhiscan resolve                           after a change of people.csv, the matrix or the policy
"""


@click.command("resolve", epilog=EPILOG)
@db_option
@config_option
def command(db: Path | None, config_path: Path) -> None:
    """Read rosters, matrix and policy again and conclude anew, without asking any cloud.

    Owners, control links, sharing and the findings that rest on them are judged on what the last
    scan of each account showed; nothing counts as seen anew.
    """
    from nhiscan.cli.rosters import warn
    from nhiscan.config.load import load
    from nhiscan.scan.rejudge import conclude

    config = load(config_path)
    warn(config)
    counts = conclude(db or config.store, config)
    click.echo(
        f"findings: {counts.opened} opened, {counts.resolved} resolved,"
        f" {counts.became_unknown} no longer sure; open now: {counts.open}",
        err=True,
    )
