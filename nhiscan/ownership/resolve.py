"""Concludes, after every merge: who is who, who may act as whom, and who owns what."""

from datetime import datetime
from typing import TYPE_CHECKING

from nhiscan import plugins
from nhiscan.config.model import Config
from nhiscan.graph.reach import stage_reach
from nhiscan.graph.relations import stage_relations
from nhiscan.graph.staging import run_script, scratch, stage_rows
from nhiscan.ownership.claims import stage_claims
from nhiscan.ownership.roster import stage_parties, stage_tenants
from nhiscan.ownership.signals import CREATORS_DAYS, TOLERANCE, thresholds
from nhiscan.store.revision import Revision

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SOURCE = {
    "provider": "VARCHAR",
    "source": "VARCHAR",
    "sliding": "BOOLEAN",
    "window_days": "INTEGER",
}


def resolve(revision: Revision, config: Config, at: datetime) -> None:
    """Make all derived tables but the findings currently true, in one go over the whole store.

    A second run on the same facts at the same or a later time changes no row but confidences.
    People's accounts are judged by the same rules as machines'; the rules about owners leave
    them out (view `governed`). A tag that names nobody in the roster leaves the identity unowned:
    unknown is not gone, and no owner is guessed.
    """
    con = revision.con
    with scratch(con):
        stage_tenants(con, config)
        revision.merge_derived("tenant", "staged_tenant")
        stage_parties(con, config)
        revision.merge_derived("party", "staged_party")
        stage_relations(con, config)
        revision.merge_derived("trust_relation", "staged_trust_relation")
        stage_claims(con, config)
        revision.merge_derived("ownership_claim", "staged_ownership_claim")
        stage_reach(con)
        revision.merge_derived("reach", "staged_reach")
        revision.merge_derived("shared", "staged_shared")
        stage_verdicts(con, config, at)
        revision.merge_derived("resolution", "staged_resolution")


def stage_verdicts(con: "DuckDBPyConnection", config: Config, at: datetime) -> None:
    """Leave `staged_resolution`; needs everything staged before."""
    numbers = thresholds() | {"tolerance": TOLERANCE}
    stage_rows(con, "claim_source", _SOURCE, _claim_sources(con))
    run_script(con, "nhiscan.ownership", "verdicts.sql", at=at, **numbers)
    run_script(
        con,
        "nhiscan.ownership",
        "unread.sql",
        at=at,
        no_roster=not config.parties,
    )
    run_script(con, "nhiscan.ownership", "resolution.sql", **numbers)


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
