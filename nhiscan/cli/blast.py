"""`nhiscan blast`: what stops or loses proof if an identity is revoked or compromised."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nhiscan.cli.options import config_option, db_option, output_options, store_path

if TYPE_CHECKING:
    from nhiscan.graph.blast import Blast

EPILOG = """\b
Examples:
  nhiscan blast northwind-automation
  nhiscan blast arn:aws:iam::111122223333:role/backup-operator --format json
"""
# Lines of one section on a terminal, and notes; `--format json` holds all rows.
_SHOWN, _NOTES = 40, 5
_HEADS = {
    "itself": "By itself",
    "acts_as": "By acting as others",
    "can_become": "Only after creating a way in (can become)",
}


@click.command("blast", epilog=EPILOG)
@click.argument("identity")
@output_options
@db_option
@config_option
def command(
    identity: str, form: str | None, output: Path | None, db: Path | None, config_path: Path
) -> None:
    """Tell what stops or loses proof if an IDENTITY is revoked or compromised.

    In control instances and clients, not resources: what it operates or can change by itself, what
    it can by acting as others, and apart from that what it could after creating a way in. Clients
    that it gets to without a linked control instance are listed too; what was not read is told on
    stderr.
    """
    from nhiscan.cli.output import emit
    from nhiscan.graph.blast import find_blast
    from nhiscan.graph.identify import identify
    from nhiscan.store.read import open_reader
    from nhiscan.table import Table
    from nhiscan.text import printable

    con = open_reader(store_path(config_path, db))
    named = identify(con, identity)
    found = find_blast(con, named)
    if form or output:
        emit(Table(columns=found.columns, rows=found.rows, title="Blast"), form, output)
    else:
        click.echo(printable(str(named)))
        for line in _page(found):
            click.echo(printable(line, 2000))
    _tell_unread(found)


def _page(found: "Blast") -> Iterator[str]:
    rows = found.dicts()
    for how, head in _HEADS.items():
        some = [row for row in rows if row["how"] == how]
        instances = [row for row in some if row["instance_id"]]
        clients = {row["tenant_id"] for row in some}
        yield ""
        counts = _count(len(instances), "control instance"), _count(len(clients), "client")
        yield f"{head}: {', '.join(counts)}"
        yield from (f"  {_line(row)}" for row in some[:_SHOWN])
        if len(some) > _SHOWN:
            yield f"  and {len(some) - _SHOWN} more: --format json"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _line(row: dict[str, Any]) -> str:
    through = ""
    if row["how"] != "itself":
        steps = _count(row["hops"], "step")
        through = f"; through {row['through_name']} ({row['through_tenant_id']}), {steps}"
    if not row["instance_id"]:
        return f"{row['tenant_id']}: {row['if_compromised']}{through}"
    sure = "" if row["state"] in ("linked", "confirmed") else f" ({row['state']})"
    return (
        f"{row['tenant_id']} {row['instance_id']} {row['grade']}{sure}: revoked,"
        f" {row['if_revoked']}; compromised, {row['if_compromised']}{through}"
    )


def _tell_unread(found: "Blast") -> None:
    from nhiscan.text import printable

    if not found.has_matrix:
        click.echo("note: no control instance is known: the store has no matrix", err=True)
    if found.unread:
        click.echo("note: there may be more; not read or judged whole:", err=True)
    for line in found.unread[:_NOTES]:
        click.echo(f"note:   {printable(line, 400)}", err=True)
    if len(found.unread) > _NOTES:
        click.echo(f"note:   and {len(found.unread) - _NOTES} more: `nhiscan status`", err=True)
