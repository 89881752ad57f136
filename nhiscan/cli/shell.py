"""`nhiscan shell`: SQL questions one after the other."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nhiscan.cli.options import as_of_option, config_option, db_option, store_path
from nhiscan.errors import Exit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HELP = """\
End a statement with ; to run it. It may span lines.
.tables          the views, with what they hold
.columns VIEW    the columns of a view
.coverage        what was not read whole
.help            this page
.quit            leave (or Ctrl-D)
"""


@click.command("shell")
@as_of_option
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds allowed.")
@db_option
@config_option
def command(as_of: str | None, timeout: float, db: Path | None, config_path: Path) -> Exit:
    """Ask SQL questions interactively, read-only; history is kept in memory only.

    Reads from a pipe as well, and then exits 2 if any statement was refused or failed. Dot
    commands: .tables, .columns VIEW, .coverage, .help, .quit.
    """
    from nhiscan import clock
    from nhiscan.store.read import open_reader

    moment = clock.parse(as_of, "--as-of") if as_of else None
    con = open_reader(store_path(config_path, db), moment)
    failed = False
    for statement in _statements():
        if statement in (".quit", ".exit"):
            break
        failed |= not _answer(con, statement, timeout)
    return Exit.USAGE if failed and not sys.stdin.isatty() else Exit.COMPLETE


def _statements() -> Iterator[str]:
    """Yield dot commands and whole statements, from a terminal or a pipe."""
    terminal = sys.stdin.isatty()
    if terminal:
        import readline  # noqa: F401 - line editing and history, in memory only

        click.echo("nhiscan shell: .help for help", err=True)
    lines: list[str] = []
    while True:
        try:
            line = input(("   ...> " if lines else "nhiscan> ") if terminal else "")
        except EOFError:
            break
        except KeyboardInterrupt:
            lines.clear()
            click.echo("", err=True)
            continue
        if not lines and line.strip().startswith("."):
            yield line.strip()
            continue
        lines.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(lines)
            lines.clear()
    if "\n".join(lines).strip():
        yield "\n".join(lines)


def _answer(con: "DuckDBPyConnection", statement: str, timeout: float) -> bool:
    """Run one statement or dot command; an error is shown, told by False, and the shell goes on."""
    from nhiscan.cli import complain
    from nhiscan.cli.output import emit
    from nhiscan.errors import QueryError
    from nhiscan.sql.coverage import coverage_notes
    from nhiscan.sql.run import run

    word, _, rest = statement.partition(" ")
    try:
        if word == ".help":
            click.echo(HELP)
        elif word == ".coverage":
            click.echo("\n".join(coverage_notes(con)) or "every source was read whole")
        elif word in (".tables", ".columns"):
            emit(run(con, _CATALOGUE[word], {"view": rest.strip()}), None, None)
        elif word.startswith("."):
            raise QueryError(f"no command {word}", hint=".help lists them")
        else:
            emit(run(con, statement, timeout=timeout), None, None)
    except QueryError as error:
        complain(error.message, error.hint)
        return False
    except KeyboardInterrupt:
        complain("stopped")
    return True


_CATALOGUE = {
    ".tables": "SELECT DISTINCT view_name, comment FROM duckdb_views()"
    " WHERE NOT internal AND comment IS NOT NULL ORDER BY view_name",
    ".columns": "SELECT DISTINCT column_index, column_name, data_type, comment"
    " FROM duckdb_columns() WHERE table_name = $view AND comment IS NOT NULL ORDER BY ALL",
}
