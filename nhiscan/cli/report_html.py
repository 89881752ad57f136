"""`nhiscan report html`: the whole estate as one page that works offline."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import as_of_option, config_option, db_option
from nhiscan.errors import Exit

if TYPE_CHECKING:
    from nhiscan.table import Table

EPILOG = """\b
Examples:
  nhiscan report html                                  nhiscan-report.html
  nhiscan report html -o estate.html --as-of 2026-10-01
  nhiscan report html --tenant acme -o for-acme.html   what that client may see
"""


@click.command("html", epilog=EPILOG)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("nhiscan-report.html"),
    show_default=True,
    help="The file to write.",
)
@click.option("--tenant", help="Only this client, behind the tenant wall: no other is named.")
@as_of_option
@config_option
@db_option
def html(
    output: Path, tenant: str | None, as_of: str | None, config_path: Path, db: Path | None
) -> Exit:
    """Write one page of the whole estate, to look at in a browser.

    What is worst where, who answers for what, how old findings are and how that went over scans;
    every finding, identity, owner and control in tables that filter and sort; a page for each
    identity; pictures of what clients share and of how one identity can act as another.

    The file holds all that it shows: it works offline and from a mail attachment, makes no request,
    and shows whatever stands in a name as text. Without --tenant it names all clients: for the MSP
    alone. Exits 3 where something was not read whole; the page says so beside each number.
    """
    from nhiscan import clock, plugins
    from nhiscan.cli.output import replacing
    from nhiscan.config.load import load
    from nhiscan.errors import UsageError
    from nhiscan.estate.gather import Order, gather
    from nhiscan.store.read import open_reader

    moment = clock.parse(as_of, "--as-of") if as_of else None
    # With --db a configuration is not needed, but the wall knows the clients by it.
    config = load(config_path) if db is None or tenant or config_path.exists() else None
    store = db or (config.store if config else None)
    if store is None:
        raise UsageError("no store is named", hint="name one with --db, or a --config")
    with open_reader(store, moment) as con:
        order = Order(tenant=tenant, as_of=moment, now=clock.now())
        tables = gather(con, store, config, order)
    named = {table.name: table for table in tables}
    who = next((row[1] for row in named["clients"].rows if row[0] == tenant), None)
    msp = config.msp_name if config else "nhiscan"
    with replacing(output) as stream:
        title = f"{who or tenant or msp}: identities and who answers for them"
        plugins.report("estate").write_all(title, tables, stream)
    click.echo(output)
    return _told(named, output)


def _told(named: "Mapping[str, Table]", output: Path) -> Exit:
    """Say what was written, and what limits it."""
    size = output.stat().st_size / 1e6 if output.is_file() else 0
    found = f"{len(named['identities'].rows)} identities, {len(named['findings'].rows)} findings"
    click.echo(f"{found}, {size:.1f} MB; open it in a browser", err=True)
    gaps = len(named["coverage"].rows)
    if gaps:
        many = "1 source was" if gaps == 1 else f"{gaps} sources were"
        click.echo(f"warning: {many} not read whole; the page says where", err=True)
    return Exit.INCOMPLETE if gaps else Exit.COMPLETE
