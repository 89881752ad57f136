"""`nhiscan why`: why an identity has this owner, and what would settle it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from nhiscan.cli.options import as_of_option, config_option, db_option, output_options, store_path

EPILOG = """\b
Examples:
  nhiscan why deploy-bot
  nhiscan why nhi_0123456789abcdef0123 --format json
  nhiscan why deploy-bot --as-of 2026-05-01
"""


@click.command("why", epilog=EPILOG)
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
    """Tell why an IDENTITY, named by id, native id or unambiguous name, has the owner it has.

    Every claim with its age and what is left of its weight; claims of one origin, which count once;
    the score of each person; whom the rules rejected and why; the thresholds; and the cheapest
    fact that would settle it.
    """
    from nhiscan import clock
    from nhiscan.cli.output import emit
    from nhiscan.graph.identify import identify
    from nhiscan.ownership.why import why
    from nhiscan.store.read import open_reader
    from nhiscan.table import Table
    from nhiscan.text import printable

    moment = clock.parse(as_of, "--as-of") if as_of else None
    con = open_reader(store_path(config_path, db), moment)
    named = identify(con, identity)
    facts = why(con, named.identity_id, moment or clock.now())
    if form or output:
        from msgspec import to_builtins

        row = tuple(to_builtins(value) for value in facts.values())
        emit(Table(columns=tuple(facts), rows=[row]), form, output)
        return
    for line in _page(facts):
        click.echo(printable(line, 2000))


def _page(facts: dict[str, Any]) -> Iterator[str]:
    from nhiscan.cli.explain import verdict_lines

    one = facts["identity"]
    yield f"{one['kind']} {one['name']} ({one['tenant_id']}, {one['account_id']})"
    yield f"  id           {one['identity_id']}"
    yield from verdict_lines(facts["verdict"])
    yield ""
    yield "People and teams that claims count for"
    for person in facts["people"]:
        yield from _person(person)
    if not facts["people"]:
        yield "  none"
    yield ""
    yield "Rejected"
    for no in facts["rejected"]:
        yield f"  {_name(no['party']) or no['reference']}: {no['signal']}, {no['reason']}"
    if not facts["rejected"]:
        yield "  none"
    yield ""
    yield "What would settle it, the cheapest first"
    yield from (f"  {text}" for text in facts["next"])


def _person(person: dict[str, Any]) -> Iterator[str]:
    from nhiscan.cli.explain import claim_line

    capped = ", held down by the cap" if person["capped"] else ""
    left = ", who has left and is no owner" if person["has_left"] else ""
    yield f"  {_name(person['party'])}: score {person['score']:.2f}{capped}{left}"
    for group in person["groups"]:
        once = f" ({len(group.claims)} claims, counted once)" if len(group.claims) > 1 else ""
        yield f"    {group.origin}: {group.weight:.2f}{once}"
        yield from (f"      {claim_line(claim)}" for claim in group.claims)


def _name(party: Any) -> str | None:
    if isinstance(party, dict):
        return f"{party['name']} ({party['party_id']})"
    return str(party) if party else None
