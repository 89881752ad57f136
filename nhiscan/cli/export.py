"""`nhiscan export`: writes gap lists for the people who must act, and the graph for tools."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.export_formats import ocsf, oscal, parquet, sarif, schemas
from nhiscan.cli.export_graph import graph
from nhiscan.cli.options import config_option, db_option, store_path
from nhiscan.export.gaps import FORMATS, Written

if TYPE_CHECKING:
    from nhiscan.config.model import Config


@click.group("export")
def command() -> None:
    """Write gap lists for the people who must act, or the graph for other tools."""


command.add_command(graph)
command.add_command(ocsf)
command.add_command(oscal)
command.add_command(parquet)
command.add_command(sarif)
command.add_command(schemas)


@command.command("gaps")
@click.option(
    "--to",
    "target",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write; nothing outside it is touched.",
)
@click.option("--tenant", "tenants", multiple=True, help="Only this tenant; may be repeated.")
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    default=("csv", "jsonl"),
    show_default=True,
    help="May be repeated. JSON Lines also says why the owner is the owner.",
)
@config_option
@db_option
def gaps(
    target: Path,
    tenants: tuple[str, ...],
    formats: tuple[str, ...],
    config_path: Path,
    db: Path | None,
) -> None:
    """Write the open findings: one folder per owner, in it one file per client.

    Each file is about one client and names no other. Findings that nobody owns are in
    `unassigned/`. manifest.json lists every file with its SHA-256, and what could not be read.
    The same findings give the same bytes; lists of an earlier export that no longer apply are
    removed unless somebody changed them, and other files in DIR are left alone.
    """
    from nhiscan.clock import now
    from nhiscan.config.load import load
    from nhiscan.export.gaps import export
    from nhiscan.store.read import open_reader

    # With --db a configuration is not needed, but one that is there knows the clients' contacts.
    config = load(config_path) if db is None or config_path.exists() else None
    con = open_reader(config.store if db is None and config else store_path(config_path, db))
    try:
        written = export(
            con,
            target,
            tenants=tenants,
            formats=tuple(dict.fromkeys(formats)),
            now=now(),
            contacts=_contacts(config) if config else [],
        )
    finally:
        con.close()
    _tell(written, target)


def _contacts(config: "Config") -> list[tuple[str, str]]:
    return [(tenant.id, name) for tenant in config.tenants for name in tenant.contacts.values()]


def _tell(written: Written, target: Path) -> None:
    from nhiscan.text import printable

    for path in written.files:
        click.echo(target / path)
    for path in written.kept:
        click.echo(f"note: {printable(path)} was changed since it was exported: kept", err=True)
    click.echo(
        f"{written.rows} findings for {written.owners} owners in {printable(str(target))}",
        err=True,
    )
