"""`nhiscan providers`: which adapters are installed, and what they read."""

from pathlib import Path

import click

from nhiscan.cli.options import output_options


@click.command("providers")
@click.argument("name", required=False)
@output_options
def command(name: str | None, form: str | None, output: Path | None) -> None:
    """List installed adapters and their versions, or the sources that the adapter NAME reads.

    For each source: what it tells, which calls read it, and what cannot be said without it.
    """
    from nhiscan import plugins
    from nhiscan.cli.output import emit
    from nhiscan.table import Table

    rows: list[tuple[object, ...]] = []
    if name is None:
        for known in plugins.names(plugins.PROVIDERS):
            adapter = plugins.provider(known)
            package, version = plugins.distribution(plugins.PROVIDERS, known)
            rows.append((known, adapter.title, len(adapter.sources()), package, version))
        columns: tuple[str, ...] = ("name", "title", "sources", "package", "version")
        emit(Table(columns=columns, rows=rows, title="Providers"), form, output)
        click.echo("hint: `nhiscan providers NAME` lists what it reads", err=True)
        return
    columns = ("source", "title", "feeds", "calls", "optional", "sliding", "blind")
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
    emit(Table(columns=columns, rows=rows, title=f"Sources of {name}"), form, output)
