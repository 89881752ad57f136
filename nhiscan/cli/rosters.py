"""Says on stderr what looks wrong in the configuration's files and stops nothing."""

import click

from nhiscan.config.model import Config


def warn(config: Config) -> None:
    """Write what the rosters' checks found odd, and whether a roster is too old to trust."""
    from nhiscan import clock
    from nhiscan.ownership.roster import stale_files
    from nhiscan.text import printable

    for warning in config.warnings:
        click.echo(f"warning: {printable(warning)}", err=True)
    for file, text in stale_files(config, clock.now()):
        click.echo(
            f"warning: {printable(file)}: {text}: who left or came since is not known, and owners"
            " are told with less confidence",
            err=True,
        )
