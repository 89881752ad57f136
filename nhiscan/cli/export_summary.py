"""`nhiscan export summary`: one message about the newest scan, for a webhook."""

from pathlib import Path

import click

from nhiscan.cli.options import config_option, db_option, store_path

EPILOG = """\b
Examples:
  nhiscan export summary
  nhiscan export summary --style slack -o summary.json
  curl -fsS --json @summary.json "$SLACK_WEBHOOK_URL"
"""


@click.command("summary", epilog=EPILOG)
@click.option("--tenant", default=None, help="Only this tenant, behind its wall.")
@click.option(
    "--style",
    type=click.Choice(("json", "slack", "teams")),
    default="json",
    show_default=True,
    help="For whom: programs, Slack (blocks), or Teams (an Adaptive Card).",
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write to FILE instead of stdout.",
)
@config_option
@db_option
def summary(
    tenant: str | None, style: str, output: Path | None, config_path: Path, db: Path | None
) -> None:
    """Write what the newest scan brought, as the body of a webhook; nothing is sent.

    Counts of findings, what is new, came back or is resolved since the scan before, what is
    overdue, by client and by owner, the worst new findings, and what could not be read: then the
    counts are lower bounds, and the text says so.
    """
    from nhiscan.clock import now
    from nhiscan.config.load import load
    from nhiscan.export.summary import render, summarize, write
    from nhiscan.store.read import open_reader

    config = load(config_path) if db is None or config_path.exists() else None
    store = config.store if db is None and config else store_path(config_path, db)
    with open_reader(store) as con:
        content = render(summarize(con, tenant, now(), config), style)
    if output is None:
        click.echo(content, nl=False)
    else:
        write(output, content)
