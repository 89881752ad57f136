"""`nhiscan export`: writes gap lists for the people who must act, and files for other tools."""

import click

from nhiscan.cli.export_formats import ocsf, oscal, parquet, sarif, schemas
from nhiscan.cli.export_gaps import gaps
from nhiscan.cli.export_graph import graph
from nhiscan.cli.export_summary import summary
from nhiscan.cli.export_tickets import tickets


@click.group("export")
def command() -> None:
    """Write gap lists for the people who must act, and files for other tools."""


for sub in (gaps, graph, ocsf, oscal, parquet, sarif, schemas, summary, tickets):
    command.add_command(sub)
