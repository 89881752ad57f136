"""Says who records an answer: `--by`, else NHISCAN_BY, else whoever runs the command."""

import os
from collections.abc import Callable
from typing import Any

import click


def by_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--by WHO`, passed as `by`, never empty."""
    return click.option(
        "--by",
        metavar="WHO",
        default=_user,
        envvar="NHISCAN_BY",
        show_envvar=True,
        help="Who says so.  [default: the name of the system's user]",
    )(function)


def recorder() -> str:
    """Say who records what somebody else answered: NHISCAN_BY, else whoever runs the command."""
    return os.environ.get("NHISCAN_BY") or _user()


def _user() -> str:
    from getpass import getuser

    from nhiscan.errors import UsageError

    try:
        return getuser()
    except (KeyError, OSError):  # no such user in this container
        raise UsageError("who says so is not known", hint="add --by, or set NHISCAN_BY") from None
