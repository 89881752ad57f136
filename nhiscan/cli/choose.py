"""Checks the names that users give against what the configuration knows."""

from collections.abc import Iterable
from difflib import get_close_matches

from nhiscan.errors import UsageError


def known(names: Iterable[str], given: Iterable[str], what: str) -> None:
    """Raise UsageError with the nearest name if anything given is not among `names`."""
    options = sorted(set(names))
    for name in given:
        if name not in options:
            near = get_close_matches(name, options, n=1)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"known: {', '.join(options) or 'none'}"
            )
            raise UsageError(f"no {what} named {name!r}", hint=hint)
