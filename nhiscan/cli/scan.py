"""`nhiscan scan`: collect, merge, resolve."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option
from nhiscan.errors import Exit
from nhiscan.sql.library import SEVERITIES

if TYPE_CHECKING:
    from nhiscan.config.model import Config

EPILOG = """\b
Examples:
  nhiscan scan                              everything that nhiscan.yaml names
  nhiscan scan --tenant acme --provider aws
  nhiscan scan --resume                     go on after an interruption
  nhiscan scan --fail-on high               for schedulers: exit 1 on findings
  nhiscan scan --fail-on high --new-only    exit 1 only on what this scan opened
"""


@click.command("scan", epilog=EPILOG)
@click.option("--tenant", "tenants", multiple=True, help="Only this tenant; repeatable.")
@click.option("--provider", "providers", multiple=True, help="Only this provider; repeatable.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True,
              help="Accounts read side by side.")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with the interrupted scan.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 on findings at least this severe."
)
@click.option(
    "--new-only", is_flag=True, help="--fail-on: only what this scan opened, or what came back."
)
@click.option(
    "--summary",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what the scan brought to FILE, as `nhiscan export summary` does.",
)
@db_option
@config_option
def command(
    tenants: tuple[str, ...],
    providers: tuple[str, ...],
    jobs: int,
    resume: bool,
    fail_on: str | None,
    new_only: bool,
    summary: Path | None,
    db: Path | None,
    config_path: Path,
) -> Exit:
    """Read every client's cloud, merge it into the store, and resolve owners and findings.

    The store stays readable meanwhile and changes at once at the end. One account's failure never
    stops another's; it shows as a gap. Exit 3 says that something required could not be read whole.
    """
    from nhiscan.cli.choose import known
    from nhiscan.cli.interrupt import ending_at_once
    from nhiscan.cli.outcome import exit_code, tell
    from nhiscan.cli.rosters import warn
    from nhiscan.config.load import load
    from nhiscan.matrix.read import read_matrix
    from nhiscan.scan.begin import Request
    from nhiscan.scan.engine import scan
    from nhiscan.scan.progress import shown

    config = load(config_path)
    known((t.id for t in config.tenants), tenants, "tenant")
    known((e.type for t in config.tenants for e in t.providers), providers, "provider")
    warn(config)
    read_matrix(config)  # what is wrong with it is told before any cloud is asked
    request = Request(tenants=tenants, providers=providers, jobs=jobs, resume=resume)
    said = "interrupted: `nhiscan scan --resume` goes on where it stopped"
    with ending_at_once(said), shown() as progress:
        outcome = scan(config, db or config.store, request, progress)
    tell(outcome)
    if summary is not None:
        _summarize(config, db or config.store, summary)
    return exit_code(outcome, fail_on, new_only=new_only)


def _summarize(config: "Config", store: Path, target: Path) -> None:
    from nhiscan.clock import now
    from nhiscan.export.summary import render, summarize, write
    from nhiscan.store.read import open_reader

    with open_reader(store) as con:
        write(target, render(summarize(con, None, now(), config), "json"))
