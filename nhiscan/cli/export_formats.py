"""`nhiscan export ocsf|sarif|parquet|schemas`: what machines read."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option, store_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.config.model import Config

_OCSF_EXAMPLES = """\b
Examples:
  nhiscan export ocsf -o findings.jsonl
  nhiscan export ocsf --tenant acme -o acme.jsonl
  nhiscan export ocsf --class detection -o findings.jsonl    for what ignores class 2003
"""
_SARIF_EXAMPLES = """\b
Examples:
  nhiscan export sarif -o nhiscan.sarif
  nhiscan export sarif --tenant acme -o acme.sarif
"""


@click.command("ocsf", epilog=_OCSF_EXAMPLES)
@click.option("--class", "kind", type=click.Choice(("compliance", "detection")),
              default="compliance", show_default=True,
              help="Write findings as class 2003 or 2004.")  # fmt: skip
@click.option("--tenant", default=None, help="Only this client, behind its wall.")
@click.option("--output", "-o", "target", metavar="FILE", required=True,
              type=click.Path(path_type=Path, dir_okay=False), help="Write to FILE.")  # fmt: skip
@config_option
@db_option
def ocsf(kind: str, tenant: str | None, target: Path, config_path: Path, db: Path | None) -> None:
    """Write findings and identities as OCSF events (schema 1.8.0), one JSON object per line.

    Each finding, whatever its state, is a Compliance Finding (2003) or, with --class detection, a
    Detection Finding (2004); one about the rights of an identity (PRV-…, SHR-…) is an IAM Analysis
    Finding (2008) besides. Each identity is a User Inventory Info (5003). Times are milliseconds
    of scans, so that the same store gives the same bytes. What was not read is status Unknown,
    neither pass nor fail. What OCSF has no attribute for stands under unmapped.nhiscan.

    Without --tenant the file is about all clients: for the MSP's own tools only.
    """
    from nhiscan.export.ocsf import Ocsf

    config, con = _opened(config_path, db)
    with con:
        export = Ocsf(
            con,
            tenant=tenant,
            policy=config.policy.numbers() if config else {},
            contacts=_contacts(config),
            is_detection=kind == "detection",
        )
        _write(target, export.lines())
    counted = ", ".join(f"{count} of class {uid}" for uid, count in sorted(export.written.items()))
    click.echo(f"{export.written.total()} events{': ' if counted else ''}{counted}", err=True)


@click.command("sarif", epilog=_SARIF_EXAMPLES)
@click.option("--tenant", default=None, help="Only this client, behind its wall.")
@click.option("--output", "-o", "target", metavar="FILE", required=True,
              type=click.Path(path_type=Path, dir_okay=False), help="Write to FILE.")  # fmt: skip
@config_option
@db_option
def sarif(tenant: str | None, target: Path, config_path: Path, db: Path | None) -> None:
    """Write the findings that stand in a file as SARIF 2.1.0, for code hosts and editors.

    These are the findings about the control matrix and exceptions.yaml, as the last scan judged
    them, and what is wrong with the files of the matrix now (CFG-…). Paths are relative to the
    folder of the configuration. What is about a cloud alone is not in it: `export ocsf` is for
    that. A finding that nothing read can decide is of kind `open`, an accepted one is suppressed.

    The file tells a client's matrix: never upload it to a public repository.
    """
    from nhiscan.config.load import load
    from nhiscan.export.sarif import sarif as written
    from nhiscan.store.read import open_reader

    config = load(config_path)
    with open_reader(db or config.store) as con:
        content, count = written(con, config, tenant=tenant, contacts=_contacts(config))
    _write(target, [content])
    click.echo("1 result" if count == 1 else f"{count} results", err=True)


@click.command("parquet")
@click.option("--to", "target", metavar="DIR", required=True,
              type=click.Path(path_type=Path, file_okay=False),
              help="The folder to write; nothing outside it is touched.")  # fmt: skip
@config_option
@db_option
def parquet(target: Path, config_path: Path, db: Path | None) -> None:
    """Write every view as a Parquet file, DIR/VIEW.parquet, for analytics.

    Their columns are those of `nhiscan sql`; a view's versions over time are in
    VIEW_history.parquet. manifest.json lists each file with its rows, columns and SHA-256, the scan
    that it is of, and what could not be read. The same store gives the same bytes.

    The files are about all clients: for the MSP's own tools only.
    """
    from nhiscan.export.parquet import export

    written = export(store_path(config_path, db), target)
    for name in written.files:
        click.echo(target / name)
    click.echo(f"{written.rows} rows in {len(written.files)} files", err=True)


@click.command("schemas")
@click.option("--to", "target", metavar="DIR", required=True,
              type=click.Path(path_type=Path, file_okay=False),
              help="The folder to write.")  # fmt: skip
def schemas(target: Path) -> None:
    """Write the JSON Schemas of our own JSON lines: gaps, why, evidence and usage.

    They describe one line each; later versions may add fields. `usage` is what
    `evidence add --kind usage` takes. Those of the matrix are in docs/schemas.
    """
    from nhiscan.export.schemas import export

    for name in export(target):
        click.echo(target / name)


def _opened(config_path: Path, db: Path | None) -> "tuple[Config | None, DuckDBPyConnection]":
    """Open the store; with --db a configuration is not needed, but one that is there is read."""
    from nhiscan.config.load import load
    from nhiscan.store.read import open_reader

    config = load(config_path) if db is None or config_path.exists() else None
    path = config.store if db is None and config else store_path(config_path, db)
    return config, open_reader(path)


def _contacts(config: "Config | None") -> list[tuple[str, str]]:
    tenants = config.tenants if config else ()
    return [(tenant.id, name) for tenant in tenants for name in tenant.contacts.values()]


def _write(target: Path, lines: Iterable[bytes]) -> None:
    """Write beside the target and rename: a killed run leaves no half file, and it is private."""
    from nhiscan.errors import UsageError

    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                stream.writelines(lines)
            return
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(lines)
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
