"""`nhiscan lifecycle`: what is proven of an identity's life, and what is missing."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import as_of_option, config_option, db_option, output_options, store_path

if TYPE_CHECKING:
    from nhiscan.lifecycle.card import Card

EPILOG = """\b
Examples:
  nhiscan lifecycle deploy-bot
  nhiscan lifecycle nhi_0123456789abcdef0123 --format json
  nhiscan lifecycle deploy-bot --as-of 2026-05-01
"""
# Proofs of one stage on a terminal; `--format json` holds all.
_SHOWN = 5


@click.command("lifecycle", epilog=EPILOG)
@click.argument("identity")
@as_of_option
@output_options
@db_option
@config_option
def command(
    identity: str,
    as_of: str | None,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """Show the life of an IDENTITY: created, approved, used, reviewed, rotated, revoked.

    Each stage with its dates and proofs; a stage without any is missing where everything that could
    show it was read, else unknown. An identity that is gone is named by its id or native id.
    """
    from nhiscan import clock
    from nhiscan.cli.output import emit
    from nhiscan.lifecycle.card import COLUMNS, card, rows_of
    from nhiscan.store.read import open_reader
    from nhiscan.table import Table
    from nhiscan.text import printable

    moment = clock.parse(as_of, "--as-of") if as_of else None
    one = card(open_reader(store_path(config_path, db), moment), identity)
    if form or output:
        title = f"Life of {one.name}"
        emit(Table(columns=COLUMNS, rows=rows_of(one), title=title), form, output)
        return
    for line in _page(one):
        click.echo(printable(line, 2000))


def _page(one: "Card") -> Iterator[str]:
    yield f"{one.kind} {one.name} ({one.tenant_id}, {one.account_id})"
    yield f"  id           {one.identity_id}"
    yield f"  native id    {one.native_id}"
    if one.is_gone:
        yield "  gone         no complete read shows it any more"
    yield ""
    for stage in one.stages:
        why = f": {stage.why}" if stage.why else ""
        yield f"{stage.stage:<10} {stage.state}{why}"
        for event in stage.events[:_SHOWN]:
            detail = f", {event.detail}" if event.detail else ""
            lacks = "" if event.is_sound else " (does not count)"
            yield f"  {event.happened_at:%Y-%m-%d %H:%MZ}  {event.proof}{detail}{lacks}"
        if len(stage.events) > _SHOWN:
            yield f"  and {len(stage.events) - _SHOWN} more: --format json"
