"""Options that commands share, so that each is spelled and explained once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

FORMATS = ("table", "csv", "json", "jsonl", "md", "parquet", "xlsx")


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--config/-c FILE`, passed as `config_path`; the default is ./nhiscan.yaml."""
    return click.option(
        "--config",
        "-c",
        "config_path",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("nhiscan.yaml"),
        envvar="NHISCAN_CONFIG",
        show_default=True,
        show_envvar=True,
        help="The configuration file.",
    )(function)


def db_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--db FILE`, passed as `db`: the store, instead of the one that the configuration names."""
    return click.option(
        "--db",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        envvar="NHISCAN_DB",
        show_envvar=True,
        help="The store, instead of the one that the configuration names.",
    )(function)


def as_of_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--as-of DATE`, passed as `as_of`: text, to be read by `nhiscan.clock.parse`."""
    return click.option(
        "--as-of",
        metavar="DATE",
        default=None,
        help="Answer as the store stood at 00:00 UTC of that date (or at that ISO 8601 time).",
    )(function)


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--format F` and `-o FILE`, passed as `form` and `output` to `nhiscan.cli.output.emit`."""
    function = click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        help="Write to FILE (needed for parquet and xlsx); its ending picks the format.",
    )(function)
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default=None,
        envvar="NHISCAN_FORMAT",
        show_envvar=True,
        help="How to write the result.  [default: table]",
    )(function)


def store_path(config_path: Path, db: Path | None) -> Path:
    """Say which store a command means: `--db`, else the configuration's, read only if needed."""
    if db is not None:
        return db
    from nhiscan.config.load import load

    return load(config_path).store
