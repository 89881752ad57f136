"""`nhiscan check`: configuration and permissions, before any scan."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from nhiscan.cli.options import config_option, output_options
from nhiscan.config.model import Config
from nhiscan.errors import Exit

EPILOG = """\b
Examples:
  nhiscan check                             everything that nhiscan.yaml names
  nhiscan check --tenant acme               one client
  nhiscan check --format json | jq '.[] | select(.state != "complete")'
"""
_COLUMNS = ("tenant", "account", "source", "region", "state", "missing", "reason", "grant")


@click.command("check", epilog=EPILOG)
@click.option("--tenant", "tenants", multiple=True, help="Only this tenant; repeatable.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True,
              help="Entries tested side by side.")  # fmt: skip
@output_options
@config_option
def command(
    tenants: tuple[str, ...], jobs: int, form: str | None, output: Path | None, config_path: Path
) -> Exit:
    """Check nhiscan.yaml and its matrix whole, then try every permission with the cheapest call.

    Nothing is stored. Exit 0: a scan will be complete. Exit 3: something that it requires is
    missing; the table says what, and the command whose output grants it.
    """
    from nhiscan.cli.choose import known
    from nhiscan.cli.interrupt import ending_at_once
    from nhiscan.cli.output import emit
    from nhiscan.cli.rosters import warn
    from nhiscan.config.load import load
    from nhiscan.matrix.read import read_matrix
    from nhiscan.scan.plan import entries
    from nhiscan.scan.pool import left_on_error
    from nhiscan.scan.tried import try_entry
    from nhiscan.table import Table

    config = load(config_path)
    known((t.id for t in config.tenants), tenants, "tenant")
    matrix = read_matrix(config)
    _tell(config)
    if config.matrix is not None:
        number = sum(len(client.instances) for client in matrix.clients)
        said = f"control instances: {number}, in order; `nhiscan matrix lint` judges them"
        click.echo(f"{config.matrix}: {said}", err=True)
    warn(config)
    with ending_at_once("interrupted"), left_on_error(ThreadPoolExecutor(jobs)) as pool:
        chosen = list(entries(config, tenants, ()))
        found = [row for part in pool.map(lambda pair: try_entry(*pair), chosen) for row in part]
    rows = [tuple(getattr(row, column) for column in _COLUMNS) for row in found]
    emit(Table(columns=_COLUMNS, rows=rows, title="Access"), form, output)
    required = sum(row.required for row in found)
    unread = sum(not row.fine for row in found)
    click.echo(
        f"{len(found)} sources tried, {unread} not readable, {required} of them required", err=True
    )
    return Exit.INCOMPLETE if required else Exit.COMPLETE


def _tell(config: Config) -> None:
    """Say on stderr what was read of the configuration, and what was not."""
    click.echo(
        f"{config.path}: {len(config.tenants)} tenants, {len(config.parties)} parties: in order",
        err=True,
    )
    reached = {
        client
        for tenant in config.tenants
        for entry in tenant.providers
        for client in getattr(entry.options, "map", {}).values()
    }
    for tenant in config.tenants:
        if not tenant.providers and tenant.kind == "client" and tenant.id not in reached:
            click.echo(f"warning: tenant {tenant.id} has no provider: nothing to scan", err=True)
