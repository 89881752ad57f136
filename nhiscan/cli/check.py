"""`nhiscan check`: configuration and permissions, before any scan."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from nhiscan.cli.options import config_option, output_options
from nhiscan.config.model import ProviderEntry, Tenant
from nhiscan.errors import Exit, ProviderError
from nhiscan.provider import Check

_FINE = ("complete", "not_available")
_COLUMNS = ("tenant", "account", "source", "region", "state", "missing", "reason", "grant")


@click.command("check")
@click.option("--tenant", "tenants", multiple=True, help="Only this tenant; repeatable.")
@click.option("--jobs", type=click.IntRange(1, 64), default=8, show_default=True,
              help="Entries tested side by side.")  # fmt: skip
@output_options
@config_option
def command(
    tenants: tuple[str, ...], jobs: int, form: str | None, output: Path | None, config_path: Path
) -> Exit:
    """Check nhiscan.yaml whole, then try every permission of every tenant with the cheapest call.

    Nothing is stored. Exit 0: a scan will be complete. Exit 3: something is missing; the table says
    what, and the command whose output grants it.
    """
    from nhiscan.cli.choose import known
    from nhiscan.cli.output import emit
    from nhiscan.config.load import load
    from nhiscan.scan.plan import entries
    from nhiscan.table import Table

    config = load(config_path)
    known((t.id for t in config.tenants), tenants, "tenant")
    click.echo(
        f"{config_path}: {len(config.tenants)} tenants, {len(config.parties)} parties: in order",
        err=True,
    )
    chosen = list(entries(config, tenants, ()))
    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(lambda pair: _try(*pair), chosen))
    rows = [row for part in found for row in part]
    missing = sum(row[4] not in _FINE for row in rows)
    emit(Table(columns=_COLUMNS, rows=rows, title="Access"), form, output)
    click.echo(f"{len(rows)} sources tried, {missing} not readable", err=True)
    return Exit.INCOMPLETE if missing else Exit.COMPLETE


def _try(tenant: Tenant, entry: ProviderEntry) -> list[tuple[object, ...]]:
    from nhiscan import clock
    from nhiscan.provider import Context
    from nhiscan.scan.task import adapter, fault

    provider = adapter(entry.type)
    context = Context(now=clock.now(), tenant_id=tenant.id, progress=lambda step: None)
    try:
        checks: list[Check] = list(provider.check(entry.options, context))
    except ProviderError as error:
        return [_row(tenant, entry, error.message, error.hint)]
    except Exception as error:  # noqa: BLE001 - one entry's failure must not hide the others' results
        return [_row(tenant, entry, fault(error), None)]
    return [
        (
            tenant.id,
            check.account,
            check.source,
            check.region,
            check.state,
            ", ".join(check.missing) or None,
            check.reason,
            None if check.state in _FINE else check.grant or f"nhiscan permissions {entry.type}",
        )
        for check in checks
    ]


def _row(tenant: Tenant, entry: ProviderEntry, reason: str, hint: str | None) -> tuple[object, ...]:
    where = f"{entry.type} entry {entry.index}"
    return (tenant.id, where, "", "", "unreachable", None, reason, hint)
