"""`nhiscan review`: freezes the pack of a month, and records what was decided."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import FORMATS, config_option, db_option, store_path

if TYPE_CHECKING:
    from nhiscan.config.model import Config
    from nhiscan.review.campaign import Campaign
    from nhiscan.review.record import Recorded

EPILOG = """\b
A month, from the frozen pack to its decisions:
  nhiscan review prepare --tenant acme --month 2026-10 -o october.xlsx
  nhiscan review record october.xlsx --tenant acme --month 2026-10 --chair dana
An access review, with the columns campaign_id, tenant_id, identity, reviewer, decision,
justification, decided_at and seconds_spent:
  nhiscan review record campaign.csv
"""


@click.group("review", epilog=EPILOG)
def command() -> None:
    """Prepare monthly reviews, and record their decisions and those of access reviews."""


@command.command("prepare")
@click.option("--tenant", required=True, help="The client.")
@click.option("--month", required=True, metavar="YYYY-MM", help="The month under review.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to FILE: CSV, XLSX or JSON, by its ending.  [default: CSV on stdout]",
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to write the pack.")
@db_option
@config_option
def prepare(
    tenant: str,
    month: str,
    output: Path | None,
    form: str | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Freeze and hash what the review has before it: exceptions, overdue findings, gaps, changes.

    Fill in the column `decision` with keep, revoke, remediate, accept, reassign or defer, and
    record the file. A pack in which nothing differs from the last one is the same pack.
    """
    from nhiscan.cli.output import emit
    from nhiscan.clock import now
    from nhiscan.config.load import load
    from nhiscan.evidence.choose import known_tenant
    from nhiscan.review.prepare import prepare as preparing
    from nhiscan.store.revision import revise

    load(config_path)
    store = _existing(store_path(config_path, db))
    with revise(store, now()) as revision:
        known_tenant(revision.con, tenant)
        pack = preparing(revision.con, tenant, month, revision.at)
    emit(pack.table(), form or (None if output else "csv"), output)
    state = "frozen" if pack.is_new else "frozen before, and nothing differs"
    click.echo(f"{len(pack.items)} items, version {pack.version}: {state}", err=True)


@command.command("record", epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--tenant", help="The client, for a monthly review.")
@click.option("--month", metavar="YYYY-MM", help="The month under review.")
@click.option("--chair", metavar="P", help="Who chaired it: a party of the roster.")
@click.option("--held-at", metavar="TIME", help="When it was held.  [default: now]")
@db_option
@config_option
def record(
    file: Path,
    tenant: str | None,
    month: str | None,
    chair: str | None,
    held_at: str | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Record the decisions in FILE, which `review prepare` wrote, or an access review.

    Items that need a decision and have none are recorded as undecided, and reported.
    """
    from nhiscan.config.load import load
    from nhiscan.errors import UsageError
    from nhiscan.matrix.read import joined, read_matrix
    from nhiscan.review.campaign import is_campaign, record_campaign
    from nhiscan.scan.rejudge import answered

    config = load(config_path)
    store = _existing(store_path(config_path, db))
    if is_campaign(file):
        whole = joined(config, read_matrix(config))
        with answered(store, config) as revision:
            campaigns = record_campaign(revision.con, whole, file, revision.at, tenant)
        _tell_campaigns(campaigns)
        return
    if tenant is None or month is None or chair is None:
        raise UsageError("a monthly review needs --tenant, --month and --chair")
    _tell(_recorded(config, store, file, tenant, month, chair, held_at))


def _recorded(
    config: "Config",
    store: Path,
    file: Path,
    tenant: str,
    month: str,
    chair: str,
    held_at: str | None,
) -> "Recorded":
    """Record a monthly review, and judge what rests on it."""
    from nhiscan.clock import parse
    from nhiscan.evidence.choose import known_tenant, party
    from nhiscan.matrix.read import joined, read_matrix
    from nhiscan.review.record import record as recording
    from nhiscan.scan.rejudge import answered

    whole = joined(config, read_matrix(config))
    with answered(store, config) as revision:
        known_tenant(revision.con, tenant)
        return recording(
            revision.con,
            file,
            tenant,
            month,
            chair_id=party(whole, chair, tenant, "--chair").party_id,
            held_at=parse(held_at, "--held-at") if held_at else revision.at,
            at=revision.at,
        )


def _existing(store: Path) -> Path:
    from nhiscan.errors import UsageError

    if not store.is_file():
        raise UsageError(f"{store}: no store is there yet", hint="run `nhiscan scan` first")
    return store


def _tell(made: "Recorded") -> None:
    from nhiscan.text import printable

    click.echo(f"{made.decided} decided, {len(made.undecided)} undecided", err=True)
    for item in made.undecided[:10]:
        click.echo(f"note: {printable(item)} has no decision", err=True)
    if not made.is_newest:
        click.echo("warning: a newer version of this pack was frozen since", err=True)


def _tell_campaigns(campaigns: "list[Campaign]") -> None:
    from nhiscan.text import printable

    for one in campaigns:
        said = f"{one.tenant_id} {one.campaign_id}: {one.rows} rows, {one.undecided} undecided"
        click.echo(printable(said), err=True)
