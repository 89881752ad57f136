"""Finds providers and reports by entry point, importing only what is asked for."""

from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from nhiscan.errors import UsageError

PROVIDERS = "nhiscan.providers"
REPORTS = "nhiscan.reports"


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


def names(group: str) -> list[str]:
    """List the names registered in a group; imports nothing."""
    return sorted(_points(group))


def distribution(group: str, name: str) -> tuple[str, str]:
    """Name the package that registers a plugin, and its version."""
    dist = _points(group)[name].dist
    return (dist.name, dist.version) if dist else ("unknown", "unknown")


def load(group: str, name: str) -> Any:
    """Import one plugin and make an instance of it; it must provide no arguments."""
    point = _points(group).get(name)
    if point is None:
        near = get_close_matches(name, names(group), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"installed: {', '.join(names(group))}"
        raise UsageError(f"no {group.split('.')[1].rstrip('s')} named {name!r}", hint=hint)
    return point.load()()


def provider(name: str) -> Any:
    """Load one provider adapter."""
    return load(PROVIDERS, name)


def report(name: str) -> Any:
    """Load one output format."""
    return load(REPORTS, name)
