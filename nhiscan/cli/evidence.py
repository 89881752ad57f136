"""`nhiscan evidence`: adds, lists and verifies what proves that controls operated."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nhiscan.cli.options import as_of_option, config_option, db_option, output_options, store_path
from nhiscan.errors import Exit

if TYPE_CHECKING:
    from nhiscan.evidence.add import Added, Piece
    from nhiscan.evidence.verify import Verdict

EPILOG = """\b
Examples:
  nhiscan evidence add rotation.log --instance acme/CC6.1/keys --kind operation_log --custodian dana
  nhiscan evidence add approvals.csv --tenant acme --kind change_approval --custodian dana
  nhiscan evidence add rmm.jsonl --tenant my-msp --kind usage --custodian dana \\
      --from 2026-10-01 --to 2026-11-01
  nhiscan evidence add --reference psa:88121 --instance acme/CC6.2/leavers --kind ticket \\
      --custodian lee
"""


@click.group("evidence")
def command() -> None:
    """Add, list and verify the evidence that controls operated."""


@command.command("add", epilog=EPILOG)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--instance", help="The control instance that it proves.")
@click.option("--tenant", help="The client, for evidence about it as a whole.")
@click.option("--kind", required=True, help="What it is; see below for kinds that hold records.")
@click.option("--custodian", required=True, help="Who keeps it: a party of the roster.")
@click.option("--from", "start", metavar="DATE", help="Begin of the period that it speaks of.")
@click.option("--to", "end", metavar="DATE", help="First day after that period.")
@click.option("--collected-at", metavar="TIME", help="When it was collected.  [default: now]")
@click.option("--collector", metavar="WHO", help="Who collected it.  [default: the custodian]")
@click.option(
    "--attribution-ratio",
    type=click.FloatRange(0, 1),
    help="Part of a shared identity's operations that are told apart by client.",
)
@click.option("--reference", metavar="URI", help="Where it is kept, instead of FILE.")
@click.option("--sha256", help="Hash of what --reference names.")
@click.option("--note", help="A note for whoever reads it.")
@db_option
@config_option
def add(file: Path | None, db: Path | None, config_path: Path, **said: Any) -> None:
    """Keep FILE (or a reference) as evidence, hash it, and chain it to what was recorded before.

    Kinds that hold records are read and checked, as JSON, JSON lines or CSV: change_approval,
    incident, triage_record, alert_rule_change, escalation, retrieval_drill, revocation, and usage
    (events with identity, time, target_tenant, action, correlation). Other files are kept as they
    are, under any kind.
    """
    from nhiscan.config.load import load
    from nhiscan.evidence import add as adding
    from nhiscan.evidence.choose import piece
    from nhiscan.evidence.kinds import USAGE
    from nhiscan.scan.rejudge import answered

    config = load(config_path)
    store = store_path(config_path, db)
    with answered(store, config, create=True) as revision:
        chosen = piece(revision.con, config, revision.at, has_file=file is not None, **said)
        added = adding.add(revision.con, store, chosen, file, revision.at)
    _tell(chosen, added)
    if chosen.kind == USAGE:
        _tell_unmatched(store, added.evidence_id)


def _tell(piece: "Piece", added: "Added") -> None:
    from nhiscan.text import printable

    where = piece.instance_id or piece.tenant_id
    rows = f", {added.rows} records" if added.rows is not None else ""
    click.echo(added.evidence_id)
    said = f"recorded {piece.kind} for {where}{rows}, entry {added.entry.seq}"
    click.echo(printable(said), err=True)


def _tell_unmatched(store: Path, evidence_id: str) -> None:
    from nhiscan.evidence.usage import unmatched
    from nhiscan.store.read import open_reader

    found = unmatched(open_reader(store), evidence_id)
    for number, what in ((found.identities, "an identity"), (found.tenants, "a target tenant")):
        if number:
            click.echo(f"note: {number} events name {what} that is not known", err=True)


@command.command("list")
@click.option("--tenant", help="Only this client.")
@click.option("--instance", help="Only this control instance.")
@click.option("--kind", help="Only this kind.")
@as_of_option
@output_options
@db_option
@config_option
def listing(
    tenant: str | None,
    instance: str | None,
    kind: str | None,
    as_of: str | None,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """List what was recorded, the newest first."""
    from nhiscan.cli.output import emit
    from nhiscan.clock import parse
    from nhiscan.evidence.choose import listed
    from nhiscan.store.read import open_reader

    moment: datetime | None = parse(as_of, "--as-of") if as_of else None
    con = open_reader(store_path(config_path, db), moment)
    emit(listed(con, tenant, instance, kind), form, output)


@command.command("collect")
@click.option("--tenant", "tenants", multiple=True, help="Only this client; may be repeated.")
@db_option
@config_option
def collect(tenants: tuple[str, ...], db: Path | None, config_path: Path) -> None:
    """Record populations, access reviews and revocation checks from the store as it is.

    Every scan does so by itself for clients with a control matrix. What was not read whole is told
    in the evidence, which then proves nothing.
    """
    from nhiscan.config.load import load
    from nhiscan.evidence.automatic import collect as collecting
    from nhiscan.evidence.choose import known_tenant
    from nhiscan.scan.rejudge import answered
    from nhiscan.text import printable

    config = load(config_path)
    store = store_path(config_path, db)
    with answered(store, config) as revision:
        chosen = [known_tenant(revision.con, tenant) for tenant in tenants]
        chosen = chosen or [tenant.id for tenant in config.tenants]
        made = collecting(revision, store, config, chosen, "nhiscan evidence collect")
    for one in made:
        gaps = f", {len(one.incomplete)} gaps: not accepted" if one.incomplete else ""
        click.echo(printable(f"{one.tenant_id} {one.kind}: {one.rows} rows{gaps}"), err=True)
    if not made:
        click.echo("note: no client of these has a control matrix: see `matrix:`", err=True)


@command.command("verify")
@click.option("--tenant", help="Only this client's chain.")
@click.option("--record", "recorded", is_flag=True, help="Write the outcome into the ledger.")
@db_option
@config_option
def verify(tenant: str | None, recorded: bool, db: Path | None, config_path: Path) -> Exit:
    """Hash every file and every row again, without any network; exit 1 if anything was changed.

    The head of each chain is printed: note it elsewhere, and nobody can rewrite the chain unseen.
    With --record the outcome is evidence itself; what is broken stays a finding (EVD-02) until a
    later verification is recorded that finds nothing.
    """
    from nhiscan.evidence.choose import known_tenant
    from nhiscan.evidence.verify import verify as verifying
    from nhiscan.store.read import open_reader

    store = store_path(config_path, db)
    if recorded:
        return _told(_verified(config_path, store, tenant))
    con = open_reader(store)
    return _told(verifying(con, store, known_tenant(con, tenant) if tenant else None))


def _verified(config_path: Path, store: Path, tenant: str | None) -> "Verdict":
    from nhiscan.config.load import load
    from nhiscan.evidence.choose import known_tenant
    from nhiscan.evidence.outcome import record
    from nhiscan.evidence.verify import verify as verifying
    from nhiscan.scan.rejudge import answered

    with answered(store, load(config_path)) as revision:
        chosen = known_tenant(revision.con, tenant) if tenant else None
        verdict = verifying(revision.con, store, chosen)
        record(revision.con, store, verdict, revision.at)
    return verdict


def _told(verdict: "Verdict") -> Exit:
    from nhiscan.text import printable

    for broken in verdict.broken:
        entry = "events" if broken.seq is None else f"entry {broken.seq}"
        entry += f" ({broken.entry_id})" if broken.entry_id else ""
        where = f"{broken.tenant_id} {entry}"
        click.echo(printable(f"BROKEN {where}: {broken.what}"))
    for one in verdict.tenants:
        click.echo(f"{one.tenant_id}: {one.entries} entries, {one.files} files, head {one.head}")
    for path in verdict.strays:
        click.echo(f"note: {printable(path)} is named by no entry", err=True)
    if not verdict.tenants:
        click.echo("note: nothing was recorded yet: `nhiscan evidence add`", err=True)
    return Exit.FINDINGS if verdict.broken else Exit.COMPLETE
