"""`nhiscan merge`: the second half of a scan."""

from pathlib import Path

import click

from nhiscan.cli.options import config_option, db_option
from nhiscan.errors import Exit

EPILOG = """\b
Examples:
  nhiscan merge acme-spool/                 a folder that `collect` wrote
  nhiscan merge a.jsonl.gz b.jsonl.gz
"""


@click.command("merge", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="FILE...",
                type=click.Path(path_type=Path, exists=True))  # fmt: skip
@db_option
@config_option
def command(files: tuple[Path, ...], db: Path | None, config_path: Path) -> Exit:
    """Merge spool FILEs (or folders of them) that `collect` wrote, here or on another machine.

    Each must speak of a tenant of the configuration and of accounts that are not another tenant's.
    All are checked before any is merged, and they take effect together.
    """
    from nhiscan.cli.outcome import exit_code, tell
    from nhiscan.config.load import load
    from nhiscan.scan.progress import shown
    from nhiscan.scan.separate import merge_files

    config = load(config_path)
    with shown() as progress:
        outcome = merge_files(config, db or config.store, files, progress)
    tell(outcome)
    return exit_code(outcome, None)
