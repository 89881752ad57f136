"""`nhiscan absent`: what is uncovered without a person, a vendor, or the MSP."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option, output_options, store_path

if TYPE_CHECKING:
    from nhiscan.graph.absent import Absent

EPILOG = """\b
Examples:
  nhiscan absent dana.reyes
  nhiscan absent dana.reyes@northwind.example --format json
  nhiscan absent Datalens
  nhiscan absent northwind
"""


@click.command("absent", epilog=EPILOG)
@click.argument("party")
@output_options
@db_option
@config_option
def command(
    party: str, form: str | None, output: Path | None, db: Path | None, config_path: Path
) -> None:
    """List what is uncovered today without a PARTY: a person, a team, a vendor, or the MSP.

    PARTY is an id of the roster, an address, a name, or the MSP's id. Control instances and
    identities are listed for which it is accountable, the backup, the approver or the custodian,
    unless a person who is here today stands in. Of a vendor: what lets it in and what it does for
    controls. Of the MSP: the instances in which it has duties or keeps evidence. Without a vendor
    or the MSP its people are away as well.
    """
    from nhiscan.cli.output import emit
    from nhiscan.clock import now
    from nhiscan.graph.absent import find_absent
    from nhiscan.store.read import open_reader
    from nhiscan.table import Table

    con = open_reader(store_path(config_path, db))
    found = find_absent(con, party, now().date())
    title = f"Uncovered without {found.name}"
    emit(Table(columns=found.columns, rows=found.rows, title=title), form, output)
    _tell(found)


def _tell(found: "Absent") -> None:
    from nhiscan.text import printable

    place = {name: n for n, name in enumerate(found.columns)}
    kinds = [row[place["subject"]] for row in found.rows]
    instances = len({row[place["instance_id"]] for row in found.rows} - {None})
    who = f"{found.name} ({found.party_id})"
    line = f"without {who}: {instances} control instances, {kinds.count('identity')} identities"
    click.echo(printable(line), err=True)
    if found.employment not in (None, "active"):
        click.echo(f"note: in the roster {found.employment} already", err=True)
    if not found.has_matrix:
        click.echo("note: no control instance is known: the store has no matrix", err=True)
    unsure = sum(1 for row in found.rows if row[place["unread"]])
    if unsure:
        click.echo(
            f"note: of {unsure} identities not all was read that could name an owner", err=True
        )
