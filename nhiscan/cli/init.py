"""`nhiscan init`: a starter configuration."""

from pathlib import Path

import click

from nhiscan.errors import UsageError

FILES = ("nhiscan.yaml", "people.csv", "vendors.yaml")


EPILOG = """\b
Examples:
  nhiscan init                              here
  nhiscan init --dir clients                in a folder of its own
"""


@click.command("init", epilog=EPILOG)
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(),
              help="Where to write.  [default: this folder]")  # fmt: skip
def command(folder: Path) -> None:
    """Write a commented starter: nhiscan.yaml, people.csv (the roster) and vendors.yaml.

    Nothing that exists is overwritten.
    """
    from importlib.resources import files

    existing = [name for name in FILES if (folder / name).exists()]
    if existing:
        raise UsageError(
            f"{folder / existing[0]} is there already", hint="name another folder with --dir"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            text = files("nhiscan.starter").joinpath(name).read_text("utf-8")
            (folder / name).write_text(text, encoding="utf-8")
            click.echo(str(folder / name))
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    click.echo(
        "next: fill in the lines marked <-, then `nhiscan permissions aws`, `nhiscan check`,"
        " `nhiscan scan`",
        err=True,
    )
