"""`nhiscan export gaps`: the lists that go to the people who must act."""

import sys
from pathlib import Path
from typing import Any

import click

from nhiscan.cli.finding_options import finding_options
from nhiscan.cli.options import config_option, db_option, store_path
from nhiscan.export.gaps.lists import FORMATS, Written

EPILOG = """\b
Examples:
  nhiscan export gaps --to lists
  nhiscan export gaps --to lists --tenant acme --severity high
  nhiscan export gaps --to news --new-only             what the newest scan brought
  nhiscan export gaps --to by-client --by client --format xlsx
"""
# The progress line is written again at most this often, in files.
_EVERY = 25


@click.command("gaps", epilog=EPILOG)
@click.option(
    "--to",
    "target",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write; nothing outside it is touched.",
)
@finding_options
@click.option(
    "--by",
    type=click.Choice(("owner", "client", "organization")),
    default="owner",
    show_default=True,
    help="What makes a folder; organization is the owner's: msp, client:… or sub:…",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help="May be repeated.  [default: all; eml only by owner]",
)
@config_option
@db_option
def gaps(
    target: Path,
    formats: tuple[str, ...],
    config_path: Path,
    db: Path | None,
    by: str,
    **asked: Any,
) -> None:
    """Write the open findings: one folder per owner, in it one list per client.

    Each list is a CSV, a workbook (XLSX) in which its owner answers, JSON lines (the whole of what
    is known), Markdown, and a mail (.eml) with the workbook attached, to be looked at and sent.
    Mails go to the owner; the backup is copied when half of a finding's time is over, the owner's
    manager when all of it is, and the client's approver at one and a half.

    Each file is about one client and names no other. Findings that nobody owns are in
    `unassigned/`. manifest.json lists every file with its SHA-256, who is written to and why, and
    what could not be read. The same findings give the same bytes; lists of an earlier export that
    no longer apply are removed unless somebody changed them, and other files in DIR are left alone.

    Answers come back with `nhiscan import decisions FILE`.
    """
    from nhiscan.clock import now
    from nhiscan.config.load import load
    from nhiscan.export.gaps.lists import export
    from nhiscan.export.gaps.rows import Asked
    from nhiscan.store.read import open_reader

    # With --db a configuration is not needed, but one that is there knows the clients' contacts.
    config = load(config_path) if db is None or config_path.exists() else None
    store = config.store if db is None and config else store_path(config_path, db)
    with open_reader(store) as con:
        written = export(
            con,
            target,
            Asked(by=by, **asked),  # type: ignore[arg-type] # click has checked it
            formats=tuple(dict.fromkeys(formats)) or _all_forms(by),
            now=now(),
            config=config,
            say=_progress(),
        )
    _tell(written, target, by)


def _all_forms(by: str) -> tuple[str, ...]:
    return tuple(form for form in FORMATS if form != "eml" or by == "owner")


def _progress() -> Any:
    """Return what writes how far an export is, over the same line of a terminal."""
    told = 0

    def say(line: str) -> None:
        nonlocal told
        told += 1
        if sys.stderr.isatty() and told % _EVERY == 0:
            click.echo(f"\r{line}\x1b[K", nl=False, err=True)

    return say


def _tell(written: Written, target: Path, by: str) -> None:
    from nhiscan.text import printable

    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    for path in written.files:
        click.echo(target / path)
    for path in written.kept:
        click.echo(f"note: {printable(path)} was changed since it was exported: kept", err=True)
    many = "1 finding" if written.rows == 1 else f"{written.rows} findings"
    whose = f"{by}s" if written.owners != 1 else by
    click.echo(f"{many} for {written.owners} {whose} in {printable(str(target))}", err=True)
    if written.unowned:
        click.echo(
            f"{written.unowned} of them have no owner: unassigned/ says how to name one", err=True
        )
    if written.rows:
        click.echo("hint: answers come back with `nhiscan import decisions FILE`", err=True)
