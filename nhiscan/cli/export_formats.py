"""`nhiscan export ocsf|oscal|sarif|parquet|schemas`: what machines read."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option, store_path

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from nhiscan.config.model import Config

_OCSF_EXAMPLES = """\b
Examples:
  nhiscan export ocsf -o findings.jsonl
  nhiscan export ocsf --tenant acme -o acme.jsonl
  nhiscan export ocsf --class detection -o findings.jsonl    for what ignores class 2003
"""
_OSCAL_EXAMPLES = """\b
Examples:
  nhiscan export oscal --kind assessment-results --tenant acme --period 2026-Q3 -o results.json
  nhiscan export oscal --kind poam --tenant acme --period 2026 -o poam.json
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


@click.command("oscal", epilog=_OSCAL_EXAMPLES)
@click.option("--kind", type=click.Choice(("assessment-results", "poam")), required=True,
              help="Which document.")  # fmt: skip
@click.option("--tenant", required=True, help="The client; the document names no other.")
@click.option("--period", "named", metavar="PERIOD", required=True,
              help="2026, 2026-Q3, 2026-09 or 2026-07-01..2026-09-30.")  # fmt: skip
@click.option("--output", "-o", "target", metavar="FILE", required=True,
              type=click.Path(path_type=Path, dir_okay=False), help="Write to FILE.")  # fmt: skip
@config_option
@db_option
def oscal(
    kind: str, tenant: str, named: str, target: Path, config_path: Path, db: Path | None
) -> None:
    """Write an OSCAL document (1.2.0, JSON) about one client and period, for auditors and GRC.

    Assessment results have a finding per control instance, a risk per gap, and an observation per
    piece of evidence; the minimal plan and the catalogue (ids under titles of our own) are within.
    A plan of action (poam) has an item per open gap. OSCAL knows no unknown: an instance that was
    not read whole is not-satisfied for reason `other`. A period that is over is told as it stood at
    its end. Ids are the same in every document, and the same store gives the same bytes.
    """
    from nhiscan.clock import now
    from nhiscan.export.oscal import Oscal
    from nhiscan.pack.period import parse_period

    period = parse_period(named)
    config, con = _opened(config_path, db, period.end if period.end <= now() else None)
    with con:
        made = Oscal(
            con,
            tenant=tenant,
            period=(period.name, period.start, period.end),
            contacts=_contacts(config),
        )
        _write(target, [made.document(kind)])
    told = f"{len(made.instances)} control instances, {len(made.findings)} gaps"
    click.echo(f"{told}, {len(made.evidence)} pieces of evidence", err=True)


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


def _opened(
    config_path: Path, db: Path | None, moment: "datetime | None" = None
) -> "tuple[Config | None, DuckDBPyConnection]":
    """Open the store; with --db a configuration is not needed, but one that is there is read."""
    from nhiscan.config.load import load
    from nhiscan.store.read import open_reader

    config = load(config_path) if db is None or config_path.exists() else None
    path = config.store if db is None and config else store_path(config_path, db)
    return config, open_reader(path, moment)


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
