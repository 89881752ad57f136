"""`nhiscan init`: a starter configuration."""

from collections.abc import Iterator
from pathlib import Path

import click

from nhiscan.errors import UsageError

FILES = (
    *("nhiscan.yaml", "people.csv", "vendors.yaml"),
    *("matrix/parties.yaml", "matrix/slas.yaml", "matrix/rules/links.yaml"),
    *("matrix/clients/acme.yaml", "matrix/catalog/README.md"),
)
_SCHEMAS = "matrix/schemas"

EPILOG = """\b
Examples:
  nhiscan init                              here
  nhiscan init --dir clients                in a folder of its own
"""


@click.command("init", epilog=EPILOG)
@click.option("--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(),
              help="Where to write.  [default: this folder]")  # fmt: skip
def command(folder: Path) -> None:
    """Write a commented starter: nhiscan.yaml, people.csv (the roster), vendors.yaml and matrix/.

    The matrix says who must do what for which client; its schemas help an editor to write it.
    Nothing that exists is overwritten.
    """
    existing = [name for name in (*FILES, _SCHEMAS) if (folder / name).exists()]
    if existing:
        raise UsageError(
            f"{folder / existing[0]} is there already", hint="name another folder with --dir"
        )
    try:
        for name, text in _texts():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
            click.echo(str(folder / name))
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    click.echo(
        "next: fill in the lines marked <-, then `nhiscan permissions aws`, `nhiscan check`,"
        " `nhiscan scan`",
        err=True,
    )


def _texts() -> Iterator[tuple[str, str]]:
    """Yield every file with its text; the matrix is about this year."""
    from importlib.resources import files

    from nhiscan.clock import now
    from nhiscan.matrix.schemas import schemas, written

    for name in FILES:
        text = files("nhiscan.starter").joinpath(name).read_text("utf-8")
        yield name, text.replace("@YEAR@", f"{now():%Y}")
    for kind, schema in schemas().items():
        yield f"{_SCHEMAS}/{kind}.json", written(schema)
