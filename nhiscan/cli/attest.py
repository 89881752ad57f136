"""`nhiscan attest`: who says that an identity is theirs, or is not."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option
from nhiscan.cli.recorder import by_option
from nhiscan.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from nhiscan.config.model import Config, Party

EPILOG = """\b
Examples:
  nhiscan attest deploy-bot --owner dana.reyes@acme.example
  nhiscan attest deploy-bot --owner dana.reyes --until 2027-01-31 --by lee --note "per CHG-4711"
  nhiscan attest deploy-bot --not-owner priya.nair
"""


@click.command("attest", epilog=EPILOG)
@click.argument("identity")
@click.option("--owner", metavar="P", help="It is this person's: by id, address, alias or name.")
@click.option(
    "--not-owner", metavar="P", help="It is not this party's: nothing naming them counts."
)
@click.option(
    "--until",
    metavar="DATE",
    help="Until when that holds.  [default: as many days as `attestation_days` of the policy]",
)
@by_option
@click.option("--note", metavar="TEXT", help="Why, or where it was said.")
@db_option
@config_option
def command(
    identity: str,
    owner: str | None,
    not_owner: str | None,
    until: str | None,
    by: str,
    note: str | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Record that an IDENTITY is somebody's, or is not, and conclude anew at once.

    An attestation in force decides against every other claim. Its end is not forgotten: finding
    OWN-07 says so. Nothing that was recorded is ever changed; a newer answer holds instead.
    """
    from nhiscan.cli.verdict import told
    from nhiscan.config.load import load
    from nhiscan.graph.identify import identify
    from nhiscan.ownership.attest import Answer, record
    from nhiscan.scan.rejudge import answered
    from nhiscan.store.read import open_reader
    from nhiscan.text import printable

    config = load(config_path)
    store = db or config.store
    with open_reader(store) as con:
        named = identify(con, identity)
    whom = _party(config, owner, not_owner, named.tenant_id).party_id
    answer = Answer(
        identity_id=named.identity_id, tenant_id=named.tenant_id, party_id=whom, note=note,
        is_owner=owner is not None, attested_by=by, expires_at=_end(until, config),
    )  # fmt: skip
    with answered(store, config) as revision:
        record(revision, answer)
    with open_reader(store) as con:
        click.echo(printable(told(con, named)))
    click.echo("hint: `nhiscan why IDENTITY` tells what that rests on", err=True)


def _party(config: "Config", owner: str | None, not_owner: str | None, tenant: str) -> "Party":
    """Find the one party that is meant; an owner must be a person who is here."""
    from nhiscan.matrix.read import joined, read_matrix
    from nhiscan.ownership.who import Directory

    reference = owner or not_owner
    if reference is None or (owner and not_owner):
        raise UsageError("one of --owner and --not-owner is needed", hint="nhiscan attest --help")
    party = Directory(joined(config, read_matrix(config))).find(reference, tenant)
    if owner:
        _able_to_own(party)
    return party


def _able_to_own(party: "Party") -> None:
    if party.kind != "person":
        raise UsageError(
            f"{party.party_id} is a {party.kind}, and only a person can answer for it",
            hint="name one person, such as its lead",
        )
    if party.employment == "left":
        since = f" since {party.since}" if party.since else ""
        raise UsageError(
            f"{party.party_id} has left{since} and cannot answer for anything",
            hint=f"name a successor; if {party.party_id} is back, mend the row at"
            f" {party.file}:{party.line}",
        )


def _end(until: str | None, config: "Config") -> "datetime":
    from datetime import timedelta

    from nhiscan import clock

    now = clock.now()
    if until is None:
        return now + timedelta(days=config.policy.attestation_days)
    end = clock.parse(until, "--until")
    if end <= now:
        raise UsageError(f"--until {until} is past", hint="name a date that is still to come")
    return end
