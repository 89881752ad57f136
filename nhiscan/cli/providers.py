"""`nhiscan providers`: which adapters are installed, and what they read."""

from pathlib import Path

import click

from nhiscan.cli.options import output_options
from nhiscan.table import Table

EPILOG = """\b
Examples:
  nhiscan providers
  nhiscan providers aws --format md
"""


@click.command("providers", epilog=EPILOG)
@click.argument("name", required=False)
@output_options
def command(name: str | None, form: str | None, output: Path | None) -> None:
    """List installed adapters and their versions, or the sources that the adapter NAME reads.

    For each source: what it tells, which calls read it, and what cannot be said without it.
    """
    from nhiscan.cli.output import emit

    emit(_installed() if name is None else _sources(name), form, output)
    if name is None:
        click.echo("hint: `nhiscan providers NAME` lists what it reads", err=True)


def _installed() -> Table:
    from nhiscan import plugins

    rows: list[tuple[object, ...]] = []
    for name in plugins.names(plugins.PROVIDERS):
        package, version = plugins.distribution(plugins.PROVIDERS, name)
        try:
            adapter = plugins.provider(name)
            told: tuple[object, ...] = (adapter.title, len(adapter.sources()))
        except (ImportError, AttributeError) as error:  # one broken package hides no other
            told = (f"cannot be loaded: {error}", None)
        rows.append((name, *told, package, version))
    columns = ("name", "title", "sources", "package", "version")
    return Table(columns=columns, rows=rows, title="Providers")


def _sources(name: str) -> Table:
    from nhiscan import plugins

    rows = [
        (
            source.name,
            source.title,
            ", ".join(source.feeds),
            ", ".join(call.name for call in source.calls),
            source.optional,
            source.sliding,
            source.blind,
        )
        for source in plugins.provider(name).sources()
    ]
    columns = ("source", "title", "feeds", "calls", "optional", "sliding", "blind")
    return Table(columns=columns, rows=rows, title=f"Sources of {name}")
