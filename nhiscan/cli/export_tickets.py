"""`nhiscan export tickets`: findings as the import files of a ticket system."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nhiscan.cli.finding_options import finding_options
from nhiscan.cli.options import config_option, db_option, store_path

if TYPE_CHECKING:
    from nhiscan.export.tickets.write import Written

EPILOG = """\b
Examples:
  nhiscan export tickets --list
  nhiscan export tickets --show jira
  nhiscan export tickets --profile jira --to tickets --new-only --severity high
  nhiscan export tickets --profile ours.yaml --to tickets --tenant acme --group owner
"""


@click.command("tickets", epilog=EPILOG)
@click.option("--profile", metavar="NAME", help="Which system: a name of --list, or a FILE.yaml.")
@click.option(
    "--to",
    "target",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write; nothing outside it is touched.",
)
@click.option("--list", "is_list", is_flag=True, help="List the profiles instead.")
@click.option("--show", metavar="NAME", help="Print a profile instead, to make your own from it.")
@finding_options
@click.option(
    "--group",
    type=click.Choice(("finding", "owner")),
    default="finding",
    show_default=True,
    help="What a ticket is about: one finding, or all that an owner has to mend for a client.",
)
@click.option("--all", "is_all", is_flag=True, help="Also findings that have an open ticket.")
@config_option
@db_option
def tickets(
    profile: str | None,
    target: Path | None,
    is_list: bool,
    show: str | None,
    group: Any,
    is_all: bool,
    config_path: Path,
    db: Path | None,
    **asked: Any,
) -> None:
    """Write findings as tickets that a ticket system can import: one folder per client.

    The finding's id goes along, so that importing again updates where the system can. Findings that
    have an open ticket (`nhiscan import tickets`) are left out. A profile says what goes into which
    column; what of it is not verified, its notes say. One of your own may extend ours.

    Each file is about one client and names no other. manifest.json lists every file with its
    SHA-256, the findings of each ticket, and what could not be read.
    """
    from nhiscan.clock import now
    from nhiscan.config.load import load
    from nhiscan.errors import UsageError
    from nhiscan.export.gaps.rows import Asked
    from nhiscan.export.tickets import profile as profiles
    from nhiscan.export.tickets.write import export
    from nhiscan.store.read import open_reader

    if is_list:
        for name in profiles.names():
            click.echo(f"{name:18}{profiles.load(name).title}")
        return
    if show is not None:
        profiles.load(show)
        click.echo(profiles.source(show).read_text("utf-8"), nl=False)
        return
    if profile is None or target is None:
        raise UsageError(
            "--profile NAME and --to DIR are needed", hint="`nhiscan export tickets --list`"
        )
    chosen = profiles.load(profile)
    config = load(config_path) if db is None or config_path.exists() else None
    store = config.store if db is None and config else store_path(config_path, db)
    with open_reader(store) as con:
        written = export(
            con, target, chosen, Asked(by="client", **asked),
            group=group, is_all=is_all, now=now(), config=config,
        )  # fmt: skip
    _tell(written, target, chosen.notes)


def _tell(written: "Written", target: Path, notes: list[str]) -> None:
    from nhiscan.text import printable

    for path in written.files:
        click.echo(target / path)
    for path in written.kept:
        click.echo(f"note: {printable(path)} was changed since it was exported: kept", err=True)
    where = printable(str(target))
    click.echo(f"{written.tickets} tickets, {written.findings} findings in {where}", err=True)
    if written.ticketed:
        click.echo(f"{written.ticketed} findings have an open ticket: left out (--all)", err=True)
    for note in notes:
        click.echo(f"note: {printable(note)}", err=True)
    if written.tickets:
        click.echo(
            "hint: import them, then `nhiscan import tickets FILE` closes the loop", err=True
        )
