"""`nhiscan report`: packs for auditors, for the monthly review, and for clients."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nhiscan.cli.options import config_option, db_option, store_path
from nhiscan.cli.report_html import html
from nhiscan.errors import Exit

if TYPE_CHECKING:
    from nhiscan.pack.build import Pack
    from nhiscan.pack.period import Period
    from nhiscan.pack.sections import Kind

_SHOWN = 5
EPILOG = """\b
Examples:
  nhiscan report audit --tenant acme --period 2026-Q3 --to packs/acme-q3 --samples 25 --seed 7
  nhiscan report monthly --tenant acme --month 2026-10 --to packs/acme-october
  nhiscan report client --tenant acme --month 2026-10 --to for-acme
  nhiscan report html -o estate.html
"""
_TO = click.option(
    "--to",
    "target",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the pack; an earlier pack there is replaced as a whole.",
)
_PERIOD = click.option(
    "--period", metavar="PERIOD", help="2026, 2026-Q3, 2026-09, or 2026-07-01..2026-09-30."
)


@click.group("report", epilog=EPILOG)
def command() -> None:
    """Write a page to look at, and packs that verify on their own.

    The packs are for auditors, for the monthly review, and for clients.
    """


command.add_command(html)


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every pack has."""
    tenant = click.option("--tenant", required=True, help="The client it is about.")
    month = click.option("--month", metavar="YYYY-MM", help="The month it is about.")
    for option in (config_option, db_option, _TO, month, _PERIOD, tenant):
        function = option(function)
    return function


@command.command("audit", epilog=EPILOG)
@_options
@click.option(
    "--samples",
    type=click.IntRange(0),
    default=25,
    show_default=True,
    help="How many identities to sample from the population. A common hint, not a rule: 25 to 60"
    " of many, and all of a few.",
)
@click.option(
    "--seed",
    default="nhiscan",
    show_default=True,
    help="Anything; the same seed draws the same sample.",
)
def audit(samples: int, seed: str, **asked: Any) -> Exit:
    """Write what an auditor asks for: the population first, then duties, evidence and results."""
    return _write("audit", samples=samples, seed=seed, **asked)


@command.command("monthly", epilog=EPILOG)
@_options
def monthly(**asked: Any) -> Exit:
    """Write what the monthly review of a client needs before it."""
    return _write("monthly", **asked)


@command.command("client", epilog=EPILOG)
@_options
def client(**asked: Any) -> Exit:
    """Write what a client gets: its own identities, evidence and chain, and no other's name.

    Tools that are shared with other clients stand under pseudonyms.
    """
    return _write("client", **asked)


def _write(
    kind: "Kind",
    *,
    tenant: str,
    month: str | None,
    period: str | None,
    target: Path,
    db: Path | None,
    config_path: Path,
    samples: int = 0,
    seed: str = "",
) -> Exit:
    from nhiscan.config.load import load
    from nhiscan.export.tenant import known_tenant
    from nhiscan.pack.build import Order, build
    from nhiscan.pack.write import write
    from nhiscan.store.read import open_reader

    asked = _period(month, period)
    config = load(config_path)
    store = store_path(config_path, db)
    con = open_reader(store)
    known_tenant(con, tenant)
    order = Order(kind=kind, tenant=tenant, period=asked, samples=samples, seed=seed)
    pack = build(con, store, config, order)
    write(target, pack.files)
    click.echo(target / "README.txt")
    said = f"{len(pack.files)} files, {pack.rows} rows; check them: sh {target}/verify.sh"
    click.echo(said, err=True)
    return _told(pack)


def _told(pack: "Pack") -> Exit:
    """Say what a pack lacks; a broken ledger is worse than a gap."""
    from nhiscan.text import printable

    for item in pack.withheld[:_SHOWN]:
        click.echo(f"note: withheld: {printable(item)}", err=True)
    if len(pack.withheld) > _SHOWN:
        click.echo(f"note: and {len(pack.withheld) - _SHOWN} more; README.txt lists them", err=True)
    if pack.gaps:
        many = "1 source was" if len(pack.gaps) == 1 else f"{len(pack.gaps)} sources were"
        told = f"{many} not read whole: the population has gaps, and says so on every page"
        click.echo(f"warning: {told}", err=True)
    for item in pack.broken[:_SHOWN]:
        click.echo(f"error: not as it was recorded: {printable(item)}", err=True)
    if pack.broken:
        click.echo("hint: nhiscan evidence verify", err=True)
        return Exit.FINDINGS
    return Exit.INCOMPLETE if pack.gaps else Exit.COMPLETE


def _period(month: str | None, period: str | None) -> "Period":
    from nhiscan.errors import UsageError
    from nhiscan.pack.period import parse_period

    if (month is None) == (period is None):
        raise UsageError("give either --month YYYY-MM or --period, such as 2026-Q3")
    return parse_period(month or period or "", "--month" if month else "--period")
