"""`nhiscan collect`: the first half of a scan, without a store."""

from pathlib import Path

import click

from nhiscan.cli.options import config_option
from nhiscan.errors import Exit

EPILOG = """\b
Examples:
  nhiscan collect --tenant acme -o acme-spool/
  nhiscan merge acme-spool/                 on the MSP's machine
"""


@click.command("collect", epilog=EPILOG)
@click.option("--tenant", required=True, help="The tenant to collect.")
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="Folder for the spool files, one per account.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True,
              help="Accounts read side by side.")  # fmt: skip
@config_option
def command(tenant: str, output: Path, jobs: int, config_path: Path) -> Exit:
    """Collect one tenant into spool files that `nhiscan merge` takes, here or elsewhere.

    A client can run this alone and send the files to an MSP that has no access to its cloud. They
    are gzip over JSON lines (`zcat`), hold no secrets, and end with a checksum.
    """
    from nhiscan.cli.choose import known
    from nhiscan.cli.interrupt import ending_at_once
    from nhiscan.config.load import load
    from nhiscan.scan.progress import shown
    from nhiscan.scan.separate import collect_to

    config = load(config_path)
    known((t.id for t in config.tenants), [tenant], "tenant")
    with ending_at_once("interrupted: nothing was written"), shown() as progress:
        files, incomplete = collect_to(config, tenant, output, jobs, progress)
    for file in files:
        click.echo(str(file))
    if incomplete:
        click.echo(f"{incomplete} of them have sources that were not read whole", err=True)
    return Exit.INCOMPLETE if incomplete else Exit.COMPLETE
