"""`nhiscan query`: the library of questions."""

from pathlib import Path

import click
from msgspec.structs import asdict

from nhiscan.cli.options import as_of_option, config_option, db_option, output_options, store_path
from nhiscan.errors import UsageError
from nhiscan.sql.library import Query
from nhiscan.table import Table

EPILOG = """\b
Examples:
  nhiscan query                          list the questions
  nhiscan query unowned                  run one
  nhiscan query dormant --param dormant_days=45 --format csv -o dormant.csv
  nhiscan query shared-across-tenants --show
"""


@click.command("query", epilog=EPILOG)
@click.argument("name", required=False)
@click.option(
    "--show", is_flag=True, help="Print the question's help and SQL instead of running it."
)
@click.option(
    "--param", "params", multiple=True, metavar="K=V", help="Set a parameter; repeatable."
)
@as_of_option
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds allowed.")
@output_options
@db_option
@config_option
def command(
    name: str | None,
    show: bool,
    params: tuple[str, ...],
    as_of: str | None,
    timeout: float,
    form: str | None,
    output: Path | None,
    db: Path | None,
    config_path: Path,
) -> None:
    """List the library, or run the question NAME.

    Thresholds come from `policy:` in the configuration and can be set with --param. Every question
    answers `unknown` where a source that it rests on was not read whole.
    """
    from nhiscan import clock
    from nhiscan.cli.output import emit
    from nhiscan.config.policy import thresholds
    from nhiscan.sql import library
    from nhiscan.sql.coverage import coverage_notes
    from nhiscan.sql.run import run
    from nhiscan.store.read import open_reader

    if name is None:
        emit(_listing(list(library.load().values())), form, output)
        return
    query = library.get(name)
    if show:
        _show(query, form, output)
        return
    given = dict(_pair(text) for text in params)
    moment = clock.parse(as_of, "--as-of") if as_of else None
    values = query.values(given, thresholds(config_path), moment or clock.now())
    con = open_reader(store_path(config_path, db), moment)
    notes = coverage_notes(con)
    emit(run(con, query.sql, values, timeout=timeout, title=query.title, notes=notes), form, output)


def _show(query: Query, form: str | None, output: Path | None) -> None:
    """Write the question's help: a page to read, or one row where data is asked for."""
    from nhiscan.cli.output import emit

    if form in (None, "table") and output is None:
        click.echo(_page(query))
        return
    row = {key: value for key, value in asdict(query).items() if key != "params"}
    row["params"] = [asdict(param) for param in query.params]
    emit(Table(columns=tuple(row), rows=[tuple(row.values())], title=query.title), form, output)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--param {text}: not name=value")
    return key, value


def _listing(queries: list[Query]) -> Table:
    rows = [(q.area, q.name, q.title, q.rule, q.severity) for q in queries]
    columns = ("area", "name", "title", "rule", "severity")
    notes = ("`nhiscan query NAME --show` explains one, `nhiscan query NAME` runs it",)
    return Table(columns=columns, rows=rows, title="Query library", notes=notes)


def _page(query: Query) -> str:
    facts = {
        "why": query.why,
        "rule": query.rule,
        "severity": query.severity,
        "frameworks": "; ".join(f"{k}: {', '.join(v)}" for k, v in query.frameworks.items()),
        "unknown": query.unknown,
        "remediation": query.remediation,
    }
    lines = [f"{query.name}: {query.title}", ""]
    lines += [f"{key}: {value}" for key, value in facts.items() if value]
    for param in query.params:
        default = "no default" if param.default is None else f"default {param.default}"
        lines.append(f"param {param.name} ({param.type}, {default}): {param.help}")
    return "\n".join([*lines, "", query.sql])
