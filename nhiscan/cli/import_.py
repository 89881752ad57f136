"""`nhiscan import`: what other registers know, and what people answered."""

import re
from collections.abc import Iterable
from pathlib import Path

import click

from nhiscan.cli.import_decisions import decisions
from nhiscan.cli.options import config_option, db_option
from nhiscan.cli.recorder import by_option

EPILOG = """\b
Examples:
  nhiscan import owners register.csv
  nhiscan import owners backstage.csv --by "platform team"
"""


TICKETS_EPILOG = """\b
Examples:
  nhiscan import tickets tickets.csv
  nhiscan import tickets jira.csv --profile jira
  nhiscan import tickets jira.csv --columns "fp=Labels,ticket_ref=Issue key,closed_at=Resolved"
"""
_NEXT = re.compile(r",(?=\s*[a-z_]+=)")


@click.group("import")
def command() -> None:
    """Import what other registers know, and what people answered."""


@command.command("owners", epilog=EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@by_option
@db_option
@config_option
def owners(file: Path, by: str, db: Path | None, config_path: Path) -> None:
    """Import a register of owners from FILE, a CSV with header, and conclude anew at once.

    Columns: identity (id, native id or unambiguous name), owner (id, address, alias or name of a
    party of the rosters); optional: role (accountable, operator, backup), signal (S2, the register,
    unless said otherwise; S10 a service catalogue, S9 authors of code, ...), observed_at (a date),
    evidence (where it says so), origin (claims of one origin about one party count once).

    Everything is checked first and told at once; if anything is wrong, nothing is imported. What
    was imported before and is unchanged stays as it is.
    """
    from nhiscan import clock
    from nhiscan.config.load import load
    from nhiscan.matrix.read import joined, read_matrix
    from nhiscan.ownership.register import read_register, record_register
    from nhiscan.ownership.who import Directory
    from nhiscan.scan.rejudge import answered
    from nhiscan.store.read import open_reader

    config = load(config_path)
    store = db or config.store
    directory = Directory(joined(config, read_matrix(config)))
    with open_reader(store) as con:
        rows = read_register(file, con, directory, clock.now())
    with answered(store, config) as revision:
        new = record_register(revision, rows, by)
    click.echo(f"{len(rows)} claims read, {new} new or changed", err=True)


@command.command("tickets", epilog=TICKETS_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--columns",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS,…",
    help="How the file calls a column: fp, ticket_ref, status, closed_at; may be repeated.",
)
@click.option(
    "--profile", metavar="NAME", help="FILE is this system's own export: jira, servicenow, ..."
)
@by_option
@db_option
@config_option
def tickets(
    file: Path,
    columns: tuple[str, ...],
    profile: str | None,
    by: str,
    db: Path | None,
    config_path: Path,
) -> None:
    """Import what a ticket system says of findings from FILE: CSV, XLSX, JSON or JSON lines.

    Columns: fp (also finding_fp or finding_id; several ids may stand in one cell) and ticket_ref;
    optional: status, closed_at. Other columns are passed over. --profile takes the names of a
    ticket system's own export, --columns says them one by one.

    Everything is checked first and told at once; if anything is wrong, nothing is imported. The
    same file again adds nothing. A ticket never resolves a finding: only a complete read that no
    longer shows it does. Closed tickets of findings that are still shown are told, and open tickets
    of findings that are resolved; `nhiscan query tickets-closed-early` and `tickets-to-close` list
    them.
    """
    from nhiscan import clock
    from nhiscan.answers.tickets import read_tickets, record_tickets
    from nhiscan.cli.options import store_path
    from nhiscan.export.tickets.back import mapping
    from nhiscan.store.read import open_reader
    from nhiscan.store.revision import revise

    store = store_path(config_path, db)
    usual = mapping(profile) if profile else None
    with open_reader(store) as con:
        rows, passed = read_tickets(file, con, _columns(columns), clock.now(), usual)
    with revise(store, clock.now()) as revision:
        done = record_tickets(revision, rows, by)
    said = (
        f"{len(rows)} tickets read: {done.new} new, {done.changed} changed, {done.same} as before"
    )
    click.echo(f"{said}; {done.closed} of the new or changed are closed", err=True)
    if passed:
        click.echo(f"{passed} rows name no finding and were passed over", err=True)
    _list("closed, but a complete read since still shows the finding", done.shown)
    _list("closed after the last complete read, which shows the finding: scan to see", done.unread)
    _list("to close: a complete read no longer shows the finding", done.to_close)


command.add_command(decisions)


def _columns(given: Iterable[str]) -> dict[str, str]:
    """Read `fp=Labels,ticket_ref=Issue key`; UsageError names what is no column of ours."""
    from nhiscan.answers.tickets import NAMES
    from nhiscan.errors import UsageError

    ours = {name: column for column, names in NAMES.items() for name in names}
    found: dict[str, str] = {}
    for part in (part for one in given for part in _NEXT.split(one)):
        name, sign, theirs = part.partition("=")
        if not sign or not theirs.strip() or name.strip() not in ours:
            hint = f"write it like fp=Labels; known: {', '.join(ours)}"
            raise UsageError(f"--columns {part!r}: no column of ours and of the file", hint=hint)
        found[ours[name.strip()]] = theirs.strip()
    return found


def _list(title: str, found: list[tuple[str, str, str]], shown: int = 20) -> None:
    from nhiscan.text import printable, shortened

    if not found:
        return
    click.echo(f"{title} ({len(found)}):", err=True)
    for ref, finding, text in found[:shown]:
        line = f"  {shortened(ref, 40)} {finding}: {shortened(text, 100)}"
        click.echo(printable(line), err=True)
    if len(found) > shown:
        click.echo(f"  and {len(found) - shown} more", err=True)
