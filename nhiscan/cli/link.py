"""`nhiscan link`: which identities operate which controls, and who says so."""

from pathlib import Path
from typing import Literal

import click

from nhiscan.cli.options import as_of_option, config_option, db_option, output_options
from nhiscan.cli.recorder import by_option

EPILOG = """\b
Examples:
  nhiscan link list --state suggested --tenant acme
  nhiscan link confirm acme/A1.2/backup svc-bkp-acme --by dana --reason "CHG-4711"
  nhiscan link reject acme/A1.2/backup etl-loader --by dana
"""
STATES = ("suggested", "linked", "confirmed", "rejected")


@click.group("link", epilog=EPILOG)
def command() -> None:
    """List, confirm and reject links of identities to control instances."""


@command.command("confirm", epilog=EPILOG)
@click.argument("instance")
@click.argument("identity")
@by_option
@click.option("--reason", metavar="TEXT", help="Why, or where it was said.")
@db_option
@config_option
def confirm(
    instance: str, identity: str, by: str, reason: str | None, db: Path | None, config_path: Path
) -> None:
    """Record that IDENTITY operates INSTANCE, and conclude anew at once.

    IDENTITY is named by its id, native id or unambiguous name. What is confirmed is sure until
    somebody rejects it; its grade still says what it was seen to do.
    """
    _decide("confirm", instance, identity, by, reason, db, config_path)


@command.command("reject", epilog=EPILOG)
@click.argument("instance")
@click.argument("identity")
@by_option
@click.option("--reason", metavar="TEXT", help="Why, or where it was said.")
@db_option
@config_option
def reject(
    instance: str, identity: str, by: str, reason: str | None, db: Path | None, config_path: Path
) -> None:
    """Record that IDENTITY does not operate INSTANCE: it is linked no more, whatever suggests it.

    Only a later `link confirm` undoes that, not even the matrix.
    """
    _decide("reject", instance, identity, by, reason, db, config_path)


def _decide(
    decided: Literal["confirm", "reject"],
    instance: str,
    identity: str,
    by: str,
    reason: str | None,
    db: Path | None,
    config_path: Path,
) -> None:
    from nhiscan.config.load import load
    from nhiscan.graph.identify import identify
    from nhiscan.matrix.links_decide import decision, record, stands
    from nhiscan.scan.rejudge import answered
    from nhiscan.store.read import open_reader
    from nhiscan.text import printable

    config = load(config_path)
    store = db or config.store
    with open_reader(store) as con:
        named = identify(con, identity)
        one = decision(con, instance, named, decided, by, reason)
    with answered(store, config) as revision:
        record(revision, one)
    with open_reader(store) as con:
        click.echo(printable(f"{named} and {one.instance_id}: {stands(con, one)}", 2000))


@command.command("list", epilog=EPILOG)
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only these; repeatable."
)
@click.option("--tenant", "tenants", multiple=True, help="Only this client's; repeatable.")
@as_of_option
@output_options
@db_option
@config_option
def listed(
    states: tuple[str, ...],
    tenants: tuple[str, ...],
    as_of: str | None,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """List links with every reason, those that wait for a decision first.

    What was not read may hide further links: `unread` says what bears on one that is shown, and
    the notes what bears on those that are not.
    """
    from nhiscan import clock
    from nhiscan.cli.choose import known
    from nhiscan.cli.options import store_path
    from nhiscan.cli.output import emit
    from nhiscan.matrix.links_decide import links
    from nhiscan.sql.coverage import coverage_notes
    from nhiscan.store.read import open_reader

    moment = clock.parse(as_of, "--as-of") if as_of else None
    with open_reader(store_path(config_path, db), moment) as con:
        rows = con.execute("SELECT tenant_id FROM tenants").fetchall()
        known([row[0] for row in rows], tenants, "tenant")
        table = links(con, states, tenants, coverage_notes(con, tenants))
    emit(table, form, output)
    waiting = sum(1 for row in table.rows if row[0] == "suggested")
    if waiting:
        hint = f"{waiting} to decide: nhiscan link confirm|reject INSTANCE IDENTITY"
        click.echo(f"hint: {hint}", err=True)
