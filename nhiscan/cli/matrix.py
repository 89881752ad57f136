"""`nhiscan matrix`: the control matrix as files."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import config_option, output_options
from nhiscan.errors import Exit, UsageError
from nhiscan.matrix.lint import Line, Linted

if TYPE_CHECKING:
    from nhiscan.config.model import Config


EPILOG = """\b
Examples:
  nhiscan matrix lint                       all that is wrong, in one run
  nhiscan matrix fmt --check                in a pipeline: exit 1 if a file is not in form
  nhiscan matrix export-csv --tenant acme -o acme.csv
  nhiscan matrix import-csv acme.csv --dry-run
"""


@click.group("matrix", epilog=EPILOG)
def command() -> None:
    """Check, format and exchange the control matrix: who must do what for which client.

    The matrix is a folder of YAML files that the configuration names under `matrix`; docs/matrix.md
    explains its format by an example.
    """


@command.command("lint", short_help="Tell all that is wrong, with file and line.")
@output_options
@config_option
def lint(form: str | None, output: Path | None, config_path: Path) -> Exit:
    """Tell all that is wrong with the matrix, as FILE:LINE: CODE INSTANCE: what; next step.

    Codes CFG-… are about the files, codes CTL-… are those of the findings that need only matrix
    and roster, judged by the same queries. No store and no cloud is needed. Where a client must
    sign, the line tells who, and the covers_sha256 to enter. What cannot be told because the roster
    does not say who is still here goes to stderr.

    Exit 0: nothing to tell. Exit 1: something is wrong. Exit 2: a file cannot be read.
    """
    from nhiscan.clock import now
    from nhiscan.matrix.lint import lint as judge

    found = judge(_config(config_path)[0], now())
    _tell(found, form, output)
    if found.unreadable:
        return Exit.USAGE
    return Exit.FINDINGS if any(one.known for one in found.lines) else Exit.COMPLETE


_COLUMNS = ("file", "line", "code", "instance", "message", "next_step")


def _tell(found: Linted, form: str | None, output: Path | None) -> None:
    """Write what is wrong as lines, or as a table where a format is asked for."""
    from nhiscan.cli.output import emit
    from nhiscan.table import Table
    from nhiscan.text import printable

    wrong = [one for one in found.lines if one.known]
    if form is None and output is None:
        for one in wrong:
            click.echo(printable(str(one)))
    else:
        rows = [tuple(getattr(one, column) for column in _COLUMNS) for one in wrong]
        emit(Table(columns=_COLUMNS, rows=rows, title="Matrix"), form, output)
    for one in found.lines:
        if not one.known:
            click.echo(f"unknown: {printable(str(one))}", err=True)
    click.echo(_summary(found, wrong), err=True)


def _summary(found: Linted, wrong: list[Line]) -> str:
    size = f"control instances: {found.instances}, files of clients: {found.clients}"
    return f"{size}, problems: {len(wrong) or 'none'}"


@command.command("fmt", short_help="Bring the files into one form, comments and all.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@config_option
def fmt(check: bool, config_path: Path) -> Exit:
    """Bring the files of the matrix into the canonical form, comments and all.

    Keys in the order of the documentation, short parts on one line, quotes only where they are
    needed, an empty line between instances. Files that are in it already are not touched; the
    names of the others are printed. Nothing that a file says is changed.

    Exit 2: a file cannot be read or has no canonical form (it uses & and *, or <<); it is left
    alone.
    """
    from nhiscan.config.marked import Problems
    from nhiscan.matrix.atomic import write_all
    from nhiscan.matrix.fmt import formatted

    problems = Problems()
    changed = formatted(_config(config_path)[1], problems)
    if not check:
        write_all(changed)
    for file in changed:
        click.echo(str(file))
    problems.stop(hint="the other files were looked at")
    return Exit.FINDINGS if check and changed else Exit.COMPLETE


@command.command("export-csv", short_help="Write a row per control instance.")
@click.option("--tenant", "tenants", multiple=True, help="Only this tenant; may be repeated.")
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="Write to FILE instead of stdout.")  # fmt: skip
@click.option("--bom", is_flag=True, help="Begin with a byte order mark, for Excel.")
@config_option
def export_csv(tenants: tuple[str, ...], output: Path | None, bom: bool, config_path: Path) -> None:
    r"""Write the matrix as CSV, one row per control instance, for people with spreadsheets.

    Nothing but comments is lost: `nhiscan matrix import-csv` reads it back. Lists are separated by
    `;`. A cell that a spreadsheet would run begins with `'`, and `\` escapes: `\;` in a list, `\e`
    an empty text, `\-` a duty that nobody has, `\\` itself.
    """
    from nhiscan.cli.choose import known
    from nhiscan.matrix.atomic import write_all
    from nhiscan.matrix.exporting import exported
    from nhiscan.matrix.read import read_matrix

    config, _ = _config(config_path)
    known((tenant.id for tenant in config.tenants), tenants, "tenant")
    matrix = read_matrix(config)
    text = exported(one for one in matrix.clients if not tenants or one.client in tenants)
    text = "\ufeff" + text if bom else text
    if output is None:
        sys.stdout.buffer.write(text.encode())
    else:
        write_all({output: text}, mode=0o600)


@command.command("import-csv", short_help="Bring the files to what a CSV says.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@config_option
def import_csv(file: Path, dry_run: bool, config_path: Path) -> None:
    """Bring the files of `clients/` to what the CSV in FILE says, keeping their comments.

    Instances of a client that have no row are removed; a client without any row is left alone, and
    so is what a column says that the CSV lacks. Every problem is told with its line; if there is
    one, nothing is written. Files that say what the CSV says are not touched; the others are
    printed.
    """
    from nhiscan.matrix.atomic import write_all
    from nhiscan.matrix.importing import changes
    from nhiscan.matrix.problems import Noted
    from nhiscan.matrix.read import read_matrix
    from nhiscan.text import printable

    config, _ = _config(config_path)
    matrix = read_matrix(config)
    problems = Noted()
    found = changes(config, matrix, file, problems)
    problems.stop(hint="nothing was written")
    if not dry_run:
        write_all({one.file: one.text for one in found})
    for one in found:
        click.echo(str(one.file))
        counts = f"{one.added} added, {one.changed} changed, {one.removed} removed"
        click.echo(f"{printable(one.file.name)}: {counts}", err=True)
    if not found:
        click.echo("the matrix says that already", err=True)


@command.command("schema", short_help="Print the files' JSON Schemas, for editors.")
@click.option("--to", "target", metavar="DIR", default=None,
              type=click.Path(path_type=Path, file_okay=False),
              help="Write one file for each kind of file into DIR.")  # fmt: skip
def schema(target: Path | None) -> None:
    """Print the JSON Schemas of the matrix's files, for editors; one object, by kind of file.

    An editor that knows YAML takes a schema from a file's first line, as `nhiscan init` writes it:
    `# yaml-language-server: $schema=../schemas/client.json`.
    """
    from nhiscan.matrix.atomic import write_all
    from nhiscan.matrix.schemas import schemas, written

    found = schemas()
    if target is None:
        click.echo(written(found), nl=False)
        return
    files = {target / f"{kind}.json": written(one) for kind, one in found.items()}
    write_all(files)
    for file in files:
        click.echo(str(file))


def _config(config_path: Path) -> "tuple[Config, Path]":
    """Return the configuration, and the folder of its matrix."""
    from nhiscan.config.load import load

    config = load(config_path)
    if config.matrix is None:
        hint = "add `matrix: matrix/`; `nhiscan init` writes a starter"
        raise UsageError(f"{config.path}: names no matrix", hint=hint)
    return config, config.matrix
