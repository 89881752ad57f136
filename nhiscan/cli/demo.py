"""`nhiscan demo`: a sample MSP estate, scanned for real, and where to look first."""

import os
import subprocess
import sys
import time
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from nhiscan.errors import Exit, NhiscanError
from nhiscan.text import printable

if TYPE_CHECKING:
    from nhiscan.demo.highlights import Scanned

_NEXT = (
    ("status", "what was read, what was not, and why"),
    ("gaps", "every open finding"),
    ("query", "the library of questions"),
    ("absent dana.reyes", "what nobody covers while Dana Reyes is away"),
    ("report html -o {page}", "all of it as one page, to look at in a browser"),
    ("export gaps --to {lists}", "one gap list per owner, ready to send"),
)
# Where the commands that the demo proposes write, below its folder.
_PLACES = {"lists": "lists", "page": "estate.html"}


@click.command("demo")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="Where to write the sample project; it must be new, empty, or a demo's own.",
)
def command(folder: Path) -> int:
    """Start a sample MSP estate, scan it, and show what to look at.

    Stand-in clouds run on this machine only, for as long as the scan takes; no account of yours
    is touched. Afterwards DIR holds a project and its store, to explore without them. The sample
    refuses a source of every cloud on purpose, so that you can see how a gap is told; the exit
    code is 0 when those are the only ones.
    """
    from nhiscan.demo import folder as folders
    from nhiscan.demo import highlights, sandbox

    sandbox.require()
    now = folders.claim(folder)
    began = time.monotonic()
    click.echo("Starting the sample estate on this machine …", err=True)
    with sandbox.running(folder, now) as session:
        code = _scan(folder, session)
    if code not in (Exit.COMPLETE, Exit.INCOMPLETE):
        raise NhiscanError(f"the scan of the sample estate failed with exit code {code}")
    scanned = highlights.read(folder / "nhiscan.duckdb")
    _tell(folder, scanned, time.monotonic() - began)
    for gap in scanned.unplanned_gaps:
        click.echo(f"error: not read, and not on purpose: {printable(gap)}", err=True)
    missing = len(scanned.highlights) < len(highlights.QUESTIONS)
    if missing:
        raise NhiscanError("the scan did not find all that is planted in the sample estate")
    return Exit.INCOMPLETE if scanned.unplanned_gaps else Exit.COMPLETE


def _scan(folder: Path, session: dict[str, str]) -> int:
    """Run the real command in the way a user would, its progress on our stderr."""
    call = "import sys; from nhiscan.cli import main; sys.exit(main())"
    arguments = ["scan", "--config", str(folder / "nhiscan.yaml")]
    arguments += ["--db", str(folder / "nhiscan.duckdb")]
    # Settings for the user's own clouds and stores must not leak into the sample's scan.
    ours = {
        name: value
        for name, value in os.environ.items()
        if name == "NHISCAN_NOW" or not name.startswith(("AWS_", "NHISCAN_"))
    }
    finished = subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-c", call, *arguments],
        env=ours | session,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return finished.returncode


def _tell(folder: Path, scanned: "Scanned", seconds: float) -> None:
    from nhiscan.demo.highlights import QUESTIONS

    config = quote(str(folder / "nhiscan.yaml"))
    click.echo(
        f"Scanned {scanned.accounts} accounts in {seconds:.0f} seconds: {scanned.identities}"
        f" identities, {scanned.findings} open findings. Four to look at first:\n"
    )
    for number, found in enumerate(scanned.highlights, 1):
        name, tenant = printable(found.name, 60), printable(found.tenant, 60)
        click.echo(f"{number}. {name} ({tenant}): {QUESTIONS[found.rule]}.")
        click.echo(f"   {found.rule}, {found.severity}: {printable(found.title, 300)}")
        click.echo(f"   nhiscan explain {quote(found.reference)} -c {config}\n")
    click.echo(
        "Three gaps are planted: granite-europe lets nobody list its secrets, Granite's Google"
        " Cloud has the API of last authentications off, and Juniper has no licence for Microsoft's"
        " reports of sign-ins; what rests on them says unknown.\n"
    )
    click.echo(f"{folder} holds the project and its store; the sandbox is gone. Go on offline:")
    places = {name: quote(str(folder / file)) for name, file in _PLACES.items()}
    for words, what in _NEXT:
        click.echo(f"   nhiscan {words.format(**places)} -c {config}    # {what}")
