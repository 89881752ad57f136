"""`nhiscan exception`: accepts a finding until a day, and lists what was accepted."""

from datetime import date, datetime
from pathlib import Path

import click

from nhiscan.cli.options import config_option, db_option, output_options, store_path

EPILOG = """\b
Example:
  nhiscan exception add --tenant acme --rule CRD-01 --identity svc-backup \\
      --reason "rotates with the new vault" --accepted-by cto@acme.example --until 2027-01-31
"""


@click.group("exception")
def command() -> None:
    """Accept findings until a day, and list what was accepted, by whom."""


@command.command("add", epilog=EPILOG)
@click.option("--tenant", required=True, help="The client.")
@click.option("--rule", required=True, help="The rule whose finding is accepted.")
@click.option("--identity", help="Only on this identity: id, native id or name.")
@click.option("--instance", help="Only on this control instance.")
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--accepted-by", required=True, metavar="P", help="Who accepts it: of the client.")
@click.option("--until", required=True, metavar="DATE", help="First day on which it ends.")
@click.option("--requested-by", metavar="P", help="Who asked for it.")
@click.option("--granted-at", metavar="DATE", help="First day.  [default: today]")
@click.option("--compensating-control", metavar="TEXT", help="What is done instead.")
@click.option("--id", "name", help="Its id.  [default: exc-DATE-NUMBER]")
@db_option
@config_option
def add(db: Path | None, config_path: Path, **said: str | None) -> None:
    """Write a row into the file of exceptions, and judge again.

    Who may accept is the client's person, or whom the instance names for the duty `approve`;
    anybody else's acceptance is refused.
    """
    from nhiscan import clock
    from nhiscan.config.load import load
    from nhiscan.config.model import Accepted
    from nhiscan.review.entitled import require
    from nhiscan.review.exceptions import append, next_id
    from nhiscan.scan.rejudge import answered

    config = load(config_path)
    today = clock.now().date()
    one = Accepted(
        exception_id=said["name"] or next_id(config, today),
        tenant_id=said["tenant"] or "",
        rule=(said["rule"] or "").upper(),
        identity=said["identity"],
        instance_id=said["instance"],
        reason=said["reason"] or "",
        requested_by=said["requested_by"],
        accepted_by=said["accepted_by"] or "",
        granted_at=_day(said["granted_at"], "--granted-at") if said["granted_at"] else today,
        expires_at=_day(said["until"] or "", "--until"),
        compensating_control=said["compensating_control"],
        file="",
        line=0,
    )
    store = store_path(config_path, db)
    require(store, config, one)
    file, config = append(config, one)
    with answered(store, config):
        pass
    click.echo(one.exception_id)
    click.echo(f"written to {file}", err=True)


def _day(text: str, option: str) -> date:
    from nhiscan.clock import parse

    moment: datetime = parse(text, option)
    return moment.date()


@command.command("list")
@click.option("--tenant", help="Only this client.")
@output_options
@db_option
@config_option
def listing(
    tenant: str | None, form: str | None, output: Path | None, db: Path | None, config_path: Path
) -> None:
    """List exceptions with their state: in force, run out, or accepted by somebody who may not."""
    from nhiscan.cli.output import emit
    from nhiscan.clock import now
    from nhiscan.evidence.choose import known_tenant
    from nhiscan.review.exceptions import listed
    from nhiscan.store.read import open_reader

    con = open_reader(store_path(config_path, db))
    emit(listed(con, known_tenant(con, tenant) if tenant else None, now()), form, output)
