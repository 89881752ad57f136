"""Stages who owns each identity, from the claims that were judged."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from nhiscan import plugins
from nhiscan.config.model import Config
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.roster import oldest_stale
from nhiscan.ownership.signals import CREATORS_DAYS, TOLERANCE, thresholds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SOURCE = {
    "provider": "VARCHAR",
    "source": "VARCHAR",
    "sliding": "BOOLEAN",
    "window_days": "INTEGER",
}


def stage_verdicts(con: "DuckDBPyConnection", config: Config, at: datetime) -> None:
    """Leave `staged_resolution`; needs everything staged before."""
    numbers: dict[str, Any] = thresholds(config.policy) | {"tolerance": TOLERANCE}
    stale = oldest_stale(config, at)
    stage_rows(con, "claim_source", _SOURCE, _claim_sources(con))
    run_script(con, "nhiscan.ownership", "verdicts.sql", at=at, **numbers)
    run_script(
        con,
        "nhiscan.ownership",
        "unread.sql",
        at=at,
        no_roster=not config.parties,
        stale=stale,
    )
    run_script(con, "nhiscan.ownership", "resolution.sql", stale=stale, **numbers)


def _claim_sources(con: "DuckDBPyConnection") -> list[tuple[str, str, bool, int]]:
    """List the sources that speak of owners of a whole account, as the adapters declare them.

    A source that feeds identities as well speaks of those alone, and their own read covers it.
    """
    used = con.execute("SELECT DISTINCT provider FROM identity_version WHERE valid_to IS NULL")
    present = sorted({row[0] for row in used.fetchall()} & set(plugins.names(plugins.PROVIDERS)))
    return [
        (name, source.name, source.sliding, source.window_days or CREATORS_DAYS)
        for name in present
        for source in plugins.provider(name).sources()
        if "claim" in source.feeds and "identity" not in source.feeds
    ]
