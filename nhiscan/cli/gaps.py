"""`nhiscan gaps`: the findings that somebody must act on."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from nhiscan.cli.finding_options import finding_options
from nhiscan.cli.options import as_of_option, config_option, db_option, output_options, store_path
from nhiscan.errors import Exit
from nhiscan.findings.gaps import STATUSES, Choice
from nhiscan.sql.library import SEVERITIES
from nhiscan.table import Table

EPILOG = """\b
Examples:
  nhiscan gaps                                    what is open, or no longer sure
  nhiscan gaps --tenant acme --severity high
  nhiscan gaps --owner unassigned --rule OWN-01
  nhiscan gaps --fail-on critical                 exit 1 if there is one
  nhiscan gaps --new-only --fail-on high          only what the last scan opened
  nhiscan gaps --overdue --owner dana.reyes
  nhiscan gaps --status resolved --format csv -o resolved.csv
"""


@click.command("gaps", epilog=EPILOG)
@finding_options
@click.option(
    "--status",
    "statuses",
    type=click.Choice(STATUSES),
    multiple=True,
    default=("open", "unknown"),
    show_default=True,
    help="Only findings in this state; may be repeated.",
)
@click.option("--since", metavar="DATE", help="Only what opened, or came back, from then on.")
@click.option("--overdue", is_flag=True, help="Only what is past its due date.")
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default=None,
    help="Exit 1 if a finding that is shown is at least this severe.",
)
@as_of_option
@output_options
@db_option
@config_option
def command(
    statuses: tuple[str, ...],
    fail_on: str | None,
    since: str | None,
    overdue: bool,
    as_of: str | None,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
    **asked: Any,
) -> int:
    """List the findings, the worst and most urgent first.

    `unknown` is a finding that a scan showed once and that the last one could neither see nor rule
    out, or one that rests on something not read whole; column `unread` says what. Exits 0 whatever
    is found, unless --fail-on says otherwise.
    """
    from nhiscan import clock
    from nhiscan.cli.output import emit
    from nhiscan.findings.gaps import gaps, reaches
    from nhiscan.sql.coverage import coverage_notes
    from nhiscan.store.read import open_reader

    moment = clock.parse(as_of, "--as-of") if as_of else None
    con = open_reader(store_path(config_path, db), moment)
    try:
        choice = Choice(
            **asked, statuses=statuses, since=clock.parse(since, "--since") if since else None,
            overdue_at=(moment or clock.now()) if overdue else None,
        )  # fmt: skip
        table = gaps(con, choice, notes=coverage_notes(con, asked["tenants"]))
    finally:
        con.close()
    emit(table, form, output)
    click.echo(_summary(table), err=True)
    if table.rows:
        told = "`nhiscan explain IDENTITY` tells all that is known of one, or of a finding by its"
        click.echo(f"hint: {told} id (--format csv shows the ids)", err=True)
    return Exit.FINDINGS if fail_on and reaches(table, fail_on) else Exit.COMPLETE


def _summary(table: Table) -> str:
    counted = Counter(row[0] for row in table.rows)
    parts = [f"{counted[level]} {level}" for level in reversed(SEVERITIES) if counted[level]]
    found = "1 finding" if len(table.rows) == 1 else f"{len(table.rows)} findings"
    return found + (f": {', '.join(parts)}" if parts else "")
