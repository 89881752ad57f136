"""Options that choose findings, spelled and explained once."""

from collections.abc import Callable
from typing import Any

import click

from nhiscan.sql.library import SEVERITIES


def finding_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Pass `tenants`, `owners`, `rules`, `severity` (the least) and `is_new`."""
    options = (
        click.option("--tenant", "tenants", multiple=True, help="Only this client; repeatable."),
        click.option(
            "--owner",
            "owners",
            multiple=True,
            help="Only what this party owns, by id, address or name; `unassigned` for nobody's.",
        ),
        click.option("--rule", "rules", multiple=True, help="Only this rule, such as OWN-01."),
        click.option(
            "--severity",
            type=click.Choice(SEVERITIES),
            default="info",
            show_default=True,
            help="Only findings at least this severe.",
        ),
        click.option(
            "--new-only",
            "is_new",
            is_flag=True,
            help="Only what opened, or came back, at the newest scan or after it.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
