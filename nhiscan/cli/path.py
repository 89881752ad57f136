"""`nhiscan path`: how one identity can act as another."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, db_option, output_options, store_path

if TYPE_CHECKING:
    from nhiscan.graph.paths import Way
    from nhiscan.graph.steps import Step
    from nhiscan.table import Table

EPILOG = """\b
Examples:
  nhiscan path northwind-automation arn:aws:iam::111122223333:role/NorthwindAdmin
  nhiscan path nhi_0123456789abcdef0123 NorthwindAdmin --format json
  nhiscan path ci-deployer billing-admin --including-can-become
"""
_SHOWN = 5
_NO_GRANT = "none was read that allows it: the door is open, the key to it is not given"
_UNPROVEN = "not all that this step rests on was read or could be judged"


@click.command("path", epilog=EPILOG)
@click.argument("source", metavar="A")
@click.argument("target", metavar="B")
@click.option(
    "--including-can-become",
    "become",
    is_flag=True,
    help="Also take steps that would have to be created first: a new key, a changed trust, a role"
    " passed to a workload, an added federation.",
)
@output_options
@db_option
@config_option
def command(
    source: str,
    target: str,
    become: bool,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Show the shortest way by which identity A can act as identity B, hop by hop, with evidence.

    A and B are ids, native ids or unambiguous names. Each hop says whether it stands open (trust)
    or would have to be created first (can_become, on demand). If there is no way, what was not read
    and could hide one is told on stderr. The exit code is 0 either way.
    """
    from nhiscan.cli.output import emit
    from nhiscan.graph.identify import identify
    from nhiscan.graph.paths import find_way
    from nhiscan.store.read import open_reader
    from nhiscan.text import printable

    con = open_reader(store_path(config_path, db))
    start, end = identify(con, source), identify(con, target)
    way = find_way(con, start, end, become=become)
    if form or output:
        emit(_table(way), form, output)
    elif start == end:
        click.echo("A and B are the same identity")
    elif way.steps:
        for step in way.steps:
            click.echo("\n".join(printable(line) for line in _lines(step)))
    else:
        click.echo(printable(f"no way is known from {start} to {end}"))
    if start != end and not way.steps:
        _tell_unread(way)
        if not become:
            click.echo("note: powers to create a way in first: --including-can-become", err=True)


def _lines(step: "Step") -> list[str]:
    when = f"{step.read_at:%Y-%m-%d %H:%M}Z" if step.read_at else "not at the last scan"
    told = _become(step) if step.kind == "can_become" else _trust(step)
    if step.statement is None and step.kind != "can_become":
        told = [f"   acts as    {step.target}", f"   proof      {step.how}: {step.reason}"]
    gaps = [f"   not whole  {text}" for text in step.unread]
    return [f"{step.hop}. {step.source}", *told, f"   read       {step.read_in}, {when}", *gaps]


def _become(step: "Step") -> list[str]:
    return [
        f"   can become {step.target}",
        f"   way        {step.how}: {step.reason}",
        f"   grant      {'; '.join(step.grants)}",
    ]


def _trust(step: "Step") -> list[str]:
    grants = "; ".join(step.grants)
    if not grants:
        within = step.source.account_id == step.target.account_id
        grants = "none needed within one account" if within else _NO_GRANT
    doubt = [] if step.proven else [f"   not proven {_UNPROVEN}"]
    return [
        f"   acts as    {step.target}",
        f"   trust      statement {step.statement} lets in {step.principal}"
        f" ({step.relation}, {step.how})",
        f"   guard      {step.guard}: {step.verdict}; {step.reason}",
        f"   grant      {grants}",
        *doubt,
    ]


def _table(way: "Way") -> "Table":
    from nhiscan.table import Table

    ends = ("identity_id", "name", "native_id", "tenant_id", "account_id")
    facts = ("kind", "how", "principal", "relation", "statement", "guard", "verdict", "reason",
             "proven", "grants", "read_in", "read_at", "unread")  # fmt: skip
    columns = ("hop", *(f"from_{e}" for e in ends), *(f"to_{e}" for e in ends), *facts)
    rows = [
        (
            step.hop,
            *(getattr(step.source, end) for end in ends),
            *(getattr(step.target, end) for end in ends),
            *(getattr(step, fact) for fact in facts),
        )
        for step in way.steps
    ]
    return Table(columns=columns, rows=rows, title="Path")


def _tell_unread(way: "Way") -> None:
    from nhiscan.text import printable

    if not way.unread:
        click.echo("note: every trust and grant of every known account was read whole", err=True)
        return
    click.echo("note: no path is proven absent; not read or judged whole:", err=True)
    for line in way.unread[:_SHOWN]:
        click.echo(f"note:   {printable(line, 400)}", err=True)
    if len(way.unread) > _SHOWN:
        click.echo(f"note:   and {len(way.unread) - _SHOWN} more: `nhiscan status`", err=True)
