"""`nhiscan export graph`: the graph for other tools."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option, store_path

if TYPE_CHECKING:
    from nhiscan.config.model import Config
    from nhiscan.export.graph.gather import Graph

EPILOG = """\b
Examples:
  nhiscan export graph --as graphml --to fleet.graphml
  nhiscan export graph --as opengraph --tenant acme -o acme.json
  nhiscan export graph --as mermaid --tenant acme
"""
_FORMS = ("graphml", "gexf", "opengraph", "mermaid")


@click.command("graph", epilog=EPILOG)
@click.option("--as", "form", type=click.Choice(_FORMS), required=True, help="What to write.")
@click.option("--tenant", default=None, help="Only what touches this tenant, behind its wall.")
@click.option(
    "--to",
    "--output",
    "-o",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write to FILE instead of stdout.",
)
@config_option
@db_option
def graph(
    form: str, tenant: str | None, target: Path | None, config_path: Path, db: Path | None
) -> None:
    """Write the graph: who can act as whom, who could become whom, who answers for what.

    Nodes are identities, credentials, parties, tenants and control instances, of kinds NHI_…; edges
    NHI_CanActAs, NHI_CanBecome, NHI_AccountableFor, NHI_BackupFor, NHI_Operates,
    NHI_AuthenticatesWith, NHI_CustodianOf and NHI_BelongsTo. A client's graph names no other
    client.
    """
    from nhiscan.clock import now
    from nhiscan.config.load import load
    from nhiscan.export.graph.formats import FORMATS
    from nhiscan.export.graph.gather import gather
    from nhiscan.export.tenant import known_tenant
    from nhiscan.store.read import open_reader

    config = load(config_path) if db is None or config_path.exists() else None
    con = open_reader(config.store if db is None and config else store_path(config_path, db))
    with con:
        if tenant is not None:
            known_tenant(con, tenant)
        found = gather(con, tenant, _contacts(config) if config else [])
    content = FORMATS[form](found, now())
    if target is None:
        sys.stdout.buffer.write(content)
    else:
        _write(target, content)
    _tell(found, form)


def _contacts(config: "Config") -> list[tuple[str, str]]:
    return [(tenant.id, name) for tenant in config.tenants for name in tenant.contacts.values()]


def _write(target: Path, content: bytes) -> None:
    """Write beside the target and rename: a killed run leaves no half file, and it is private."""
    from nhiscan.errors import UsageError

    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _tell(found: "Graph", form: str) -> None:
    from nhiscan.export.graph.mermaid import MOST_EDGES

    click.echo(f"{len(found.nodes)} nodes, {len(found.edges)} edges", err=True)
    if form == "mermaid" and len(found.edges) > MOST_EDGES:
        click.echo(
            f"note: Mermaid draws more than {MOST_EDGES} edges only with `maxEdges`; try --tenant",
            err=True,
        )
