"""`nhiscan import decisions`: what owners answered in their gap lists."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option

if TYPE_CHECKING:
    from nhiscan.answers.decisions import Answered, Decision
    from nhiscan.config.model import Config

EPILOG = """\b
Examples:
  nhiscan import decisions dana.reyes/acme.xlsx
  nhiscan import decisions acme.csv --by dana.reyes@acme.example
  nhiscan import decisions acme.xlsx > rows-for-exceptions.yaml
"""
_SHOWN = 20


@click.command("decisions", epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--by", metavar="WHO", help="Who answered.  [default: whose list it is]")
@db_option
@config_option
def decisions(file: Path, by: str | None, db: Path | None, config_path: Path) -> None:
    """Import what an owner answered in FILE, a gap list as `export gaps` wrote it: .xlsx or .csv.

    Columns: finding_fp, decision (keep, revoke, remediate, accept, reassign, defer; empty is not
    decided), and for some reassign_to, defer_until, comment. What else stands there is compared:
    it must be what was sent.

    Everything is checked first and told at once; if anything is wrong, nothing is imported. The
    same file again adds nothing. No answer resolves a finding: only a complete read does.

    `reassign` records that the identity is not its owner's, as `attest --not-owner` does, and a
    claim for whom `reassign_to` names; owners are concluded anew at once. `accept` grants nothing:
    the rows for exceptions.yaml go to stdout, for whoever may accept. `defer` moves no due date.
    """
    from nhiscan import clock
    from nhiscan.answers.decisions import read_decisions
    from nhiscan.answers.record import hand_over, record_decisions, unrecorded
    from nhiscan.cli.recorder import recorder
    from nhiscan.config.load import load
    from nhiscan.matrix.read import joined, read_matrix
    from nhiscan.ownership.who import Directory
    from nhiscan.scan.rejudge import answered
    from nhiscan.store.read import open_reader
    from nhiscan.store.revision import revise

    config = load(config_path)
    store = db or config.store
    directory = Directory(joined(config, read_matrix(config)))
    with open_reader(store) as con:
        read = read_decisions(file, con, directory, by, clock.now())
        new = unrecorded(con, read.decisions)
    handed = [one for one in new if one.decision == "reassign" and one.finding.identity_id]
    if new:
        opened = answered(store, config) if handed else revise(store, clock.now())
        with opened as revision:
            record_decisions(revision, new, recorder())
            hand_over(revision, handed, config.policy.attestation_days)
    _tell(read, new)
    _reassigned(store, handed)
    _not_handed(new)
    _accepted(config, read)


def _tell(read: "Answered", new: list["Decision"]) -> None:
    from nhiscan.text import printable

    for note in read.notes:
        click.echo(f"note: {printable(note)}", err=True)
    counted = Counter(one.decision for one in new)
    listed = ", ".join(f"{number} {name}" for name, number in sorted(counted.items()))
    click.echo(
        f"{len(read.decisions)} decisions read, {len(new)} new{': ' if listed else ''}{listed};"
        f" {read.empty} rows not decided",
        err=True,
    )


def _reassigned(store: Path, handed: list["Decision"]) -> None:
    """Say whose the identities are now, and what is still missing."""
    from nhiscan.graph.identify import identify
    from nhiscan.store.read import open_reader
    from nhiscan.text import printable

    found = {one.finding.identity_id: one for one in handed if one.finding.identity_id}
    with open_reader(store) as con:
        for identity, one in list(found.items())[:_SHOWN]:
            named = identify(con, identity)
            row = con.execute(
                "SELECT owner_id, owner_status FROM identities WHERE identity_id = ?", [identity]
            ).fetchone() or (None, None)
            now = f"now {row[1]}" + (f", {row[0]}" if row[0] else "")
            click.echo(printable(f"  {named.name}: {now}"), err=True)
            if one.reassign_to:
                told = f"nhiscan attest {identity} --owner {one.reassign_to} --by {one.reassign_to}"
                click.echo(printable(f"  hint: when they confirm it: {told}"), err=True)
    if len(found) > _SHOWN:
        click.echo(f"  and {len(found) - _SHOWN} more: `nhiscan query decisions`", err=True)


def _not_handed(new: list["Decision"]) -> None:
    """Name what an answer alone cannot hand over: the matrix says who is accountable there."""
    from nhiscan.text import printable

    for one in new:
        if one.decision == "reassign" and not one.finding.identity_id:
            where = one.finding.instance_id or "an account"
            told = f"{one.finding.finding_id} is about {where}: the matrix says who answers for it"
            click.echo(f"note: {printable(told)}", err=True)


def _accepted(config: "Config", read: "Answered") -> None:
    """Print the rows that whoever may accept pastes into exceptions.yaml."""
    from nhiscan import clock
    from nhiscan.review.accepting import DAYS, asked_for

    asked = [
        one
        for one in read.decisions
        if one.decision == "accept" and one.finding.status != "accepted"
    ]
    if not asked:
        return
    for line in asked_for(config, asked, clock.now().date()):
        click.echo(line)
    file = config.exceptions_file or "the file that `exceptions:` of nhiscan.yaml names"
    click.echo(
        f"hint: {len(asked)} findings were answered with accept, which grants nothing: whoever may"
        f" accept adds these rows to {file}, then `nhiscan resolve`; without a date they end after"
        f" {DAYS} days",
        err=True,
    )
